"""The explorer's page is complete in itself, holds what it was given, and cannot be broken by a name."""

from __future__ import annotations

import base64
import gzip
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from plotly.offline import get_plotlyjs

import mlproject.reporting.explorer as explorer
from mlproject.reporting.comparison.leaderboard import judge_table
from mlproject.reporting.explorer.page import explorable, explorer_page
from mlproject.reporting.explorer.summary import judge_runs
from mlproject.results.record import NotApplicable
from tests.reporting.comparison.compared_runs import compared_run, missing_run, with_projections
from tests.reporting.explorer.explored_runs import (
    ENTITY,
    MARKUP,
    explored_run,
    explored_tracks,
    hostile_run,
    packed,
    page_data,
    task_scores,
)
from tests.results.records import DIFFERENCE, TESTED, VERDICT, evaluation_record


class Tags(HTMLParser):
    """Collects all elements and the names of their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, ...]] = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, *(name for name, _ in attrs)))


def _tags(page: str) -> list[tuple[str, ...]]:
    tags = Tags()
    tags.feed(page)
    return tags.found


def _only(page: str) -> dict:
    return page_data(page)["runs"][0]


def test_nothing_in_the_page_looks_like_an_address():
    tracks = explored_tracks()
    tracks["genre"] = "http://example.org"
    clip = base64.b64decode("httphttp")
    page = explorer_page([explored_run(tracks=tracks)], title="http & co", clips={tracks["track_id"][0]: clip})
    assert "http" not in page
    assert page_data(page)["tracks"]["genre"][0] == "http://example.org"
    assert base64.b64decode(packed(page, "clip-0")) == clip
    assert page.count("<title>&#104;ttp &amp; co</title>") == 1


def test_tracks_come_back_as_they_were_given():
    tracks = explored_tracks(30).sample(frac=1, random_state=1).reset_index(drop=True)
    data = page_data(explorer_page([explored_run(tracks=tracks)], title="t"))
    run = data["runs"][0]
    for name, column in data["tracks"].items():
        assert [column[place] for place in run["track"]] == tracks["track_id" if name == "id" else name].tolist()
    assert run["cluster"] == tracks["cluster"].tolist()
    np.testing.assert_allclose(run["distance"], tracks["distance"], atol=1e-4)
    for name in ("umap", "tsne"):
        expected = tracks[[f"{name}_x", f"{name}_y"]].to_numpy().T
        np.testing.assert_allclose(run["projections"][name], expected, atol=1e-4 * np.ptp(expected))


def test_clusters_come_back_as_they_were_described():
    run = explored_run()
    data = page_data(explorer_page([run], title="t"))
    for given, shown in zip(run.task.clusters, data["runs"][0]["clusters"], strict=True):
        assert dict(shown["genres"]) == given.genres
        assert shown["genres"][0][1] == max(given.genres.values())
        assert tuple(data["tracks"]["id"][place] for place in shown["central"]) == given.central
        assert shown["apart"] == [["louder", 1.31]]
        assert shown["purity"] == pytest.approx(given.purity, abs=1e-3)


def test_runs_share_one_list_of_tracks():
    tracks = explored_tracks()
    fewer = tracks.drop(columns=["genre", "artist"]).iloc[3:]
    data = page_data(explorer_page([explored_run("few", tracks=fewer), explored_run(tracks=tracks)], title="t"))
    assert data["tracks"]["id"] == tracks["track_id"].tolist()
    assert data["tracks"]["genre"] == tracks["genre"].tolist()
    assert data["runs"][0]["track"] == list(range(3, 12))


def test_the_library_is_unpacked_to_what_was_installed():
    page = explorer_page([explored_run()], title="t")
    assert gzip.decompress(base64.b64decode(packed(page, "plotly"))).decode() == get_plotlyjs()


def test_only_clips_of_shown_tracks_that_sound_are_kept():
    page = explorer_page(
        [explored_run()], title="t", clips={"track.00002": b"abc", "track.00003": b"", "elsewhere": b"def"}
    )
    assert page_data(page)["clips"] == [2]
    assert packed(page, "clip-2") == "YWJj"
    assert page.count('id="clip-') == 1


def test_names_that_try_to_be_markup_stay_names():
    page = explorer_page([hostile_run()], title=MARKUP)
    assert _tags(page) == _tags(explorer_page([explored_run()], title="t"))
    data = page_data(page)
    assert data["runs"][0]["name"] == MARKUP
    assert {name.rsplit(" ", 1)[0] for name in data["tracks"]["id"]} == {MARKUP, ENTITY}


def test_a_corpus_without_labels_has_no_genre_anywhere():
    tracks = explored_tracks(labelled=False)
    data = page_data(explorer_page([explored_run(tracks=tracks)], title="t"))
    assert data["tracks"]["genre"] is data["tracks"]["artist"] is None
    assert all(one["purity"] is None and one["genres"] == [] for one in data["runs"][0]["clusters"])
    assert [row["metric"] for row in data["runs"][0]["scores"]] == ["silhouette"]


def test_what_is_not_known_of_a_track_is_missing():
    tracks = explored_tracks()
    tracks.loc[0, ["genre", "cluster", "distance"]] = [None, -1, np.nan]
    data = page_data(explorer_page([explored_run(tracks=tracks)], title="t"))
    assert data["tracks"]["genre"][0] is None
    assert data["tracks"]["genre"][1] == "genre 1"
    assert data["runs"][0]["cluster"][0] == -1
    assert data["runs"][0]["distance"][0] is None


@pytest.mark.parametrize("spread", [0.0, 1e-3, 1e7])
def test_maps_of_any_size_keep_their_shape(spread):
    tracks = explored_tracks()
    tracks["umap_x"] = spread * np.linspace(0, 1, len(tracks))
    found = _only(explorer_page([explored_run(tracks=tracks)], title="t"))["projections"]["umap"][0]
    np.testing.assert_allclose(found, tracks["umap_x"], atol=1e-4 * spread)


def test_the_same_runs_give_the_same_page():
    assert explorer_page([explored_run()], title="t") == explorer_page([explored_run()], title="t")


def test_a_page_without_clips_is_small():
    tracks = explored_tracks(400, clusters=10)
    page = explorer_page([explored_run(f"run {index}", tracks=tracks) for index in range(15)], title="t")
    assert len(page.encode()) < 6e6


def test_a_page_of_nothing_is_refused():
    with pytest.raises(ValueError, match="at least"):
        explorer_page([], title="t")


def test_a_run_that_was_not_evaluated_proves_nothing():
    run = _only(explorer_page([explored_run()], title="t"))
    assert run["claim"].startswith("Not evaluated")
    assert run["scores"][0] == {
        "metric": "AMI",
        "values": [0.5, 0.4, 0.07],
        "own": [],
        "difference": None,
        "verdict": None,
    }
    assert run["scores"][1]["values"][2] is None
    failed = explored_run(evaluation=NotApplicable(task="medium", corpus="demo", reason="no labels"))
    assert _only(explorer_page([failed], title="t"))["claim"].startswith("Not evaluated")


def test_verdicts_are_corrected_over_all_runs_of_the_page():
    p_values = {"ami": 1e-5, "ari": 0.02, "purity": 0.03}
    weak = {metric: DIFFERENCE | VERDICT | {"p_value": p_value} for metric, p_value in p_values.items()}
    evaluations = {task: evaluation_record(task, differences=weak) for task in ("a", "b")}
    runs = [explored_run(task, evaluation=record) for task, record in evaluations.items()]
    data = page_data(explorer_page([*runs, explored_run("c")], title="t"))
    assert data["claims"] == 6
    expected = judge_table(evaluations, level=0.05)["a", "ari"]
    assert judge_runs(runs)[0]["ari"] == expected
    rows = {row["metric"]: row for row in data["runs"][0]["scores"]}
    assert rows["ARI"]["difference"] == [0.1, round(expected.low, 3), round(expected.high, 3)]
    assert rows["NMI"]["verdict"] is None
    assert data["runs"][2]["claim"].startswith("Not evaluated")


def _claim(**differences) -> str:
    evaluation = evaluation_record(differences={name: VERDICT | found for name, found in differences.items()})
    return _only(explorer_page([explored_run(evaluation=evaluation)], title="t"))["claim"]


def test_a_claim_is_one_sentence():
    lost, tied = DIFFERENCE | {"estimate": -0.3}, DIFFERENCE | {"estimate": 0.001}
    claim = _claim(ami=DIFFERENCE, ari=DIFFERENCE, purity=lost)
    assert claim == "Against PCA + K-Means, this task beats in AMI and ARI and loses in purity."
    assert _claim(**dict.fromkeys(TESTED, tied)) == "Against PCA + K-Means, this task ties in AMI, ARI and purity."


def test_what_claims_nothing_says_why():
    assert "is PCA + K-Means itself" in _claim(ami=DIFFERENCE | {"estimate": 0.0, "standard_error": 0.0})
    assert "without genres" in _claim()
    suspect = explored_run(evaluation=evaluation_record("medium", "label-suspect"))
    run = _only(explorer_page([suspect], title="t"))
    assert run["claim"].startswith("No verdict")
    assert "alone tells the genre" in run["leakage"]


def test_what_has_no_projections_is_not_explorable(tmp_path):
    drawn = with_projections(compared_run(tmp_path, "easy"))
    assert explorable([missing_run(tmp_path), drawn, compared_run(tmp_path, "vae")]) == [drawn]


@pytest.mark.parametrize(
    ("status", "words"),
    [("label-free", "no genre label"), ("label-informed", "blocks: genre"), ("label-suspect", "'lyrics' alone")],
)
def test_every_run_says_whether_labels_leaked(status, words):
    tracks = explored_tracks()
    run = _only(explorer_page([explored_run(scores=task_scores("a", tracks, status))], title="t"))
    assert run["status"] == status
    assert words in run["leakage"]


def test_the_package_carries_what_runs_in_the_browser():
    patterns = (Path(__file__).resolve().parents[3] / "pyproject.toml").read_text()
    folder = Path(explorer.__file__).parent
    kinds = {path.suffix for path in folder.iterdir() if path.suffix not in (".py", "")}
    assert kinds == {".html", ".css", ".js"}
    assert all(f"reporting/explorer/*{kind}" in patterns for kind in kinds)
