"""The command `task`: through `python -m` and `mlflow run`, cold and parallel, right and wrong."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from mlflow import MlflowClient

from tests.servers import serving

pytestmark = [pytest.mark.pipeline, pytest.mark.slow]
LOCAL = ("--env-manager", "local")


def test_mlflow_run_and_python_log_to_one_experiment(finished_copy):
    before = len(finished_copy.runs())
    output = finished_copy.run("mlflow", "run", ".", "-P", "task=medium", "-P", "latent_dim=8", *LOCAL)
    assert "PCA + K-Means by " in " ".join(output.split())
    assert "mlflow ui" in output
    finished_copy.run("python", "-m", "pipelines.task", "task=medium", "learning_rate=0.01")
    new = finished_copy.runs()[before:]
    assert [(run["status"], run["experiment"], run["task"]) for run in new] == [("FINISHED", "0", "medium")] * 2
    assert [run["name"] for run in new] == ["medium latent_dim=8", "medium learning_rate=0.01"]


def test_eight_commands_in_a_clone_without_a_store(clone):
    processes = [clone.start("python", "-m", "pipelines.task", "task=baseline") for _ in range(8)]
    outputs = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * 8, outputs
    assert [run["status"] for run in clone.runs()] == ["FINISHED"] * 8


def test_eight_mlflow_runs_after_setup(finished_copy):
    before = len(finished_copy.runs())
    processes = [finished_copy.start("mlflow", "run", ".", "-P", "task=baseline", *LOCAL) for _ in range(8)]
    outputs = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * 8, outputs
    assert [run["status"] for run in finished_copy.runs()[before:]] == ["FINISHED"] * 8


def test_a_server_that_dies_in_the_middle_loses_nothing(finished_copy, tmp_path):
    database = f"sqlite:///{tmp_path / 'server.db'}"
    command = ("mlflow", "server", "--workers", "1", "--backend-store-uri", database)
    command += ("--artifacts-destination", str(tmp_path / "artifacts"))
    places = {"folder": tmp_path, "log": tmp_path / "server.log", "environment": finished_copy.environment()}
    task = ("python", "-m", "pipelines.task", "task=easy")
    with serving(*command, answers_at="health", **places) as url:
        finished_copy.run(*task, MLFLOW_TRACKING_URI=url)
        processes = [finished_copy.start(*task, MLFLOW_TRACKING_URI=url) for _ in range(3)]
        pending = finished_copy.folder / "artifacts" / "pending"
        wait_until(lambda: len(list(pending.glob("*/result"))) == 3 or processes[0].poll() is not None)
    outputs = [process.communicate()[0] for process in processes]
    assert not any("Traceback" in output.replace("mlflow", "") for output in outputs if "error: the tracking" in output)
    with serving(*command, answers_at="health", **places) as url:
        finished_copy.run("python", "-m", "pipelines.compare", MLFLOW_TRACKING_URI=url)
    client = MlflowClient(database)
    runs = client.search_runs([client.get_experiment_by_name("genre-clustering").experiment_id])
    counted = Counter((run.data.tags.get("task"), run.info.status) for run in runs)
    assert counted[("easy", "FINISHED")] - sum("evaluate" in run.info.run_name for run in runs) >= 4, counted
    assert {status for _, status in counted} == {"FINISHED"}
    assert not list(pending.glob("*"))


def wait_until(condition, seconds=240):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.1)


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("task=mediun", "task='mediun' is unknown; did you mean 'medium'?"),
        ("latent_dim=abc", "latent_dim='abc' is not allowed; expected an integer"),
        ("latent_dim=-1", "latent_dim='-1' is not allowed; expected an integer >= 1"),
        ("latent_dmi=32", "unknown parameter 'latent_dmi' for this task; did you mean 'latent_dim'?"),
    ],
)
def test_a_wrong_parameter_is_one_line_and_a_rejected_run(finished_copy, argument, expected):
    output = finished_copy.run("python", "-m", "pipelines.task", argument, status=2)
    assert expected in output
    assert len(output.strip().splitlines()) == 1
    before = len(finished_copy.runs())
    output = finished_copy.run("mlflow", "run", ".", "-P", argument, *LOCAL, status=1)
    assert expected in output
    assert "Traceback" not in output
    (run,) = finished_copy.runs()[before:]
    assert (run["status"], run["outcome"]) == ("FAILED", "rejected")
    assert expected in run["reason"]


def _error(clone, command=("python", "-m", "pipelines.task"), **extra) -> str:
    output = clone.run(*command, status=2, **extra)
    assert "Traceback" not in output
    assert len(output.strip().splitlines()) == 1
    assert not list(clone.folder.glob("data/.*.new"))
    return output


def test_a_missing_root_and_one_without_audio(clone, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "notes.txt").write_text("no music")
    missing = _error(clone, MLPROJECT_CORPUS="folder", MLPROJECT_ROOT=str(tmp_path / "nowhere"))
    assert "nowhere' does not exist" in missing
    empty = _error(clone, MLPROJECT_CORPUS="folder", MLPROJECT_ROOT=str(tmp_path / "empty"))
    assert "holds no audio that can be read among its 1 files" in empty
    gtzan = _error(clone, MLPROJECT_CORPUS="gtzan", MLPROJECT_ROOT=str(tmp_path / "empty"))
    assert "Kaggle" in gtzan
    assert not (clone.folder / "data").exists() or not (clone.folder / "data" / "subset").exists()


def test_an_unknown_key_in_a_conf_file(clone):
    clone.configure("evaluation", n_cluster=10)
    assert "evaluation.yaml: unknown key 'n_cluster'; did you mean 'n_clusters'?" in _error(clone)
    assert "evaluation.yaml: unknown key 'n_cluster'" in clone.run("dvc", "repro", status=255)


def test_help_lists_tasks_and_keys(clone):
    text = clone.run("python", "-m", "pipelines.task", "--help")
    for words in ("medium", "latent_dim or model.latent_dim = 32", "an integer >= 1", "evaluation.n_clusters = 10"):
        assert words in text
