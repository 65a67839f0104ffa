"""The command `study`: from its start to a task file, shared, interrupted, killed, misused."""

from __future__ import annotations

import os
import re
import shutil
import signal
import time
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
import yaml

from mlproject.errors import ConfigError
from mlproject.tuning.shared_study import SharedStudy
from mlproject.tuning.storage import open_storage
from tests.pipelines.conftest import Clone, small_clone

pytestmark = [pytest.mark.pipeline, pytest.mark.slow]
LOCAL = ("--env-manager", "local")
STUDY = ("python", "-m", "pipelines.study")
SPACE = {
    "model.latent_dim": {"int": [4, 32], "log": True},
    "model.learning_rate": {"float": [0.0001, 0.01], "log": True},
}


def _small(clone: Clone) -> Clone:
    """Let studies of a clone be short, and each trial long enough to be interrupted."""
    clone.configure("study", trials=4, batch_size=2, verdict=False, space=SPACE)
    clone.configure("tasks/medium", model__epochs=400)
    return clone


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A clone with features and the baseline, ready for a study."""
    clone = _small(small_clone(tmp_path_factory.mktemp("prepared") / "a clone"))
    clone.run("python", "-m", "pipelines.task", "task=baseline")
    return clone


@pytest.fixture
def study_clone(prepared, tmp_path):
    """A copy of it that a test may change."""
    shutil.copytree(prepared.folder, tmp_path / "copy", symlinks=True)
    return Clone.at(tmp_path / "copy")


@pytest.fixture(scope="module")
def studied(prepared, tmp_path_factory):
    """A clone with a finished study of six trials that nobody disturbed; tests only read it."""
    folder = tmp_path_factory.mktemp("studied") / "a clone"
    shutil.copytree(prepared.folder, folder, symlinks=True)
    clone = Clone.at(folder)
    clone.configure("study", trials=6)
    clone.before = len(clone.runs())
    clone.output = clone.run(*STUDY, "task=medium", "workers=1")
    return clone


@pytest.fixture
def studied_copy(studied, tmp_path):
    """A copy of it that a test may change."""
    shutil.copytree(studied.folder, tmp_path / "copy", symlinks=True)
    return Clone.at(tmp_path / "copy")


def _files(clone: Clone, name: str = "medium-neighbours") -> Path:
    return clone.folder / "artifacts" / "studies" / name


def _table(clone: Clone) -> str:
    return (_files(clone) / "trials.csv").read_text()


def _study_runs(clone: Clone) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Return the one run of a study and its children, which are all that it has."""
    parents = [run for run in clone.runs() if run.get("kind") == "study"]
    assert len(parents) == 1
    children = [run for run in clone.runs() if run.get("kind") == "trial"]
    assert {run["mlflow.parentRunId"] for run in children} <= {parents[0]["id"]}
    assert sorted(run["trial"] for run in children) == [str(number) for number in range(len(children))]
    return parents[0], children


def _expect_trials(clone: Clone, count: int) -> None:
    parent, children = _study_runs(clone)
    assert len(children) == count
    assert Counter(run["status"] for run in [parent, *children]) == {"FINISHED": count + 1}


def test_a_study_is_one_run_with_a_child_per_trial(studied):
    _expect_trials(studied, 6)
    parent, children = _study_runs(studied)
    assert len(studied.runs()) == studied.before + 7
    assert (parent["task"], parent["outcome"], parent["name"]) == ("medium", "finished", "medium-neighbours")
    assert {run["label_use"] for run in children} <= {"label-free", "label-suspect"}
    assert {path.name for path in Path(parent["artifacts"]).iterdir()} >= {"best.yaml", "study.html", "figures"}
    assert not any((Path(run["artifacts"]) / "model").exists() for run in children)


def test_it_says_what_came_of_it_and_where_it_is(studied):
    for words in ("study medium-neighbours: 6 trials of medium by neighbours, 1 worker", "chosen", "best.yaml"):
        assert words in studied.output
    assert list(pd.read_csv(_files(studied) / "trials.csv").number) == list(range(6))
    assert len(list((_files(studied) / "figures").glob("*.png"))) >= 5


def test_the_same_command_again_trains_nothing_and_more_trials_go_on(studied_copy):
    table = _table(studied_copy)
    studied_copy.run(*STUDY, "task=medium", "workers=1")
    _expect_trials(studied_copy, 6)
    assert _table(studied_copy) == table
    studied_copy.run(*STUDY, "task=medium", "workers=2", "trials=7")
    _expect_trials(studied_copy, 7)
    assert _table(studied_copy).splitlines()[:7] == table.splitlines()


def test_what_a_study_has_decided_holds(studied):
    output = studied.run(*STUDY, "task=medium", "--verify")
    assert output.strip().endswith("medium-neighbours: all decisions of 6 trials hold")


