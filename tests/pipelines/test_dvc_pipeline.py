"""`dvc repro`: everything once, only what changed again, the same bits everywhere, and through a remote."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pandas as pd
import pytest

pytestmark = [pytest.mark.pipeline, pytest.mark.slow]
TASKS = ["baseline", "easy", "hard", "medium"]


def test_the_whole_experiment_ends_with_four_finished_runs(finished):
    runs = [run for run in finished.runs() if run.get("kind") == "task"]
    assert sorted((run["task"], run["status"]) for run in runs) == [(task, "FINISHED") for task in TASKS]
    informed = {run["task"]: run["label_use"] for run in runs}
    assert informed == dict.fromkeys(TASKS, "label-free") | {"hard": "label-informed"}
    assert len({run["data_hash"] for run in runs}) == 1
    assert "unknown" not in {run["data_hash"] for run in runs} | {run["features_hash"] for run in runs}
    board = pd.read_csv(finished.folder / "artifacts" / "comparison" / "leaderboard.csv")
    assert sorted(board.task) == TASKS
    assert board.ami.notna().all()
    assert "ami" in finished.run("dvc", "metrics", "show")
    assert "plots" in finished.run("dvc", "plots", "show")


def test_a_second_time_runs_source_and_track_alone(finished_copy):
    output = finished_copy.run("dvc", "repro")
    assert finished_copy.stages_run(output) == ["source", "track"]
    assert "every result has its run" in output


def test_a_changed_task_file_runs_that_task_and_compare(finished_copy):
    finished_copy.configure("tasks/easy", model__epochs=10)
    assert finished_copy.stages_run(finished_copy.run("dvc", "repro")) == [
        "source",
        "task@easy",
        "evaluate@easy",
        "compare",
        "track",
    ]


def test_a_changed_lyrics_setting_leaves_tasks_without_lyrics_alone(finished_copy):
    finished_copy.configure("features", lyrics__source="themes")
    stages = finished_copy.stages_run(finished_copy.run("dvc", "repro"))
    assert sorted(stages[1:-2]) == ["evaluate@hard", "evaluate@medium", "lyrics_features", "task@hard", "task@medium"]
    assert (stages[0], *stages[-2:]) == ("source", "compare", "track")
    board = pd.read_csv(finished_copy.folder / "artifacts" / "comparison" / "leaderboard.csv", index_col="task")
    assert board.label_use["medium"] == "label-informed"


def test_a_colour_makes_the_drawing_stale_and_nothing_else(finished_copy):
    style = finished_copy.folder / "src" / "mlproject" / "reporting" / "style.py"
    style.write_text(style.read_text().replace("#3f90da", "#3f90db"))
    assert _stale(finished_copy) == {"source", "compare", "track"}


def test_a_formula_makes_what_imports_it_stale(finished_copy):
    uncertainty = finished_copy.folder / "src" / "mlproject" / "evaluation" / "uncertainty.py"
    uncertainty.write_text(uncertainty.read_text() + "# a remark\n")
    stale = _stale(finished_copy)
    assert {f"evaluate@{task}" for task in TASKS} <= stale
    assert not stale & {"prepare", "audio_features", "lyrics_features"}


def _stale(clone) -> set[str]:
    return set(json.loads(clone.run("dvc", "status", "--json").splitlines()[-1]))


def test_an_experiment_of_dvc_runs_what_it_changes(finished_copy):
    identity = ["git", "-c", "user.name=test", "-c", "user.email=test@localhost"]
    finished_copy.run(*identity, "add", "-A")
    finished_copy.run(*identity, "commit", "-qm", "Finished")
    output = finished_copy.run("dvc", "exp", "run", "-S", "conf/tasks/medium.yaml:model.latent_dim=8")
    assert finished_copy.stages_run(output) == ["source", "task@medium", "evaluate@medium", "compare", "track"]
    assert "artifacts/metrics/medium.json" in finished_copy.run("dvc", "metrics", "diff")


def test_an_isolated_experiment_of_dvc_logs_to_the_users_store(finished_copy):
    identity = ["git", "-c", "user.name=test", "-c", "user.email=test@localhost"]
    finished_copy.run(*identity, "add", "-A")
    finished_copy.run(*identity, "commit", "-qm", "Finished")
    before = len(finished_copy.runs())
    finished_copy.run("dvc", "exp", "run", "--temp", "-S", "conf/tasks/easy.yaml:model.latent_dim=8")
    new = finished_copy.runs()[before:]
    assert [run["task"] for run in new if run["kind"] == "task"] == ["easy"]
    assert {run["status"] for run in new} == {"FINISHED"}
    assert all((Path(run["artifacts"])).is_relative_to(finished_copy.folder / "mlruns") for run in new)


def test_two_clones_give_the_same_bits(clone, finished):
    clone.run("dvc", "repro", "task@medium", "task@hard")
    ours, theirs = clone.locked_outputs(), finished.locked_outputs()
    for output in ("data/subset", "artifacts/features/audio", "artifacts/tasks/medium", "artifacts/tasks/hard"):
        assert ours[output] == theirs[output], output


def test_subset_and_features_travel_through_a_remote(finished_copy, tmp_path):
    identity = ["git", "-c", "user.name=test", "-c", "user.email=test@localhost"]
    finished_copy.run("dvc", "remote", "add", "-d", "storage", str(tmp_path / "remote"))
    finished_copy.run(*identity, "add", "-A")
    finished_copy.run(*identity, "commit", "-qm", "Share the data")
    finished_copy.run("dvc", "push")
    finished_copy.run("git", "clone", "-q", ".", str(tmp_path / "elsewhere"))
    elsewhere = finished_copy.at(tmp_path / "elsewhere")
    elsewhere.run("dvc", "pull", "prepare", "audio_features", "lyrics_features")
    assert len(list((elsewhere.folder / "data" / "subset").iterdir())) == 40
    for file in ("mfcc.npy", "statistics.npy", "index.parquet"):
        ours, theirs = (clone.folder / "artifacts/features/audio" / file for clone in (elsewhere, finished_copy))
        assert ours.read_bytes() == theirs.read_bytes()


PHASES = {
    "prepare": "data/.subset.new",
    "audio_features": "artifacts/features/.audio.new",
    "task": "artifacts/tasks/.easy.new",
}


@pytest.mark.parametrize("whole_group", [False, True], ids=["dvc alone", "its whole process group"])
@pytest.mark.parametrize("phase", PHASES)
def test_a_killed_repro_leaves_the_next_one_the_same_bits(clone, finished, phase, whole_group):
    process = clone.start("dvc", "repro", "task@easy")
    while not (clone.folder / PHASES[phase]).exists():
        assert process.poll() is None
        time.sleep(0.02)
    if whole_group:
        clone.kill_group(process)
    else:
        process.kill()
        process.wait()
        process.stdout.close()
    clone.run("dvc", "repro", "task@easy")
    ours, theirs = clone.locked_outputs(), finished.locked_outputs()
    for output in ("data/subset", "artifacts/features/audio", "artifacts/tasks/easy"):
        assert ours[output] == theirs[output], output
