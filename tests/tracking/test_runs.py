"""A finished task as a run: everything that the comparison needs is there."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from mlproject.config.overrides import flatten
from mlproject.config.tasks import BlocksConfig, TaskConfig
from mlproject.errors import TrainingError
from mlproject.results.write_task import record_of
from mlproject.tracking.runs import Origin, log_folder, open_run
from mlproject.tracking.store import ensure_store
from mlproject.tracking.task_runs import CONFIG, LOCK, UNCOMMITTED, log_task, provenance_files, run_metrics
from mlproject.tracking.ui_views import run_colour
from mlproject.workspace.environment import isolated_run
from mlproject.workspace.git import Commit
from tests.results.small_results import EVALUATION, TASK, small_output, small_result

ORIGIN = Origin("demo", 2, "d" * 32, "f" * 32, Commit("c" * 40, "true"))


def _task(**blocks) -> TaskConfig:
    return TASK.model_copy(update={"blocks": BlocksConfig(**blocks)})


@pytest.fixture
def uri(tmp_path, monkeypatch):
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return ensure_store(tmp_path)


def _log(uri, tmp_path, inputs, task, origin=ORIGIN):
    from mlflow import MlflowClient

    result = small_result(inputs, task)
    output = small_output(tmp_path / "outputs", inputs, result=result, name="medium")
    (tmp_path / "drawn").mkdir()
    (tmp_path / "drawn" / "tsne.png").touch()
    rejected = tmp_path / "rejected.csv"
    rejected.write_text("track_id,used_for,reason\n")
    params = flatten(task) | flatten(EVALUATION, "evaluation.")
    given = {"params": params, "origin": origin, "measured": {"seconds/train": 1.5}, "files": [rejected]}
    with open_run(uri, "name", task="medium") as run:
        log_task(run, output, figures=tmp_path / "drawn", **given)
    return result, MlflowClient(uri).get_run(run.run_id), MlflowClient(uri)


@pytest.mark.slow
def test_a_run_holds_metrics_params_tags_files_and_data(uri, tmp_path, small_inputs):
    result, run, client = _log(uri, tmp_path, small_inputs, _task(lyrics="embedding"))
    assert run.info.status == "FINISHED"
    assert run.info.run_name == "name"
    metrics = run.data.metrics
    assert metrics["kmeans/ami"] == metrics["ami"] == result.task.scores["kmeans"]["ami"]
    assert metrics["delta/ami"] == pytest.approx(metrics["ami"] - metrics["baseline/ami"])
    assert {"agglomerative/ami", "spectral/ami", "seconds/train"} <= set(metrics)
    assert len(metrics) <= 30
    assert run.data.params["model.latent_dim"] == "3"
    assert run.data.params["evaluation.n_clusters"] == "4"
    tags = run.data.tags
    assert (tags["task"], tags["corpus"]) == ("medium", "demo")
    # K-Means on the words of these tracks alone finds their genres.
    assert tags["label_use"] == result.label_use == "label-suspect"
    assert (tags["clusterer"], tags["schema_version"]) == ("kmeans", "1")
    assert (tags["data_hash"], tags["features_hash"]) == ("d" * 32, "f" * 32)
    assert (tags["commit"], tags["commit_clean"]) == ("c" * 40, "true")
    assert tags["mlflow.runColor"] == run_colour("medium")
    assert [point.step for point in client.get_metric_history(run.info.run_id, "loss")] == [1, 2, 3, 4]
    assert run.inputs.dataset_inputs[0].dataset.digest == "d" * 32
    files = {file.path for file in client.list_artifacts(run.info.run_id)}
    assert {"scores.json", "assignments.parquet", "latent.npy", "model", "tables", "figures"} <= files
    assert {"clusters.json", "rejected.csv"} <= files
    assert metrics["seconds/train"] == 1.5
    assert not any(name.startswith("system/") for name in metrics)


@pytest.mark.slow
def test_a_run_keeps_what_makes_it_again(uri, tmp_path, small_inputs):
    from mlflow.artifacts import load_text

    diff = "diff --git a/src/straße.py b/src/straße.py\n"
    origin = replace(
        ORIGIN, commit=Commit("c" * 40, "false", diff), config_hash="s" * 32, lock="stages: {}\n", config="{}"
    )
    _, run, _ = _log(uri, tmp_path, small_inputs, _task(), origin)
    kept = {name: load_text(f"{run.info.artifact_uri}/provenance/{name}") for name in (UNCOMMITTED, LOCK, CONFIG)}
    assert kept == {UNCOMMITTED: diff, LOCK: "stages: {}\n", CONFIG: "{}"}
    assert (run.data.tags["commit_clean"], run.data.tags["config_hash"]) == ("false", "s" * 32)


@pytest.mark.slow
def test_a_change_in_another_encoding_than_utf_8_is_kept_as_it_is(uri, tmp_path, small_inputs):
    from mlflow.artifacts import download_artifacts

    diff = b"+caf\xe9\n"
    origin = replace(ORIGIN, commit=Commit("c" * 40, "false", diff.decode(errors="surrogateescape")))
    _, run, _ = _log(uri, tmp_path, small_inputs, _task(), origin)
    assert Path(download_artifacts(f"{run.info.artifact_uri}/provenance/{UNCOMMITTED}")).read_bytes() == diff


def test_what_there_is_nothing_of_is_not_kept_and_what_is_huge_is_said_to_be_left_out():
    assert provenance_files(ORIGIN) == {}
    huge = replace(ORIGIN, commit=Commit("c" * 40, "false", "x" * 10_000_001))
    assert provenance_files(huge) == {UNCOMMITTED: b"# not kept: larger than 10,000,000 characters\n"}


@pytest.mark.slow
def test_runs_that_are_opened_aside_are_no_children_of_the_one_of_the_command(uri, monkeypatch):
    from mlflow import MlflowClient

    with open_run(uri, "outer", task="easy") as outer:
        pass
    monkeypatch.setenv("MLFLOW_RUN_ID", outer.run_id)
    with isolated_run(), open_run(uri, "own", task="baseline") as own:
        pass
    assert os.environ["MLFLOW_RUN_ID"] == outer.run_id
    assert own.run_id != outer.run_id
    assert MlflowClient(uri).get_run(outer.run_id).info.run_name == "outer"


@pytest.mark.slow
def test_the_note_of_a_comparison_links_its_report(uri, tmp_path):
    from mlflow import MlflowClient

    folder = tmp_path / "compared"
    folder.mkdir()
    (folder / "report.html").touch()
    with open_run(uri, "compare", task="compare") as run:
        log_folder(run, folder, kind="comparison", note="# Leaderboard")
    note = MlflowClient(uri).get_run(run.run_id).data.tags["mlflow.note.content"]
    assert note == f"[Open the report](#/experiments/0/runs/{run.run_id}/artifacts/report.html)\n\n# Leaderboard"


@pytest.mark.slow
def test_a_run_that_saw_the_genre_says_so(uri, tmp_path, small_inputs):
    _, run, _ = _log(uri, tmp_path, small_inputs, _task(genre="one_hot"))
    assert run.data.tags["label_use"] == "label-informed"
    assert run.data.tags["label_derived"] == "genre"
    assert "label-informed" in run.data.tags["mlflow.note.content"]


@pytest.mark.slow
def test_a_run_that_fails_is_marked_with_its_reason(uri):
    from mlflow import MlflowClient

    with pytest.raises(TrainingError), open_run(uri, "name", task="easy") as run:
        raise TrainingError("the training left the finite numbers in epoch 3; lower learning_rate")
    failed = MlflowClient(uri).get_run(run.run_id)
    assert failed.info.status == "FAILED"
    assert failed.data.tags["reason"].startswith("the training left the finite numbers")


def test_no_undefined_score_becomes_a_metric(small_inputs):
    words = {"name": "medium", "description": "", "corpus": "demo", "clusterer": "kmeans"}
    metrics = run_metrics(record_of(small_result(small_inputs), **words, seed=1))
    assert all(isinstance(value, float) for value in metrics.values())
    assert "lyrics_coverage" not in metrics
    without = run_metrics(record_of(small_result(replace(small_inputs, genres=None)), **words, seed=1))
    assert {"kmeans/silhouette", "delta/ami"} - set(without) == {"delta/ami"}
