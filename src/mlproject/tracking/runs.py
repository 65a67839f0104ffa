"""A task -> one MLflow run: configuration, metrics, tables, figures, model and where all of it came from."""

import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import numpy as np

from mlproject.errors import MlprojectError, StoreError
from mlproject.passwords import hide_passwords
from mlproject.reporting.explorer import REPORT
from mlproject.tracking.store import RETRIES, open_experiment, store_client
from mlproject.tracking.store_failures import store_failures, translated
from mlproject.tracking.ui_views import run_address, run_colour
from mlproject.workspace.git import Commit
from mlproject.workspace.process import this_process

__all__ = [
    "OWNER",
    "Origin",
    "TaskRun",
    "artifacts_are_local",
    "check_started_run",
    "finite",
    "is_there",
    "log_folder",
    "log_values",
    "name_started_run",
    "open_run",
    "origin_tags",
    "tag_reason",
    "tag_started_run",
]

METRICS_A_BATCH, PARAMS_A_BATCH = 1000, 100  # MLflow's limits
LONGEST_TAG = 5000  # characters; MLflow's limit
OWNER = "mlflow.process"  # tag that names the process of a run; the UI does not show those of this prefix
RANDOM_NAME = re.compile(r"[a-z]+-[a-z]+-\d+")


@dataclass(frozen=True)
class Origin:
    """What a run came from."""

    corpus: str
    rejected: int  # tracks that were left out in all or in part
    data_hash: str  # DVC's, of what it read, as the next one
    features_hash: str
    commit: Commit
    config_hash: str = "unknown"  # of all but the seeds: a task and its evaluation share it
    result: str = "unknown"  # hash of the output: equal results have the same one
    baseline_hash: str = "unknown"  # of how PCA + K-Means is configured
    lock: str = ""  # content of ``dvc.lock``
    config: str = ""  # the whole configuration as JSON


@dataclass(frozen=True)
class TaskRun:
    """An open run."""

    run_id: str
    name: str
    experiment: str  # name of the one that it is in: `mlflow run` may have been given another


def check_started_run(uri: str) -> None:
    """Say whose the run is that `mlflow run` has started, if it has; `StoreError` if that one cannot be resumed."""
    import mlflow

    if run_id := os.environ.get("MLFLOW_RUN_ID"):
        with translated(uri):
            mlflow.set_tracking_uri(uri)
            run = store_client().get_run(run_id)
            info, hidden = run.info, {name: hide_passwords(value) for name, value in run.data.tags.items()}
            if info.lifecycle_stage != "active" or info.status not in ("RUNNING", "SCHEDULED"):
                raise StoreError(f"MLFLOW_RUN_ID={run_id} names a run that was deleted or has ended; unset it")
            # MLflow takes the address of the git remote over as it is, and some hold a token.
            told = {name: value for name, value in hidden.items() if value != run.data.tags[name]}
            log_values(run_id, tags={OWNER: this_process(), **told})


def is_there(uri: str, run_id: str) -> bool:
    """Whether a store has a run, in whatever experiment."""
    from mlflow.exceptions import MlflowException

    try:
        return bool(store_client(uri).get_run(run_id).info.lifecycle_stage == "active")
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        return False


@contextmanager
def open_run(uri: str, name: str, *, task: str, nested: bool = False, run_id: str | None = None) -> Iterator[TaskRun]:
    """Open a run, or resume the one that `mlflow run` has started; a failure is tagged with its reason.

    A name that the user gave to `mlflow run` stays. A `nested` run is a child of the one that is open. `run_id` names
    one to resume.
    """
    import mlflow

    experiment = open_experiment(uri)
    resumed = "MLFLOW_RUN_ID" in os.environ and not nested  # `mlflow run` has opened it for us
    where, called = (None, None) if resumed or run_id else (experiment, name)
    with mlflow.start_run(
        run_id=run_id,
        experiment_id=where,
        run_name=called,
        nested=nested,
        log_system_metrics=False,
        tags={OWNER: this_process()},  # from its first moment on
    ) as run:
        if resumed and not RANDOM_NAME.fullmatch(run.info.run_name):
            name = run.info.run_name
        mlflow.set_tags({"task": task, "mlflow.runName": name, "mlflow.runColor": run_colour(task)})
        if "reason" in run.data.tags:  # of a command that failed before this one
            mlflow.delete_tag("reason")
        try:
            yield TaskRun(run.info.run_id, name, mlflow.get_experiment(run.info.experiment_id).name)
        except BaseException as error:
            reason = str(error) if isinstance(error, MlprojectError) else f"{type(error).__name__}: {error}"
            if isinstance(error, store_failures()):
                os.environ[RETRIES] = "0"  # the store has been waited for
            with suppress(*store_failures()):  # the store itself may be what failed
                tag_reason(run.info.run_id, "failed", reason)
            raise


