"""The stages of dvc.yaml in one process: what each writes, what it keeps, and that none opens a store or draws."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from mlproject.errors import StageError
from mlproject.files import read_json, write_json
from mlproject.results.evaluation_record import EvaluationOutput
from mlproject.results.task_output import TaskOutput
from mlproject.workflows.inputs import load_corpus
from mlproject.workflows.jobs import committed_job
from mlproject.workflows.measured import read_measured
from mlproject.workspace.facts import corpus_facts
from mlproject.workspace.paths import Workspace
from pipelines.stages import audio_features, compare, evaluate, lyrics_features, prepare, source, task
from tests.confs import date_back
from tests.small_table import write_small_table
from tests.workflows.conftest import ROOT, configure, empty_workspace, run_data_stages


@pytest.fixture(scope="module")
def computed(prepared, tmp_path_factory):
    """A workspace after all stages that compute."""
    root = tmp_path_factory.mktemp("computed") / "a workspace"
    shutil.copytree(prepared.root, root)
    workspace = Workspace(root)
    for name in ("baseline", "easy", "hard", "statistics"):
        task.main(workspace, name)
        evaluate.main(workspace, name)
    return workspace


def test_a_task_writes_its_result_and_what_dvc_shows_of_it(computed):
    output = TaskOutput(computed.tasks / "easy")
    assert output.record.corpus == "demo"
    assert output.latent.shape == (40, 32)
    assert output.projections is not None
    metrics = json.loads((computed.metrics / "easy.json").read_text())
    assert metrics["ami"] == output.record.scores["kmeans"]["ami"]
    assert list(pd.read_csv(computed.losses / "easy.csv").epoch) == [1, 2, 3, 4, 5]
    assert list(pd.read_csv(computed.losses / "baseline.csv").columns) == ["epoch", "loss"]


def test_a_result_holds_nothing_that_differs_from_run_to_run(computed):
    before = {path.name: path.read_bytes() for path in (computed.tasks / "easy").rglob("*") if path.is_file()}
    task.main(computed, "easy")
    after = {path.name: path.read_bytes() for path in (computed.tasks / "easy").rglob("*") if path.is_file()}
    assert before.keys() == after.keys()
    assert [name for name in before if before[name] != after[name] and not name.endswith(".parquet")] == []


def test_what_a_result_took_is_kept_beside_the_outputs(computed):
    measured, times = read_measured(computed, computed.tasks / "easy")
    assert times["computed_from"] < times["computed_until"]
    assert measured["seconds/train"] > 0
    assert measured["memory/peak_mib"] > 10


def test_what_was_measured_before_times_were_kept_is_read(computed, tmp_path):
    other = Workspace(tmp_path)
    (kept,) = [path for path in computed.measured.iterdir() if read_json(path)["measured"] == _measured(computed)]
    write_json(other.measured / kept.name, {"measured": {"seconds/train": 2.0}})
    assert read_measured(other, computed.tasks / "easy") == ({"seconds/train": 2.0}, {})


def _measured(workspace):
    return read_measured(workspace, workspace.tasks / "easy")[0]


def test_a_result_that_was_computed_elsewhere_has_no_measurements(computed, tmp_path):
    other = Workspace(tmp_path)
    assert read_measured(other, computed.tasks / "easy") == ({}, {})


def test_an_evaluation_says_whether_the_task_beats_the_baseline(computed):
    record = EvaluationOutput(computed.evaluations / "easy").record
    assert record.label_use == "label-free"
    assert {difference.verdict for difference in record.differences.values()} <= {"beats", "ties", "loses"}
    hard = EvaluationOutput(computed.evaluations / "hard").record
    assert hard.label_use == "label-informed"
    assert {difference.verdict for difference in hard.differences.values()} == {"none"}


def test_a_task_that_the_corpus_does_not_allow_ends_well(workspace, capsys):
    labels = pd.read_parquet(workspace.labels)
    labels.assign(genre=None).to_parquet(workspace.labels)
    task.main(workspace, "hard")
    evaluate.main(workspace, "hard")
    output = TaskOutput(workspace.tasks / "hard")
    assert not output.finished
    assert "genre condition" in output.not_applicable.reason
    assert json.loads((workspace.metrics / "hard.json").read_text()) == {}
    assert "hard is not applicable" in capsys.readouterr().err


def test_compare_draws_what_the_results_show_and_keeps_it(computed):
    configure(computed, "evaluation", figures=True)
    compare.main([], computed)
    folder = computed.comparison
    drawn = {path: path.stat().st_mtime_ns for path in (folder / "figures" / "tasks" / "easy").glob("*.png")}
    assert {path.stem for path in drawn} >= {"tsne", "umap", "methods", "reconstruction", "mfcc_by_genre", "loss"}
    assert (folder / "figures" / "evaluation" / "easy" / "verdict.png").is_file()
    assert (folder / "report.html").is_file()
    board = pd.read_csv(folder / "leaderboard.csv", index_col="task")
    assert sorted(board.index) == ["baseline", "easy", "hard", "statistics"]
    keys = json.loads((folder / "figures.json").read_text())
    compare.main([], computed)
    assert json.loads((folder / "figures.json").read_text()) == keys
    assert {path: path.stat().st_mtime_ns for path in drawn} == drawn  # copied with their times, not drawn again


def test_only_what_its_result_made_stale_is_drawn_again(computed, monkeypatch):
    configure(computed, "evaluation", figures=True)
    compare.main([], computed)
    configure(computed, "tasks/easy", model__epochs=6)
    task.main(computed, "easy")
    drawn = []
    monkeypatch.setattr("mlproject.workflows.drawing.write_task_figures", lambda output, _: drawn.append(output.name))
    compare.main([], computed)
    assert drawn == ["easy"]


def test_compare_leaves_out_what_an_earlier_version_has_written_with_one_line(computed, tmp_path, capsys):
    shutil.copytree(computed.root, tmp_path / "a copy")
    copy = Workspace(tmp_path / "a copy")
    for path in (copy.tasks / "easy" / "scores.json", copy.evaluations / "hard" / "evaluation.json"):
        date_back(path)
    compare.main([], copy)
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "earlier version" in line]
    assert line.endswith(": easy, the evaluation of hard")
    board = pd.read_csv(copy.comparison / "leaderboard.csv", index_col="task")
    assert sorted(board.index) == ["baseline", "hard", "statistics"]


def test_one_more_track_computes_that_track_alone(workspace, capsys):
    configure(workspace, "data", tracks_per_genre=5)
    run_data_stages(workspace)
    assert "10 clips to compute, 40 kept" in capsys.readouterr().err
    assert load_corpus(workspace).inputs.n_tracks == 50


def test_features_that_are_not_there_are_one_line(tmp_path):
    with pytest.raises(StageError, match="the features are not there; run: dvc repro audio_features"):
        load_corpus(empty_workspace(tmp_path))


def test_themes_make_a_task_label_informed(workspace):
    configure(workspace, "features", lyrics__source="themes")
    source.main([], workspace)
    lyrics_features.main([], workspace)
    assert load_corpus(workspace).inputs.texts.row_by_genre is not None


@pytest.mark.parametrize("name", ["audio_features", "evaluate", "lyrics_features", "prepare", "source", "task"])
def test_a_stage_that_computes_imports_neither_mlflow_nor_matplotlib(name):
    code = f"import pipelines.stages.{name}, sys; assert not {{'mlflow', 'matplotlib'}} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


class TestFolder:
    @pytest.fixture
    def workspace(self, tmp_path, write_tone):
        """12 tones in three folders, one file that is no audio, one silent, one empty."""
        import soundfile

        music = tmp_path / "music"
        for number in range(12):
            write_tone(music / f"shelf {number % 3}" / f"track {number}.wav", frequency=200.0 + 40 * number)
        (music / "shelf 0" / "broken.wav").write_bytes(b"RIFF nothing that decodes")
        (music / "shelf 1" / "empty.flac").touch()
        soundfile.write(music / "shelf 2" / "silent.wav", np.zeros(44100), 22050)
        workspace = empty_workspace(tmp_path / "a workspace")
        configure(workspace, "data", corpus="folder", root=str(music), tracks_per_genre=None)
        return workspace

    def test_what_cannot_be_used_is_listed_with_its_reason(self, workspace, capsys):
        run_data_stages(workspace)
        assert "3 tracks left out" in capsys.readouterr().err
        reasons = pd.read_csv(workspace.rejected, index_col="track_id").reason
        assert "does not decode" in reasons["shelf 0/broken"]
        assert "empty" in reasons["shelf 1/empty"]
        assert "silent" in reasons["shelf 2/silent"]
        corpus = load_corpus(workspace)
        assert sorted(set(corpus.inputs.genres)) == ["shelf 0", "shelf 1", "shelf 2"]

    def test_without_labels_there_are_no_genres(self, workspace):
        configure(workspace, "data", labels="none")
        run_data_stages(workspace)
        assert load_corpus(workspace).inputs.genres is None

    def test_words_of_a_users_file_belong_to_their_tracks(self, workspace, tmp_path, capsys):
        ids = [f"shelf {number % 3}/track {number}" for number in range(10)]
        table = pd.DataFrame({"track_id": [*ids, "stranger"], "text": [f"song {i}" for i in range(11)]})
        table.to_csv(tmp_path / "words.csv", index=False, sep=";")
        configure(workspace, "features", lyrics__source="file", lyrics__file=str(tmp_path / "words.csv"))
        run_data_stages(workspace)
        printed = capsys.readouterr().err
        assert "words.csv was read with semicolons between its cells" in printed
        assert "10 of 12 tracks have a text" in printed
        assert "1 ids of the file are no track of the subset, such as 'stranger'" in printed
        texts = load_corpus(workspace).inputs.texts
        assert (len(texts.vectors), int((texts.row_by_track >= 0).sum())) == (10, 10)


class TestTable:
    @pytest.fixture
    def table(self, tmp_path):
        return write_small_table(tmp_path)

    @pytest.fixture
    def workspace(self, tmp_path, table):
        workspace = empty_workspace(tmp_path / "a workspace")
        configure(workspace, "data", corpus="table", root=str(table), tracks_per_genre=None)
        return workspace

    def test_what_is_left_out_is_logged_and_listed(self, workspace, capsys):
        run_data_stages(workspace)
        printed = capsys.readouterr().err
        for words in (
            "18 tracks of the table corpus, 3 columns of each",
            "column 'constant' left out: one value alone",
            "column 'title' left out: not numeric, such as 'song'",
            "column 'length' left out: the length of the file",
            "column 'Unnamed: 0' left out: no name",
            "b.19: left out: identical to a.00, which is right and not left",
            "artists: that of 5 of 18 tracks is known",
        ):
            assert words in printed
        assert pd.read_csv(workspace.rejected, index_col="track_id").reason.to_dict() == {
            "b.03": "1 of 3 columns are missing or infinite, such as tempo",
            "b.19": "identical to a.00, which is right and not left",
        }
        facts = corpus_facts(workspace)
        assert (facts.holds, facts.columns, len(facts.columns_left_out)) == ("statistics", 3, 4)

    def test_tasks_get_the_columns_labels_and_artists_in_one_order(self, workspace, table):
        run_data_stages(workspace)
        inputs, ids = load_corpus(workspace).inputs, pd.read_parquet(workspace.audio / "index.parquet").track_id
        own = pd.read_csv(table).assign(track_id=lambda frame: frame.filename.str[:-4]).set_index("track_id").loc[ids]
        np.testing.assert_array_equal(inputs.statistics, own[["loudness", "tempo", "pitch"]].to_numpy(np.float32))
        assert list(inputs.genres) == list(own.label)
        assert (inputs.mfcc, inputs.texts, inputs.faulty) == (None, None, None)
        for row, (artist, known) in enumerate(zip(inputs.artists, own.artist, strict=True)):
            assert artist == (f"track:{row}" if pd.isna(known) else known)

    def test_faulty_tracks_are_marked_where_they_are_asked_for(self, workspace, capsys):
        configure(workspace, "data", exclude_faults=False)
        run_data_stages(workspace)
        assert "1 tracks with a known fault are in use" in capsys.readouterr().err
        ids = pd.read_parquet(workspace.audio / "index.parquet").track_id
        assert list(ids[load_corpus(workspace).inputs.faulty]) == ["b.19"]

    def test_a_users_artists_take_the_place_of_the_tables_own(self, workspace, tmp_path):
        (tmp_path / "people.csv").write_text("track_id,artist_group\na.00,7\nb.01,7\nb.05,\nstranger,8\n")
        configure(workspace, "data", artists=str(tmp_path / "people.csv"))
        run_data_stages(workspace)
        artists = load_corpus(workspace).inputs.artists
        ids = pd.read_parquet(workspace.audio / "index.parquet").track_id
        assert set(ids[artists == "7"]) == {"a.00", "b.01"}
        assert len(set(artists)) == len(artists) - 1

    def test_speech_recognition_needs_audio(self, workspace):
        configure(workspace, "features", lyrics__source="asr")
        source.main([], workspace)
        prepare.main([], workspace)
        with pytest.raises(ValueError, match=r"a table of features has no audio to hear: set lyrics\.source to file"):
            lyrics_features.main([], workspace)

    def test_a_table_after_the_demo_and_the_demo_after_a_table(self, workspace, table, capsys):
        configure(workspace, "data", corpus="demo", root=None, tracks_per_genre=1)
        run_data_stages(workspace)
        configure(workspace, "data", corpus="table", root=str(table), tracks_per_genre=2)
        for stage in (source, prepare, audio_features):
            stage.main([], workspace)
        assert not (workspace.audio / "mfcc.npy").exists()
        configure(workspace, "data", corpus="demo", root=None, tracks_per_genre=2)
        for stage in (source, prepare, audio_features):
            stage.main([], workspace)
        assert "20 clips to compute, 0 kept" in capsys.readouterr().err

    def test_a_task_that_needs_frames_is_not_applicable(self, workspace):
        run_data_stages(workspace)
        task.main(workspace, "easy")
        assert "a feature table has none" in TaskOutput(workspace.tasks / "easy").not_applicable.reason
        assert committed_job(workspace, "easy").task.blocks.audio == "mfcc"