def test_the_best_task_file_runs_as_it_is(studied_copy):
    shutil.copy(_files(studied_copy) / "best.yaml", studied_copy.folder / "conf" / "tasks" / "tuned.yaml")
    output = studied_copy.run("python", "-m", "pipelines.task", "task=tuned")
    assert "tuned: " in output
    assert studied_copy.runs()[-1]["status"] == "FINISHED"


def test_mlflow_run_is_the_parent_itself(study_clone):
    before = len(study_clone.runs())
    study_clone.run("mlflow", "run", ".", "-e", "study", "-P", "task=medium", "-P", "workers=1", *LOCAL)
    _expect_trials(study_clone, 4)
    assert len(study_clone.runs()) == before + 5


def test_an_oracle_is_marked_and_so_is_what_it_finds(study_clone):
    output = study_clone.run(*STUDY, "task=medium", "objective=ami", "workers=1", "trials=2")
    assert "SEES THE GENRES" in output
    assert "Optimism of an oracle (ami)" in output
    _, children = _study_runs(study_clone)
    assert {run["label_use"] for run in children} == {"label-informed"}
    best = _files(study_clone, "medium-ami") / "best.yaml"
    assert yaml.safe_load(best.read_text())["tuned_on_labels"] is True
    shutil.copy(best, study_clone.folder / "conf" / "tasks" / "tuned.yaml")
    assert "tuned is label-informed" in study_clone.run("python", "-m", "pipelines.task", "task=tuned")
    assert study_clone.runs()[-1]["label_use"] == "label-informed"


def test_several_objectives_give_a_front_of_task_files(study_clone):
    output = study_clone.run(*STUDY, "task=medium", "objective=reconstruction,latent_size", "workers=1")
    assert "figures, pareto/)" in output
    assert "best.yaml" not in output
    folder = _files(study_clone, "medium-reconstruction-latent_size")
    front = sorted(path.name for path in (folder / "pareto").iterdir())
    assert front
    assert not (folder / "best.yaml").exists()
    assert (folder / "figures" / "pareto_front.png").stat().st_size > 10_000
    _expect_trials(study_clone, 4)


def test_a_study_without_any_result_fails_and_says_why(study_clone):
    study_clone.configure("study", space={"model.latent_dim": {"int": [2, 8]}}, batch_size=10)
    noisy = ("objective=silhouette", "evaluation.clusterers=[dbscan]")  # noise has no silhouette
    output = study_clone.run(*STUDY, "task=baseline", *noisy, "trials=2", "workers=1", "verdict=false", status=2)
    assert "came to nothing: none of its 2 trials has a result" in output
    assert "the objective silhouette is undefined" in output
    parent, children = _study_runs(study_clone)
    assert [run["status"] for run in [parent, *children]] == ["FAILED"] * 3


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["task=mediun"], "did you mean 'medium'"),
        (["task=medium", "model.hiden=[8]"], "unknown parameter 'model.hiden' for this task; did you mean"),
        (["task=medium", "trails=4"], "unknown parameter 'trails' of a study; did you mean 'trials'?"),
        (["task=medium", "trials=0"], "trials='0' is not allowed; expected an integer >= 1"),
        (["task=medium", "objective=amy"], "did you mean 'ami'?"),
        (["task=medium", "workers=abc"], "workers='abc' is not allowed; expected a whole number"),
        (["task=medium", "latent_dim=4"], "latent_dim is varied by the study"),
        (["task=medium", "study_name=../x"], "study_name='../x' is not allowed"),
        (["task=medium", "storage=sqlite:///study.db"], "is no address that a study can use"),
        (["task=medium", "storage=postgresql://u@127.0.0.1:1/db"], "does not answer"),
        (["task=medium", "storage=postgresql://u:secret@127.0.0.1:1/db"], "has a password in it"),
        (["task=baseline"], "unknown parameter 'model.learning_rate' of this task"),
        (["task=medium", "seed=1"], "was started with other settings: study.seed (was 0, is 1)"),
        (["--worker", "--study", "mediun"], "no study 'mediun' on this machine"),
        (["--worker"], "--worker needs --study NAME"),
        (["--verify", "study_name=unknown"], "no study 'unknown' on this machine"),
        (["--verify", "--worker"], "exclude one another"),
    ],
)
def test_a_misuse_is_one_clear_line(studied, arguments, expected):
    before = studied.runs()
    output = studied.run(*STUDY, *arguments, status=2)
    assert output.startswith("error: ")
    assert len(output.strip().splitlines()) == 1
    assert expected in output
    assert "secret" not in output
    assert studied.runs() == before
    assert [path.name for path in _files(studied).parent.iterdir() if path.name in ("unknown", "mediun")] == []


