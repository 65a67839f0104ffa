"""A finished task as a run: everything that the comparison needs is there."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from mlproject.config import AutoencoderConfig, BlocksConfig, EvaluationConfig, PrincipalComponentsConfig, TaskConfig
from mlproject.config.overrides import flatten
from mlproject.errors import TrainingError
from mlproject.experiment.run_task import run_task
from mlproject.prediction.package import Recipe
from mlproject.results.cluster_descriptions import TrackFacts
from mlproject.results.write_task import scores_of, write_outputs
from mlproject.tracking.provenance import Commit
from mlproject.tracking.runs import Origin, isolated_run, open_run
from mlproject.tracking.store import ensure_store
from mlproject.tracking.task_runs import CONFIG, LOCK, UNCOMMITTED, log_task, provenance_files, run_metrics

BASELINE = TaskConfig(fusion="concatenate", model=PrincipalComponentsConfig(latent_dim=4, lyrics_dim=3))
EVALUATION = EvaluationConfig(n_clusters=4, n_init=2, n_neighbors=5)
ORIGIN = Origin("demo", 2, "d" * 32, "f" * 32, Commit("c" * 40, "true"))


def _task(**blocks) -> TaskConfig:
    model = AutoencoderConfig(latent_dim=3, hidden=(8,), epochs=4, lyrics_dim=3)
    return TaskConfig(blocks=BlocksConfig(**blocks), model=model)


def _written(tmp_path, inputs, task):
    result, folder = run_task(task, BASELINE, EVALUATION, inputs), tmp_path / "outputs"
    folder.mkdir()
    facts = TrackFacts([f"track {i}" for i in range(60)], inputs.statistics, ["tempo"] * 7)
    recipe = Recipe(task="medium", columns=dict(result.design.matrix.columns))
    write_outputs(folder, result, name="medium", corpus="demo", primary="kmeans", facts=facts, recipe=recipe)
    return result, folder


@pytest.fixture
def uri(tmp_path, monkeypatch):
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return ensure_store(tmp_path)


def _log(uri, tmp_path, inputs, task, origin=ORIGIN):
    from mlflow import MlflowClient

    result, folder = _written(tmp_path, inputs, task)
    rejected = tmp_path / "rejected.csv"
    rejected.write_text("track_id,used_for,reason\n")
    params = flatten(task) | flatten(EVALUATION, "evaluation.")
    with open_run(uri, "name", task="medium") as run:
        log_task(
            run,
            folder,
            params=params,
            origin=origin,
            description="A task.",
            measured={"seconds/train": 1.5},
            files=[rejected],
        )
    return result, MlflowClient(uri).get_run(run.run_id), MlflowClient(uri)


@pytest.mark.slow
def test_a_run_holds_metrics_params_tags_files_and_data(uri, tmp_path, small_inputs):
    result, run, client = _log(uri, tmp_path, small_inputs, _task(lyrics="embedding"))
    assert run.info.status == "FINISHED"
    assert run.info.run_name == "name"
    metrics = run.data.metrics
    assert metrics["kmeans/nmi"] == metrics["nmi"] == result.task.scores["kmeans"]["nmi"]
    assert metrics["delta/ami"] == pytest.approx(metrics["ami"] - metrics["baseline/ami"])
    assert {"agglomerative/purity", "spectral/ari", "dbscan/coverage", "seconds/train"} <= set(metrics)
    assert run.data.params["model.latent_dim"] == "3"
    assert run.data.params["evaluation.n_clusters"] == "4"
    tags = run.data.tags
    assert (tags["task"], tags["corpus"]) == ("medium", "demo")
    # K-Means on the words of these tracks alone finds their genres.
    assert tags["representation"] == result.provenance == "label-suspect"
    assert (tags["data_hash"], tags["features_hash"]) == ("d" * 32, "f" * 32)
    assert (tags["commit"], tags["commit_clean"]) == ("c" * 40, "true")
    assert [point.step for point in client.get_metric_history(run.info.run_id, "loss")] == [1, 2, 3, 4]
    assert run.inputs.dataset_inputs[0].dataset.digest == "d" * 32
    files = {file.path for file in client.list_artifacts(run.info.run_id)}
    assert {"scores.json", "assignments.parquet", "latent.npy", "model", "loss.csv", "tables"} <= files
    assert {"clusters.json", "rejected.csv"} <= files
    assert metrics["seconds/train"] == 1.5


@pytest.mark.slow
def test_a_run_keeps_what_makes_it_again(uri, tmp_path, small_inputs):
    from mlflow.artifacts import load_text

    diff = "diff --git a/src/straße.py b/src/straße.py\n"
    origin = replace(ORIGIN, commit=Commit("c" * 40, "false", diff), setting="s" * 32, lock="stages: {}\n", config="{}")
    _, run, _ = _log(uri, tmp_path, small_inputs, _task(), origin)
    kept = {name: load_text(f"{run.info.artifact_uri}/provenance/{name}") for name in (UNCOMMITTED, LOCK, CONFIG)}
    assert kept == {UNCOMMITTED: diff, LOCK: "stages: {}\n", CONFIG: "{}"}
    assert (run.data.tags["commit_clean"], run.data.tags["setting"]) == ("false", "s" * 32)


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
def test_a_run_that_saw_the_genre_says_so(uri, tmp_path, small_inputs):
    _, run, _ = _log(uri, tmp_path, small_inputs, _task(genre="one_hot"))
    assert run.data.tags["representation"] == "label-informed"
    assert run.data.tags["label_derived_blocks"] == "genre"
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
    result = run_task(_task(), BASELINE, EVALUATION, small_inputs)
    record = scores_of(result, name="medium", corpus="demo", primary="kmeans")
    metrics = run_metrics(record)
    assert all(isinstance(value, float) for value in metrics.values())
    assert run_metrics(json.loads(json.dumps(record))) == metrics
    assert "lyrics_coverage" not in metrics
    if metrics["dbscan/coverage"] < 1:
        assert "dbscan/purity" not in metrics