def log_folder(run: TaskRun, folder: Path, *, kind: str, note: str, metrics: Mapping[str, float] = {}) -> None:
    """Write a folder of tables and figures into a run; `kind` sets it apart from a task's, `note` is its Markdown.

    A report among its files is linked in the note.
    """
    if (folder / REPORT).exists():
        experiment = store_client().get_run(run.run_id).info.experiment_id
        note = f"[Open the report]({run_address(experiment, run.run_id, artifact=REPORT)})\n\n{note}"
    log_values(run.run_id, metrics=metrics, tags={"kind": kind, "outcome": "finished", "mlflow.note.content": note})
    store_client().log_artifacts(run.run_id, str(folder))


def artifacts_are_local(run: TaskRun) -> bool:
    """Whether what a run logs stays on this machine; music is not sent to a server."""
    return urlparse(store_client().get_run(run.run_id).info.artifact_uri).scheme in ("", "file")


def tag_reason(run_id: str, outcome: str, reason: str) -> None:
    """Say on a run why it was rejected, failed or not applicable."""
    log_values(run_id, tags={"outcome": outcome, "reason": hide_passwords(reason)[:LONGEST_TAG]})


def name_started_run(name: str, tags: Mapping[str, str]) -> None:
    """Say what the run is that `mlflow run` has started for a command that makes none of its own, if it has."""
    if run_id := os.environ.get("MLFLOW_RUN_ID"):
        log_values(run_id, tags={"mlflow.runName": name, "outcome": "finished", **tags})


def tag_started_run(outcome: str, reason: str) -> None:
    """Say the same on the run that `mlflow run` has started before any of our code, if it has."""
    if run_id := os.environ.get("MLFLOW_RUN_ID"):
        tag_reason(run_id, outcome, reason)
        run = store_client().get_run(run_id)
        if RANDOM_NAME.fullmatch(run.info.run_name):
            name = f"{run.data.params.get('task') or run.data.tags.get('mlflow.project.entryPoint')}: {outcome}"
            log_values(run_id, tags={"mlflow.runName": name})


def log_values(
    run_id: str,
    *,
    metrics: Mapping[str, float] = {},
    loss_curve: Sequence[float] = (),  # by epoch
    params: Mapping[str, Any] = {},
    tags: Mapping[str, str] = {},
    at: int | None = None,  # ms since the epoch; now
) -> None:
    """Write metrics, parameters and tags into a run, in as few calls as MLflow allows."""
    from mlflow.entities import Metric, Param, RunTag

    client, now = store_client(), int(time.time() * 1000) if at is None else at
    # `mlflow run` has logged what the user gave, in the user's spelling, and refuses another one.
    logged = client.get_run(run_id).data.params if params else {}
    settings = [Param(key, str(value)) for key, value in params.items() if key not in logged]
    points = [Metric(key, value, now, 0) for key, value in metrics.items()]  # step 0: known once
    points += [Metric("loss", float(loss), now, epoch) for epoch, loss in enumerate(loss_curve, start=1)]
    if tags:
        client.log_batch(run_id, tags=[RunTag(key, value) for key, value in tags.items()])
    for start in range(0, len(settings), PARAMS_A_BATCH):
        client.log_batch(run_id, params=settings[start : start + PARAMS_A_BATCH])
    for start in range(0, len(points), METRICS_A_BATCH):
        client.log_batch(run_id, points[start : start + METRICS_A_BATCH])


def finite(scores: Mapping[str, float | None]) -> dict[str, float]:
    """Keep the scores that are defined; MLflow has no metric without a value."""
    return {name: float(value) for name, value in scores.items() if value is not None and np.isfinite(value)}


def origin_tags(origin: Origin) -> dict[str, str]:
    """Say where a run came from."""
    same = ("corpus", "data_hash", "features_hash", "config_hash", "baseline_hash", "result")
    code = {"commit": origin.commit.sha, "commit_clean": origin.commit.clean}
    return {name: getattr(origin, name) for name in same} | {"rejected_tracks": str(origin.rejected)} | code
