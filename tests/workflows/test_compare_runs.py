"""Results become runs and versions, runs become a leaderboard, and a version becomes champion."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing

import pytest

from mlproject.errors import ConfigError
from mlproject.tracking.registry.loading import load_registered
from mlproject.tracking.registry.versions import MODEL, version_at, versions
from mlproject.tracking.store import store_client
from mlproject.workflows import import_results, track_experiment
from mlproject.workflows.compare_runs import compare_runs
from mlproject.workflows.promote import promote_version, undo_promotion
from mlproject.workflows.run_tasks import run_tasks
from mlproject.workspace.paths import Workspace
from pipelines.stages import compare, evaluate, task, track
from tests.confs import date_back
from tests.workflows.conftest import configure

TASKS = ["baseline", "easy", "hard", "statistics"]


@pytest.fixture(scope="module")
def experiment(prepared, tmp_path_factory):
    """A workspace with the results of all stages before `track`."""
    workspace = Workspace(tmp_path_factory.mktemp("experiment") / "a workspace")
    shutil.copytree(prepared.root, workspace.root)
    for name in TASKS:
        task.main(workspace, name)
        evaluate.main(workspace, name)
    compare.main([], workspace)
    return workspace


@pytest.fixture
def workspace(workspace, experiment, monkeypatch):
    shutil.rmtree(workspace.root)
    shutil.copytree(experiment.root, workspace.root)
    monkeypatch.setattr(import_results, "stale_stages", lambda *_: set())
    return workspace


def test_track_gives_every_result_its_run_version_and_verdict(workspace, runs):
    track.main([], workspace)
    kinds = [run.data.tags["kind"] for run in runs() if "mlflow.parentRunId" not in run.data.tags]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {"task": 4, "evaluation": 4, "comparison": 1}
    assert {run.info.status for run in runs()} == {"FINISHED"}
    assert sorted(version.tags["task"] for version in versions()) == TASKS
    assert version_at("baseline").tags["task"] == "baseline"
    easy, hard = (next(one for one in versions() if one.tags["task"] == name) for name in ("easy", "hard"))
    assert easy.tags["label_use"] == "label-free"
    assert easy.tags["verdict"] in ("beats", "ties", "loses")
    assert "against PCA + K-Means" in easy.description
    assert (hard.tags["label_use"], hard.tags["verdict"]) == ("label-informed", "none")
    assert "which nobody knows of new music" in hard.description
    measured = next(run for run in runs() if run.data.tags.get("task") == "easy" and run.data.tags["kind"] == "task")
    assert measured.data.metrics["seconds/train"] > 0


def test_track_has_nothing_to_do_a_second_time(workspace, runs, monkeypatch, capsys):
    track.main([], workspace)
    count = len(runs())
    monkeypatch.setattr("mlproject.workflows.import_results.import_results", pytest.fail)
    track.main([], workspace)
    assert "every result has its run" in capsys.readouterr().err
    assert len(runs()) == count


def test_track_looks_into_a_store_that_was_made_anew(workspace, capsys):
    track.main([], workspace)
    with closing(sqlite3.connect(workspace.root / "mlflow.db")) as store, store:
        store.execute("UPDATE experiments SET creation_time = creation_time + 1")  # the same file, to the file system
    capsys.readouterr()
    track.main([], workspace)
    assert "every result has its run" not in capsys.readouterr().err
    track.main([], workspace)
    assert "every result has its run" in capsys.readouterr().err


def test_a_run_shows_the_figures_of_its_own_result(workspace, monkeypatch):
    configure(workspace, "evaluation", figures=True)
    compare.main([], workspace)
    configure(workspace, "tasks/easy", model__epochs=6)
    task.main(workspace, "easy")
    drawn = []
    monkeypatch.setattr(import_results, "write_task_figures", lambda output, _: drawn.append(output.name))
    compare_runs(workspace, [], {})
    assert drawn == ["easy"]


def test_track_fills_another_store_too(workspace, monkeypatch):
    from mlflow import MlflowClient

    track.main([], workspace)
    other = f"sqlite:///{workspace.root / 'other.db'}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", other)
    track.main([], workspace)
    found = MlflowClient(other).search_runs(["0"], "tags.kind = 'task'")
    assert sorted(run.data.tags["task"] for run in found) == TASKS
    assert all(run.data.tags["computed_from"] < run.data.tags["computed_until"] for run in found)


def test_a_store_that_does_not_answer_fails_and_loses_nothing(workspace, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{workspace.root / 'broken.db'}")
    (workspace.root / "broken.db").write_bytes(b"no database at all, but long enough to be looked at" * 40)
    with pytest.raises(OSError, match="does not open"):
        track_experiment.track_experiment(workspace)
    assert (workspace.tasks / "easy" / "scores.json").is_file()


def test_results_without_a_run_get_one_when_runs_are_compared(workspace, capsys):
    compare_runs(workspace, [], {})
    printed = capsys.readouterr()
    assert printed.err.count("had no run in this store and has one now") == 4
    assert "not promoted: " in printed.err
    assert "baseline (" not in printed.err
    assert "report.html are among its artifacts" in printed.out
    compare_runs(workspace, [], {})
    assert "had no run" not in capsys.readouterr().err
    assert len(versions()) == 4


def test_results_of_an_earlier_version_are_skipped_with_one_line(workspace, runs, capsys):
    date_back(workspace.tasks / "easy" / "scores.json")
    compare_runs(workspace, [], {})
    lines = [line for line in capsys.readouterr().err.splitlines() if "earlier version" in line]
    assert len(lines) == 1
    assert "easy" in lines[0]
    tasks = [run.data.tags["task"] for run in runs() if run.data.tags["kind"] == "task"]
    assert sorted(tasks) == ["baseline", "hard", "statistics"]


def test_an_evaluation_of_an_earlier_version_does_not_hold_its_task_back(workspace, runs, capsys):
    date_back(workspace.evaluations / "easy" / "evaluation.json")
    compare_runs(workspace, [], {})
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "earlier version" in line]
    assert line.endswith(": the evaluation of easy")
    kinds = [run.data.tags["kind"] for run in runs() if run.data.tags.get("task") == "easy"]
    assert kinds == ["task"]


def test_runs_of_an_earlier_version_are_left_out_with_one_line(workspace, runs, capsys):
    track.main([], workspace)
    easy = next(run for run in runs() if run.data.tags["kind"] == "task" and run.data.tags["task"] == "easy")
    store_client().delete_tag(easy.info.run_id, "schema_version")
    shutil.rmtree(workspace.tasks / "easy")
    capsys.readouterr()
    compare_runs(workspace, [], {})
    assert "runs of an earlier version that are left out: 1" in capsys.readouterr().err
    with pytest.raises(ConfigError, match="'easy' was logged by an earlier version"):
        compare_runs(workspace, ["easy", "baseline"], {})


def test_a_champion_of_an_earlier_version_loses_the_alias(workspace, capsys):
    track.main([], workspace)
    easy = next(one for one in versions() if one.tags["task"] == "easy")
    shutil.rmtree(workspace.tasks / "easy")
    store_client().delete_tag(easy.run_id, "schema_version")
    store_client().set_registered_model_alias(MODEL, "champion", easy.version)
    store_client().delete_model_version_tag(MODEL, easy.version, "label_use")
    compare_runs(workspace, [], {"task": "baseline"})  # only a comparison of all runs may decide
    assert version_at("champion") is not None
    with pytest.raises(ConfigError, match="of an earlier version of this project"):
        load_registered(f"sqlite:///{workspace.root / 'mlflow.db'}", str(easy.version))
    compare_runs(workspace, [], {})
    assert version_at("champion") is None
    assert "an earlier version of this project registered it" in capsys.readouterr().err


def test_stale_results_are_not_tracked(workspace, runs, monkeypatch, capsys):
    monkeypatch.setattr(import_results, "stale_stages", lambda *_: {"task@easy"})
    compare_runs(workspace, [], {})
    assert "dvc repro renews them): easy" in capsys.readouterr().err
    assert "easy" not in {run.data.tags["task"] for run in runs() if run.data.tags["kind"] == "task"}


def test_filters_choose_runs_and_wrong_ones_are_one_line(workspace, capsys):
    compare_runs(workspace, [], {"task": "easy"})
    printed = capsys.readouterr().out
    assert "easy" in printed
    assert "statistics" not in printed
    with pytest.raises(ConfigError, match="there is no finished run of a task"):
        compare_runs(workspace, [], {"since": "2999-01-01"})
    with pytest.raises(ConfigError, match="is no date"):
        compare_runs(workspace, [], {"since": "soon"})
    with pytest.raises(ConfigError, match="is no finished run of a task"):
        compare_runs(workspace, ["easy", "nothing"], {})


def test_two_runs_side_by_side(workspace, runs, capsys):
    configure(workspace, "evaluation", figures=True)
    run_tasks(workspace, "easy", {"latent_dim": "8"})
    run_tasks(workspace, "easy", {})
    compare_runs(workspace, ["easy latent_dim=8", "easy"], {})
    printed = capsys.readouterr().out
    assert "model.latent_dim" in printed
    assert "40 tracks in common" in printed
    with pytest.raises(ConfigError, match="both names mean the run 'easy'"):
        compare_runs(workspace, ["easy", "easy"], {})
    assert "compare easy latent_dim=8 with easy" in [run.info.run_name for run in runs()]


def test_no_champion_without_a_win_and_nothing_to_take_back(workspace):
    track.main([], workspace)
    with pytest.raises(ConfigError, match="there is no champion to take back"):
        undo_promotion(workspace)
    hard = next(version for version in versions() if version.tags["task"] == "hard")
    with pytest.raises(ConfigError, match="label-informed: what saw a label is never promoted"):
        promote_version(workspace, str(hard.version))


def test_a_person_promotes_a_version_that_passes_and_takes_it_back(workspace, capsys):
    from mlflow import MlflowClient

    track.main([], workspace)
    easy = next(version for version in versions() if version.tags["task"] == "easy")
    tags = {"verdict_ami": "beats", "verdict_ari": "beats", "verdict_purity": "ties", "evaluation_budget": "full"}
    for key, value in tags.items():
        MlflowClient().set_model_version_tag("genre-clusters", easy.version, key, value)
    promote_version(workspace, str(easy.version))
    assert version_at("champion").version == easy.version
    assert "python -m pipelines.promote --undo" in capsys.readouterr().out
    undo_promotion(workspace)
    assert version_at("champion") is None
