"""A task's output -> what its run holds: scores, configuration, tables, files, and what makes it again."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from mlproject.files import write_bytes
from mlproject.results.record import Record, Scores
from mlproject.results.task_output import TaskOutput
from mlproject.results.task_record import TaskRecord
from mlproject.tracking.runs import Origin, TaskRun, finite, log_values, metric_name, origin_tags
from mlproject.tracking.store import store_client

if TYPE_CHECKING:
    from mlflow.data.pandas_dataset import PandasDataset

__all__ = [
    "CONFIG",
    "LOCK",
    "UNCOMMITTED",
    "log_folders",
    "log_task",
    "provenance_files",
    "record_metrics",
    "record_tags",
    "run_metrics",
    "warnings_of",
]

UNCOMMITTED, LOCK, CONFIG = "uncommitted.diff", "dvc.lock", "config.json"
LARGEST_DIFF = 10_000_000


def log_task(
    run: TaskRun,
    output: TaskOutput,
    *,
    params: Mapping[str, Any],  # the flattened configuration
    origin: Origin,
    figures: Path | None,  # their folder, which becomes the artifacts ``figures``
    measured: Mapping[str, float] | None = None,  # cost, such as ``seconds/train``, where it is known
    files: Sequence[Path] = (),  # further artifacts
    at: int | None = None,  # ms since the epoch, of the metrics: the same when they are logged again
) -> None:
    """Write a finished task into its run; its files become artifacts."""
    import mlflow

    record, metrics = output.record, run_metrics(output.record) | dict(measured or {})
    curve = () if record.training is None else record.training.loss_curve
    log_values(run.run_id, metrics=metrics, loss_curve=curve, params=params, tags=_tags(record, origin), at=at)
    assignments = output.assignments.reset_index()
    # One row per representation and clusterer.
    methods = (("task", record.scores), ("PCA baseline", record.baseline_by_clusterer))
    named = ((method, clusterer, scores) for method, of in methods for clusterer, scores in of.items())
    rows = [{"representation": method, "clusterer": name, **scores} for method, name, scores in named]
    _log_tables(run, {"assignments": assignments, "scores": pd.DataFrame(rows)})
    mlflow.log_input(_dataset(origin, assignments[["track_id"]]), context="clustering")
    log_folders(run, output.folder, figures, origin)
    for path in files:
        store_client().log_artifact(run.run_id, str(path))


def log_folders(run: TaskRun, folder: Path, figures: Path | None, origin: Origin) -> None:
    """Log the files of a result, its figures as ``figures``, and what makes it again; see `provenance_files`."""
    client = store_client()
    client.log_artifacts(run.run_id, str(folder))
    if figures is not None:
        client.log_artifacts(run.run_id, str(figures), "figures")
    with tempfile.TemporaryDirectory() as scratch:
        for name, content in provenance_files(origin).items():
            write_bytes(Path(scratch) / name, content)
        client.log_artifacts(run.run_id, scratch, "provenance")


def provenance_files(origin: Origin) -> dict[str, bytes]:
    """Return what, with the commit and DVC's cache, makes the same run again: name and content of each file."""
    diff = origin.commit.diff
    kept = diff if len(diff) <= LARGEST_DIFF else f"# not kept: larger than {LARGEST_DIFF:,} characters\n"
    files = {UNCOMMITTED: kept, LOCK: origin.lock, CONFIG: origin.config}
    return {name: text.encode(errors="surrogateescape") for name, text in files.items() if text}


def run_metrics(record: TaskRecord) -> dict[str, float]:
    """Name and flatten all scores: ``<clusterer>/<metric>``, the primary's also bare, ``baseline/*``, ``delta/*``."""
    flat: dict[str, float | None] = {
        f"{clusterer}/{metric}": value
        for clusterer, scores in record.scores.items()
        for metric, value in scores.items()
    }
    flat |= record.headline
    for clusterer, purities in record.purity_by_genre.items():
        flat |= {f"{clusterer}/purity/{metric_name(genre)}": value for genre, value in (purities or {}).items()}
    flat |= {f"delta/{metric}": value for metric, value in record.delta.items()}
    return finite(flat | record_metrics(record) | {"lyrics_coverage": record.lyrics_coverage})


def record_metrics(record: Record) -> Scores:
    """Name the scores that tasks and evaluations share: ``baseline/*``, ``chance/*`` and ``chance_upper/*``."""
    flat: Scores = {f"baseline/{metric}": value for metric, value in record.baseline.items()}
    flat |= {f"chance/{metric}": level.mean for metric, level in record.chance.items()}
    flat |= {f"chance_upper/{metric}": level.upper for metric, level in record.chance.items()}
    return flat | {"n_tracks": float(record.n_tracks)}


def record_tags(record: Record, origin: Origin, *, kind: str) -> dict[str, str]:
    """Return the tags that runs of tasks and of evaluations share."""
    return {
        **origin_tags(origin),
        "kind": kind,
        "outcome": "finished",
        "schema_version": str(record.schema_version),
        "label_use": record.label_use,
        "label_derived": ", ".join(record.label_derived) or "none",
        "clusterer": record.clusterer,
    }


def warnings_of(record: Record) -> list[str]:
    """Return the paragraphs of a note that say what the scores do not prove."""
    warnings = ["Demo: rendered clips. The scores say nothing about music."] if record.is_demo else []
    warnings += [record.label_warning] if record.label_warning else []
    return [line for warning in warnings for line in ("", f"**{warning}**")]


def _tags(record: TaskRecord, origin: Origin) -> dict[str, str]:
    left_out = f"{origin.rejected} left out in all or in part"
    note = [record.description, "", f"{record.n_tracks} tracks of the {record.corpus} corpus; {left_out}."]
    return {
        **record_tags(record, origin, kind="task"),
        "notes": "; ".join(record.notes) or "none",
        "mlflow.note.content": "\n".join(note + warnings_of(record)),
    }


def _log_tables(run: TaskRun, tables: Mapping[str, pd.DataFrame]) -> None:
    """Write tables as MLflow's own `log_table` does, which pandas 3 warns about."""
    client, paths = store_client(), {name: f"tables/{name}.json" for name in tables}
    for name, frame in tables.items():
        client.log_text(run.run_id, frame.to_json(orient="split", index=False), paths[name])
    marks = [{"path": path, "type": "table"} for path in paths.values()]  # what makes the UI show them as tables
    client.set_tag(run.run_id, "mlflow.loggedArtifacts", json.dumps(marks))


def _dataset(origin: Origin, frame: pd.DataFrame) -> PandasDataset:
    """The tracks as MLflow's data set; its digest is DVC's hash, for MLflow's own reads 10,000 values at most."""
    from mlflow.data.code_dataset_source import CodeDatasetSource
    from mlflow.data.pandas_dataset import PandasDataset

    source = CodeDatasetSource({"dvc_stage": "prepare", "data_hash": origin.data_hash, "commit": origin.commit.sha})
    return PandasDataset(frame, source, name=origin.corpus, digest=origin.data_hash)
