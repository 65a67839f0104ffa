"""A task -> one MLflow run: configuration, metrics, tables, figures, model and where all of it came from."""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mlproject.errors import MlprojectError
from mlproject.experiment.run import TaskResult
from mlproject.tracking.provenance import Commit
from mlproject.tracking.store import open_experiment

__all__ = ["Origin", "TaskRun", "log_task", "open_run", "run_metrics", "tag_reason", "tag_started_run"]

METRICS_A_BATCH, PARAMS_A_BATCH = 1000, 100  # MLflow's limits
BARE_METRICS = ("ami", "ari", "nmi", "purity", "accuracy", "silhouette")
RANDOM_NAME = re.compile(r"[a-z]+-[a-z]+-\d+")


@dataclass(frozen=True)
class Origin:
    """What a run came from: corpus, number of rejected tracks, DVC's hashes, the commit."""

    corpus: str
    rejected: int
    data_hash: str
    features_hash: str
    commit: Commit


@dataclass(frozen=True)
class TaskRun:
    """An open run: its id and its name."""

    run_id: str
    name: str


@contextmanager
def open_run(uri: str, name: str, *, task: str, nested: bool = False) -> Iterator[TaskRun]:
    """Open a run, or go on with the one that `mlflow run` has started; a failure is tagged with its reason.

    Parameters
    ----------
    uri : str
        Tracking URI.
    name : str
        Name of the run; a name that the user gave to `mlflow run` is kept.
    task : str
        Tag that tells tasks apart.
    nested : bool, default=False
        Whether the run is a child of the one that is open.
    """
    import mlflow

    logging.getLogger("mlflow.system_metrics").setLevel(logging.ERROR)
    experiment_id = open_experiment(uri)
    resumed = "MLFLOW_RUN_ID" in os.environ and not nested
    mlflow.set_system_metrics_sampling_interval(1)  # type: ignore[no-untyped-call]
    started = mlflow.start_run(
        experiment_id=None if resumed else experiment_id,
        run_name=None if resumed else name,
        nested=nested,
        log_system_metrics=True,
    )
    with started as run:
        if resumed and not RANDOM_NAME.fullmatch(run.info.run_name):
            name = run.info.run_name
        mlflow.set_tags({"task": task, "mlflow.runName": name})
        try:
            yield TaskRun(run.info.run_id, name)
        except BaseException as error:
            reason = str(error) if isinstance(error, MlprojectError) else f"{type(error).__name__}: {error}"
            tag_reason(run.info.run_id, "failed", reason)
            raise


def tag_reason(run_id: str, outcome: str, reason: str) -> None:
    """Say on a run why it was rejected, failed or not applicable."""
    from mlflow import MlflowClient

    client = MlflowClient()
    client.set_tag(run_id, "outcome", outcome)
    client.set_tag(run_id, "reason", reason[:5000])


def tag_started_run(outcome: str, reason: str) -> None:
    """Say the same on the run that `mlflow run` has started before any of our code, if it has."""
    if run_id := os.environ.get("MLFLOW_RUN_ID"):
        tag_reason(run_id, outcome, reason)


def log_task(
    run: TaskRun,
    result: TaskResult,
    *,
    params: Mapping[str, Any],
    primary: str,
    origin: Origin,
    folder: Path,
    description: str,
) -> None:
    """Write a finished task into its run.

    Parameters
    ----------
    run : TaskRun
    result : TaskResult
    params : mapping
        The flattened configuration.
    primary : str
        Clusterer whose scores are also logged without a prefix.
    origin : Origin
    folder : Path
        The task's output files, all logged as artifacts.
    description : str
        One line on the task.
    """
    import mlflow
    from mlflow.entities import Metric, Param, RunTag

    client, now = mlflow.MlflowClient(), int(time.time() * 1000)
    metrics = [Metric(key, value, now, 0) for key, value in run_metrics(result, primary).items()]
    if result.loss_curve is not None:
        metrics += [Metric("loss", float(loss), now, epoch) for epoch, loss in enumerate(result.loss_curve, start=1)]
    tags = [RunTag(key, value) for key, value in _tags(result, origin, description, primary).items()]
    # `mlflow run` has logged what the user gave, in the user's spelling, and refuses another one.
    logged = client.get_run(run.run_id).data.params
    settings = [Param(key, str(value)[:6000]) for key, value in params.items() if key not in logged]
    client.log_batch(run.run_id, params=settings[:PARAMS_A_BATCH], tags=tags)
    for start in range(0, len(metrics), METRICS_A_BATCH):
        client.log_batch(run.run_id, metrics[start : start + METRICS_A_BATCH])
    mlflow.log_input(_dataset(origin, folder), context="clustering")
    client.log_artifacts(run.run_id, str(folder))


def run_metrics(result: TaskResult, primary: str) -> dict[str, float]:
    """Name and flatten all scores: ``<clusterer>/<metric>``, the primary's also bare, ``baseline/*``, ``delta/*``."""
    own, reference = result.task, result.baseline
    flat: dict[str, float | None] = {
        f"{clusterer}/{metric}": value for clusterer, scores in own.scores.items() for metric, value in scores.items()
    }
    flat |= {name: own.scores[primary].get(name) for name in BARE_METRICS}
    flat |= {f"baseline/{name}": value for name, value in reference.scores[primary].items()}
    flat |= {f"delta/{name}": value for name, value in result.delta[primary].items()}
    flat |= {f"seconds/{name}": value for name, value in own.seconds.items()}
    flat |= {"n_tracks": float(len(result.rows)), "lyrics_coverage": result.design.lyrics_coverage}
    return {name: float(value) for name, value in flat.items() if value is not None and np.isfinite(value)}


def _tags(result: TaskResult, origin: Origin, description: str, primary: str) -> dict[str, str]:
    informed = result.task.label_informed
    return {
        "outcome": "finished",
        "corpus": origin.corpus,
        "representation": "label-informed" if informed else "label-free",
        "label_derived_blocks": ", ".join(result.task.label_derived) or "none",
        "primary_clusterer": primary,
        "rejected_tracks": str(origin.rejected),
        "notes": "; ".join(result.task.notes) or "none",
        "data_hash": origin.data_hash,
        "features_hash": origin.features_hash,
        "commit": origin.commit.sha,
        "commit_clean": origin.commit.clean,
        "mlflow.note.content": _note(result, origin, description),
    }


def _note(result: TaskResult, origin: Origin, description: str) -> str:
    lines = [
        description,
        "",
        f"{len(result.rows)} tracks of the {origin.corpus} corpus; {origin.rejected} left out in all or in part.",
    ]
    if origin.corpus == "demo":
        lines += ["", "**Demo: rendered clips. The scores say nothing about music.**"]
    if result.task.label_informed:
        blocks = ", ".join(result.task.label_derived)
        lines += [
            "",
            f"**Label-informed (blocks: {blocks}): the genre reached the vectors.**",
            "Not comparable with label-free runs.",
        ]
    return "\n".join(lines)


def _dataset(origin: Origin, folder: Path) -> Any:
    """The tracks as MLflow's data set; its digest is DVC's hash, for MLflow's own reads 10,000 values at most."""
    import pandas as pd
    from mlflow.data.code_dataset_source import CodeDatasetSource
    from mlflow.data.pandas_dataset import PandasDataset

    frame = pd.read_parquet(folder / "assignments.parquet")[["track_id"]]
    source = CodeDatasetSource({"dvc_stage": "prepare", "data_hash": origin.data_hash, "commit": origin.commit.sha})
    return PandasDataset(frame, source, name=origin.corpus, digest=origin.data_hash)