def test_a_reversed_range_and_another_space_are_one_clear_line(studied_copy):
    studied_copy.configure("study", space=SPACE | {"model.latent_dim": {"int": [4, 16]}})
    other = studied_copy.run(*STUDY, "task=medium", status=2)
    assert "was started with other settings: study.space" in other
    studied_copy.configure("study", space={"model.latent_dim": {"int": [16, 4]}})
    turned = studied_copy.run(*STUDY, "task=medium", status=2)
    assert "study.yaml: space.model.latent_dim: int: [16, 4] is reversed" in turned
    moved = "this checkout was moved here from"  # it is a copy
    lines = [[line for line in output.splitlines() if not line.startswith(moved)] for output in (other, turned)]
    assert [len(of_one) for of_one in lines] == [1, 1]


def test_ctrl_c_keeps_what_is_finished_and_the_study_goes_on_as_if_nothing_had_been(studied, study_clone):
    study_clone.configure("study", trials=6)
    process = study_clone.start(*STUDY, "task=medium", "workers=1")
    _wait_for_finished(study_clone, 2)
    process.send_signal(signal.SIGINT)
    output = process.communicate()[0]
    assert process.returncode == 130, output
    assert "trials are finished and kept; the same command continues from there" in output
    assert "Traceback" not in output
    parent, children = _study_runs(study_clone)
    assert (parent["status"], parent["outcome"]) == ("KILLED", "interrupted")
    assert 2 <= len(children) < 6
    assert {run["status"] for run in children} == {"FINISHED"}
    study_clone.run(*STUDY, "task=medium", "workers=2")
    _expect_trials(study_clone, 6)
    assert _table(study_clone) == _table(studied)


def test_a_killed_study_goes_on_with_one_run_per_trial(studied, study_clone):
    study_clone.configure("study", trials=6)
    process = study_clone.start(*STUDY, "task=medium", "workers=2")
    _wait_for_results(study_clone, 3)
    study_clone.kill_group(process)
    study_clone.run(*STUDY, "task=medium", "workers=2")
    _expect_trials(study_clone, 6)
    assert _table(study_clone) == _table(studied)


def test_eight_studies_at_the_same_moment_in_a_clone_without_a_store(clone):
    _small(clone)
    processes = [clone.start(*STUDY, "task=medium", "workers=1") for _ in range(8)]
    outputs = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * 8, outputs
    _expect_trials(clone, 4)


def test_two_of_three_workers_on_postgresql_die_in_the_middle_of_a_trial(study_clone, database, tmp_path):
    study_clone.configure("study", trials=8, batch_size=4)
    conductor = study_clone.start(*STUDY, "task=medium", "workers=0", f"storage={database}")
    storage = open_storage(database, tmp_path)
    study = _joined(storage, "medium-neighbours")
    worker = (*STUDY, "--worker", "--study", "medium-neighbours", "--storage", database)
    workers = [study_clone.start(*worker) for _ in range(3)]
    while True:  # frozen first, so that none of them ends its trial just before it dies
        for one in workers[:2]:
            os.killpg(one.pid, signal.SIGSTOP)
        if _count(study, "RUNNING") == 3:
            break
        for one in workers[:2]:
            os.killpg(one.pid, signal.SIGCONT)
        assert _count(study, "COMPLETE") < 8, "all trials were over before three of them ran at the same time"
        time.sleep(0.02)
    for one in workers[:2]:
        study_clone.kill_group(one)
    outputs = [process.communicate()[0] for process in (workers[2], conductor)]
    assert [process.returncode for process in (workers[2], conductor)] == [0, 0], outputs
    assert _count(study, "COMPLETE") == 8
    storage.close()
    _expect_trials(study_clone, 8)


def _count(study: SharedStudy, state: str) -> int:
    return [trial.state.name for trial in study.trials()].count(state)


def _joined(storage, name: str) -> SharedStudy:
    while True:
        try:
            return SharedStudy.join(storage, name)
        except ConfigError:
            time.sleep(0.1)


def _wait_for_results(clone: Clone, count: int) -> None:
    """Wait until so many trials have a result in the journal; the last of them may not be marked as finished yet."""
    _wait_for_lines(clone, r'"user_attr":\{"result"', count)


def _wait_for_finished(clone: Clone, count: int) -> None:
    """Wait until so many trials are marked as finished in the journal."""
    _wait_for_lines(clone, r'"state":1,"values":', count)


def _wait_for_lines(clone: Clone, pattern: str, count: int) -> None:
    journal = _files(clone) / "journal.log"
    while not journal.exists() or len(re.findall(pattern, journal.read_text())) < count:
        time.sleep(0.02)
