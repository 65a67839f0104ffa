"""A task -> one MLflow run: configuration, metrics, tables, figures, model and where all of it came from."""

from __future__ import annotations

import json
import logging
import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mlproject.errors import MlprojectError
from mlproject.experiment.run import TaskResult
from mlproject.reporting.wording import provenance_warning
from mlproject.tracking.provenance import Commit
from mlproject.tracking.store import open_experiment

__all__ = [
    "Origin",
    "TaskRun",
    "finite",
    "log_task",
    "metric_name",
    "open_run",
    "origin_tags",
    "run_metrics",
    "tag_parent",
    "tag_reason",
    "tag_started_run",
]

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
    files: Sequence[Path],
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
    files : sequence of Path
        What is logged as artifacts: the folder of the task's output files first.
    description : str
        One line on the task.
    """
    import mlflow
    import pandas as pd
    from mlflow.entities import Metric, Param, RunTag

    client, now = mlflow.MlflowClient(), int(time.time() * 1000)
    metrics = [Metric(key, value, now, 0) for key, value in run_metrics(result, primary).items()]
    if result.loss_curve is not None:
        metrics += [Metric("loss", float(loss), now, epoch) for epoch, loss in enumerate(result.loss_curve, start=1)]
    tags = [RunTag(key, value) for key, value in _tags(result, origin, description, primary).items()]
    # `mlflow run` has logged what the user gave, in the user's spelling, and refuses another one.
    logged = client.get_run(run.run_id).data.params
    settings = [Param(key, str(value)) for key, value in params.items() if key not in logged]
    client.log_batch(run.run_id, tags=tags)
    for start in range(0, len(settings), PARAMS_A_BATCH):
        client.log_batch(run.run_id, params=settings[start : start + PARAMS_A_BATCH])
    for start in range(0, len(metrics), METRICS_A_BATCH):
        client.log_batch(run.run_id, metrics[start : start + METRICS_A_BATCH])
    assignments = pd.read_parquet(files[0] / "assignments.parquet")
    _log_tables(client, run, {"assignments": assignments, "scores": _scores_table(result)})
    mlflow.log_input(_dataset(origin, assignments[["track_id"]]), context="clustering")
    for path in files:
        log = client.log_artifacts if path.is_dir() else client.log_artifact
        log(run.run_id, str(path))


def run_metrics(result: TaskResult, primary: str) -> dict[str, float]:
    """Name and flatten all scores: ``<clusterer>/<metric>``, the primary's also bare, ``baseline/*``, ``delta/*``."""
    own = result.task
    flat: dict[str, float | None] = {
        f"{clusterer}/{metric}": value for clusterer, scores in own.scores.items() for metric, value in scores.items()
    }
    flat |= {name: own.scores[primary].get(name) for name in BARE_METRICS}
    for clusterer, purities in own.genre_purity.items():
        flat |= {f"{clusterer}/purity/{metric_name(genre)}": value for genre, value in (purities or {}).items()}
    flat |= {f"baseline/{name}": value for name, value in result.reference().items()}
    flat |= {f"delta/{name}": value for name, value in result.gain(primary).items()}
    for name, level in result.chance.items():
        flat |= {f"chance/{name}": level.mean, f"chance_upper/{name}": level.upper}
    flat |= {f"seconds/{name}": value for name, value in own.seconds.items()}
    flat |= {"n_tracks": float(len(result.rows)), "lyrics_coverage": result.design.lyrics_coverage}
    return finite(flat)


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
        "commit": origin.commit.sha,
        "commit_clean": origin.commit.clean,
    }


def _tags(result: TaskResult, origin: Origin, description: str, primary: str) -> dict[str, str]:
    return {
        **origin_tags(origin),
        "outcome": "finished",
        "representation": result.provenance,
        "label_derived_blocks": ", ".join(result.task.label_derived) or "none",
        "primary_clusterer": primary,
        "notes": "; ".join([*result.task.notes, *result.remarks]) or "none",
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
    if warning := provenance_warning(result):
        lines += ["", f"**{warning}**"]
    return "\n".join(lines)


def _log_tables(client: Any, run: TaskRun, tables: Mapping[str, Any]) -> None:
    """Write tables as MLflow's own `log_table` does, which pandas 3 warns about."""
    paths = {name: f"tables/{name}.json" for name in tables}
    for name, frame in tables.items():
        client.log_text(run.run_id, frame.to_json(orient="split", index=False), paths[name])
    marks = [{"path": path, "type": "table"} for path in paths.values()]
    client.set_tag(run.run_id, "mlflow.loggedArtifacts", json.dumps(marks))


def _scores_table(result: TaskResult) -> Any:
    """All scores with a row a representation and clusterer, as MLflow shows a table."""
    import pandas as pd

    sides = {"task": result.task.scores, "PCA baseline": result.baseline.scores, "difference": result.delta}
    return pd.DataFrame(
        [
            {"representation": side, "clusterer": clusterer, **scores}
            for side, by_clusterer in sides.items()
            for clusterer, scores in by_clusterer.items()
        ]
    )


def _dataset(origin: Origin, frame: Any) -> Any:
    """The tracks as MLflow's data set; its digest is DVC's hash, for MLflow's own reads 10,000 values at most."""
    from mlflow.data.code_dataset_source import CodeDatasetSource
    from mlflow.data.pandas_dataset import PandasDataset

    source = CodeDatasetSource({"dvc_stage": "prepare", "data_hash": origin.data_hash, "commit": origin.commit.sha})
    return PandasDataset(frame, source, name=origin.corpus, digest=origin.data_hash)
