"""A task -> one MLflow run: configuration, metrics, tables, figures, model and where all of it came from."""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import numpy as np

from mlproject.errors import MlprojectError
from mlproject.tracking.provenance import Commit
from mlproject.tracking.store import open_experiment

__all__ = [
    "Origin",
    "TaskRun",
    "artifacts_are_local",
    "finite",
    "isolated_environment",
    "isolated_run",
    "log_batches",
    "log_folder",
    "log_values",
    "metric_name",
    "name_started_run",
    "open_run",
    "origin_tags",
    "tag_parent",
    "tag_reason",
    "tag_started_run",
]

RUN_VARIABLES = ("MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID")  # `mlflow run` hands them to what it starts
METRICS_A_BATCH, PARAMS_A_BATCH = 1000, 100  # MLflow's limits
RANDOM_NAME = re.compile(r"[a-z]+-[a-z]+-\d+")


@dataclass(frozen=True)
class Origin:
    """What a run came from.

    Attributes
    ----------
    corpus : str
    rejected : int
        Tracks that were left out in all or in part.
    data_hash, features_hash : str
        DVC's, of what it read.
    commit : Commit
    setting : str
        Hash of all of its configuration but the seeds, and of data and features: a task and its evaluation share it.
    result : str
        Hash of a task's output: the same result, whoever computed it where, has the same one.
    reference : str
        Hash of how PCA + K-Means, which it is compared with, is configured.
    lock, config : str
        Content of ``dvc.lock``, and the whole configuration as JSON.
    """

    corpus: str
    rejected: int
    data_hash: str
    features_hash: str
    commit: Commit
    setting: str = "unknown"
    result: str = "unknown"
    reference: str = "unknown"
    lock: str = ""
    config: str = ""


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


@contextmanager
def isolated_run() -> Iterator[None]:
    """Let runs that are opened inside be runs of their own, whatever `mlflow run` has started for its caller."""
    given = {name: os.environ.pop(name) for name in RUN_VARIABLES if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(given)


def isolated_environment() -> dict[str, str]:
    """Return an environment for a process whose runs are its own, such as a stage that DVC starts."""
    return {name: value for name, value in os.environ.items() if name not in RUN_VARIABLES}


def log_folder(run: TaskRun, folder: Path, *, kind: str, note: str, metrics: Mapping[str, float] | None = None) -> None:
    """Write a folder of tables and figures, and what it is, into a run.

    Parameters
    ----------
    run : TaskRun
    folder : Path
    kind : str
        What tells such runs from those of tasks.
    note : str
        Markdown that the run is described by.
    metrics : mapping of str to float, optional
    """
    from mlflow import MlflowClient

    tags = {"kind": kind, "outcome": "finished", "mlflow.note.content": note}
    log_values(run.run_id, metrics=metrics or {}, params={}, tags=tags)
    MlflowClient().log_artifacts(run.run_id, str(folder))


def artifacts_are_local(run: TaskRun) -> bool:
    """Whether what a run logs stays on this machine; music is not sent to a server."""
    from mlflow import MlflowClient

    return urlparse(MlflowClient().get_run(run.run_id).info.artifact_uri).scheme in ("", "file")


def tag_parent(tags: Mapping[str, str]) -> None:
    """Say on the run that is open what its children have in common."""
    import mlflow

    mlflow.set_tags(dict(tags))


def tag_reason(run_id: str, outcome: str, reason: str) -> None:
    """Say on a run why it was rejected, failed or not applicable."""
    from mlflow import MlflowClient

    client = MlflowClient()
    client.set_tag(run_id, "outcome", outcome)
    client.set_tag(run_id, "reason", reason[:5000])


def name_started_run(name: str, tags: Mapping[str, str]) -> None:
    """Say what the run is that `mlflow run` has started for a command that makes none of its own, if it has."""
    if run_id := os.environ.get("MLFLOW_RUN_ID"):
        from mlflow import MlflowClient

        client = MlflowClient()
        for key, value in {"mlflow.runName": name, "outcome": "finished", **tags}.items():
            client.set_tag(run_id, key, value)


def tag_started_run(outcome: str, reason: str) -> None:
    """Say the same on the run that `mlflow run` has started before any of our code, if it has."""
    if run_id := os.environ.get("MLFLOW_RUN_ID"):
        tag_reason(run_id, outcome, reason)


def log_values(
    run_id: str, *, metrics: Mapping[str, float], params: Mapping[str, Any], tags: Mapping[str, str]
) -> None:
    """Write metrics, parameters and tags into a run, in as few calls as MLflow allows."""
    from mlflow import MlflowClient

    points = [(name, value, 0) for name, value in metrics.items()]
    log_batches(MlflowClient(), run_id, points, params, tags, int(time.time() * 1000))


def log_batches(
    client: Any,
    run_id: str,
    metrics: Sequence[tuple[str, float, int]],
    params: Mapping[str, Any],
    tags: Mapping[str, str],
    now: int,
) -> None:
    """Write points (name, value, step), parameters and tags into a run in as few calls as MLflow allows."""
    from mlflow.entities import Metric, Param, RunTag

    # `mlflow run` has logged what the user gave, in the user's spelling, and refuses another one.
    logged = client.get_run(run_id).data.params
    settings = [Param(key, str(value)) for key, value in params.items() if key not in logged]
    points = [Metric(key, value, now, step) for key, value, step in metrics]
    client.log_batch(run_id, tags=[RunTag(key, value) for key, value in tags.items()])
    for start in range(0, len(settings), PARAMS_A_BATCH):
        client.log_batch(run_id, params=settings[start : start + PARAMS_A_BATCH])
    for start in range(0, len(points), METRICS_A_BATCH):
        client.log_batch(run_id, points[start : start + METRICS_A_BATCH])


def finite(scores: Mapping[str, float | None]) -> dict[str, float]:
    """Keep the scores that are defined; MLflow has no metric without a value."""
    return {name: float(value) for name, value in scores.items() if value is not None and np.isfinite(value)}


def metric_name(text: str) -> str:
    """Replace what MLflow does not allow in a metric's name."""
    return re.sub(r"[^\w.\- ]", "_", text)


def origin_tags(origin: Origin) -> dict[str, str]:
    """Say where a run came from."""
    return {
        "corpus": origin.corpus,
        "rejected_tracks": str(origin.rejected),
        "data_hash": origin.data_hash,
        "features_hash": origin.features_hash,
        "setting": origin.setting,
        "reference": origin.reference,
        "result": origin.result,
        "commit": origin.commit.sha,
        "commit_clean": origin.commit.clean,
    }
