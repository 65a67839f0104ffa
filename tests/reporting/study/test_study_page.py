"""What a study shows at its end, on the terminal, as Markdown and as a page."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from mlproject.reporting.study.page import study_markdown, study_page, study_tables

SCORES = {"ami": 0.25, "ari": 0.15, "nmi": 0.3, "purity": None}


def _summary(**changes):
    return {
        "study": "medium-neighbours",
        "task": "medium",
        "objective": ["neighbours"],
        "label_use": "label-free",
        "oracle": False,
        "sampler": "tpe",
        "trials": 8,
        "states": {"complete": 7, "fail": 1},
        "stopped": None,
        "best": [
            {
                "trial": 3,
                "params": {"model.latent_dim": 11, "model.learning_rate": 0.0012345, "model.hidden": [16, 8]},
                "values": {"neighbours": 0.123456},
            }
        ],
        "rows": [
            {"who": "PCA + K-Means", "trial": None, **SCORES},
            {"who": "chosen", "trial": 3, **SCORES, "ami": 0.5},
            {"who": "oracle", "trial": 6, **SCORES, "ami": 0.6},
        ],
        "optimism": None,
        "verdict": None,
        "criteria": {"common_silhouette": 0.5, "reconstruction": -0.25, "silhouette": None},
        "criteria_trials": dict.fromkeys(("common_silhouette", "reconstruction", "silhouette"), 24),
    } | changes


VERDICT = {
    "scores": {},
    "by_artist": True,
    "differences": [
        {"side": "chosen", "against": "default", "metric": metric, "estimate": 0.1, "low": -0.02, "high": 0.22}
        | {"verdict": "ties"}
        for metric in ("ami", "ari")
    ],
}
ORACLE = {
    "label_use": "label-informed",
    "oracle": True,
    "objective": ["ami"],
    "best": [{"trial": 3, "params": {}, "values": {"ami": 0.9}}],
    "optimism": {"metric": "ami", "chosen": {"tuning": 0.9, "held_out": 0.4}},
}


def _lines(text: str, start: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith(start)]


def test_what_was_compared_stands_row_under_row():
    page = study_markdown(_summary())
    assert "8 trials (7 complete, 1 fail) of medium by neighbours, sampler tpe, label-free" in page
    assert "| PCA + K-Means | – | 0.250 | 0.150 | 0.300 | – |" in page
    assert "| chosen | 3 | 0.500 | 0.150 | 0.300 | – |" in page
    assert "| 3 | 0.1235 | latent_dim=11, learning_rate=0.001234, hidden=[16, 8] |" in page
    assert "oracle: the trial that the genres would have chosen, label-informed, no verdict" in page


def test_a_criterion_without_correlation_is_left_out_and_others_have_a_sign():
    page = study_markdown(_summary())
    assert "| common_silhouette | +0.500 | 24 |" in page
    assert "| reconstruction | -0.250 | 24 |" in page
    assert "| silhouette" not in page


def test_a_label_free_study_has_no_warning_and_others_say_why():
    assert "Nothing here is a claim" not in study_markdown(_summary())
    oracle = study_markdown(_summary(**ORACLE))
    assert "**label-informed: the objective is a score against the genres. Nothing here is a claim" in oracle
    leaky = study_markdown(_summary(label_use="label-suspect"))
    assert "label-suspect: a label reaches the vectors" in leaky
    assert '<p class="warning">label-informed' in study_page(_summary(**ORACLE), [])
    assert 'class="warning"' not in study_page(_summary(), [])


def test_the_optimism_of_an_oracle_is_both_halves():
    page = study_markdown(_summary(**ORACLE))
    assert "### Optimism of an oracle (ami)" in page
    assert "| chosen | 0.900 | 0.400 |" in page
    assert "Optimism" not in study_markdown(_summary())


def test_a_verdict_has_its_interval_and_how_tracks_were_drawn():
    page = study_markdown(_summary(verdict=VERDICT))
    assert _lines(page, "| chosen against default") == [
        "| chosen against default | +0.100 [-0.020, +0.220] ties | +0.100 [-0.020, +0.220] ties |"
    ]
    assert "subsamples drawn by artist" in page
    assert "subsamples drawn by track" in study_markdown(_summary(verdict=VERDICT | {"by_artist": False}))


def test_a_front_shows_all_objectives_of_each_trial():
    values = {"reconstruction": 0.5, "latent_size": 16.0}
    best = [{"trial": number, "params": {}, "values": values} for number in (2, 7)]
    page = study_markdown(_summary(objective=list(values), best=best))
    assert "### The Pareto front" in page
    assert "| 2 | 0.5 | 16 |  |" in page
    assert "| 7 | 0.5 | 16 |  |" in page


def test_a_study_that_stopped_says_why():
    assert "; stopped: the time limit of 60 s is over" in study_markdown(
        _summary(stopped="the time limit of 60 s is over")
    )


def test_names_are_escaped_on_the_page():
    nasty = "<script>alert(1)</script>"
    rows = [{"who": nasty, "trial": 1, **SCORES}]
    page = study_page(_summary(study=nasty, stopped=nasty, rows=rows), [(nasty, nasty, _Drawn())])
    assert nasty not in page
    assert page.count("&lt;script&gt;") >= 5
    assert "<div>drawn</div>" in page


def test_the_page_carries_the_library_of_its_figures_once():
    figures = [_Drawn(), _Drawn(), _Drawn()]
    page = study_page(_summary(), [("title", "meaning", figure) for figure in figures])
    assert [figure.library for figure in figures] == [True, False, False]
    assert page.count("<section>") == 3


@pytest.mark.parametrize("changes", [{}, ORACLE, {"verdict": VERDICT}])
def test_the_terminal_shows_the_tables_of_the_page(changes):
    summary = _summary(**changes)
    console = Console(file=io.StringIO(), width=200)
    for table in study_tables(summary):
        console.print(table)
    shown = console.file.getvalue()
    titles = [line.removeprefix("### ") for line in _lines(study_markdown(summary), "### ")]
    assert len(study_tables(summary)) == len(titles) == study_page(summary, []).count("<table>")
    assert all(title in shown for title in titles)


class _Drawn:
    """Stands for a figure of plotly."""

    library = None

    def to_html(self, *, include_plotlyjs, **_):
        self.library = include_plotlyjs
        return "<div>drawn</div>"
