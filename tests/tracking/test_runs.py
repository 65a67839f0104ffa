"""A finished task as a run: everything that the comparison needs is there."""

from __future__ import annotations

import pytest

from mlproject.config import AutoencoderConfig, BlocksConfig, EvaluationConfig, PrincipalComponentsConfig, TaskConfig
from mlproject.errors import TrainingError
from mlproject.experiment.run import run_task
from mlproject.parameters import flatten
from mlproject.reporting.outputs import write_outputs
from mlproject.tracking.provenance import Commit
from mlproject.tracking.runs import Origin, log_task, open_run, run_metrics
from mlproject.tracking.store import ensure_store

BASELINE = TaskConfig(fusion="concatenate", model=PrincipalComponentsConfig(latent_dim=4, lyrics_dim=3))
EVALUATION = EvaluationConfig(n_clusters=4, n_init=2, n_neighbors=5)
ORIGIN = Origin("demo", 2, "d" * 32, "f" * 32, Commit("c" * 40, "true"))


def _task(**blocks) -> TaskConfig:
    model = AutoencoderConfig(latent_dim=3, hidden=(8,), epochs=4, lyrics_dim=3)
    return TaskConfig(blocks=BlocksConfig(**blocks), model=model)


@pytest.fixture
def uri(tmp_path, monkeypatch):
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return ensure_store(tmp_path)


def _log(uri, tmp_path, inputs, task):
    from mlflow import MlflowClient

    result = run_task(task, BASELINE, EVALUATION, inputs)
    folder = tmp_path / "outputs"
    folder.mkdir()
    ids = [f"track {i}" for i in range(len(inputs.mfcc))]
    with open_run(uri, "name", task="medium") as run:
        write_outputs(folder, result, name="medium", corpus="demo", primary="kmeans", track_ids=ids)
        params = flatten(task) | flatten(EVALUATION, "evaluation.")
        log_task(run, result, params=params, primary="kmeans", origin=ORIGIN, files=[folder], description="A task.")
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
    metrics = run_metrics(run_task(_task(), BASELINE, EVALUATION, small_inputs), "kmeans")
    assert all(isinstance(value, float) for value in metrics.values())
    if metrics["dbscan/coverage"] < 1:
        assert "dbscan/purity" not in metrics
