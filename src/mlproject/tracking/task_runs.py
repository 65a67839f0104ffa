"""A task's folder -> what its run holds: scores, configuration, tables, files, and what makes it again."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mlproject.files import read_json, write_bytes
from mlproject.reporting.label_warnings import suspicion
from mlproject.tracking.runs import Origin, TaskRun, finite, log_batches, metric_name, origin_tags

__all__ = ["CONFIG", "LOCK", "UNCOMMITTED", "log_provenance", "log_task", "provenance_files", "run_metrics"]

UNCOMMITTED, LOCK, CONFIG = "uncommitted.diff", "dvc.lock", "config.json"
LARGEST_DIFF = 10_000_000
BARE_METRICS = ("ami", "ari", "nmi", "purity", "accuracy", "silhouette")


def log_task(
    run: TaskRun,
    folder: Path,
    *,
    params: Mapping[str, Any],
    origin: Origin,
    description: str,
    measured: Mapping[str, float] | None = None,
    files: Sequence[Path] = (),
) -> None:
    """Write a finished task into its run.

    Parameters
    ----------
    run : TaskRun
    folder : Path
        The task's output files, of `mlproject.results.write_task.write_outputs`; logged as artifacts.
    params : mapping
        The flattened configuration.
    origin : Origin
    description : str
        One line on the task.
    measured : mapping of str to float, optional
        What the training cost, such as ``seconds/train``; unknown for results that were computed elsewhere.
    files : sequence of Path, optional
        Further artifacts.
    """
    import mlflow
    import pandas as pd

    client, now = mlflow.MlflowClient(), int(time.time() * 1000)
    record, loss = read_json(folder / "scores.json"), pd.read_csv(folder / "loss.csv")
    metrics = [(name, value, 0) for name, value in (run_metrics(record) | dict(measured or {})).items()]
    metrics += [("loss", float(value), int(epoch)) for epoch, value in zip(loss.epoch, loss.loss, strict=True)]
    log_batches(client, run.run_id, metrics, params, _tags(record, origin, description), now)
    assignments = pd.read_parquet(folder / "assignments.parquet")
    _log_tables(client, run, {"assignments": assignments, "scores": _scores_table(record)})
    mlflow.log_input(_dataset(origin, assignments[["track_id"]]), context="clustering")
    log_provenance(run, origin)
    for path in (folder, *files):
        log = client.log_artifacts if path.is_dir() else client.log_artifact
        log(run.run_id, str(path))


def log_provenance(run: TaskRun, origin: Origin) -> None:
    """Write into a run what makes it again; see `provenance_files`."""
    from mlflow import MlflowClient

    with tempfile.TemporaryDirectory() as scratch:
        for name, content in provenance_files(origin).items():
            write_bytes(Path(scratch) / name, content)
        MlflowClient().log_artifacts(run.run_id, scratch, "provenance")


def provenance_files(origin: Origin) -> dict[str, bytes]:
    """Return what, with the commit and DVC's cache, makes the same run again: name and content of each file."""
    diff = origin.commit.diff
    kept = diff if len(diff) <= LARGEST_DIFF else f"# not kept: larger than {LARGEST_DIFF:,} characters\n"
    files = {UNCOMMITTED: kept, LOCK: origin.lock, CONFIG: origin.config}
    return {name: text.encode(errors="surrogateescape") for name, text in files.items() if text}


def run_metrics(record: Mapping[str, Any]) -> dict[str, float]:
    """Name and flatten all scores: ``<clusterer>/<metric>``, the primary's also bare, ``baseline/*``, ``delta/*``.

    Parameters
    ----------
    record : mapping
        What scores.json holds.
    """
    flat: dict[str, float | None] = {
        f"{clusterer}/{metric}": value
        for clusterer, scores in record["scores"].items()
        for metric, value in scores.items()
    }
    flat |= {name: record["scores"][record["primary_clusterer"]].get(name) for name in BARE_METRICS}
    for clusterer, purities in record["purity_by_genre"].items():
        flat |= {f"{clusterer}/purity/{metric_name(genre)}": value for genre, value in (purities or {}).items()}
    flat |= {f"{side}/{name}": value for side in ("baseline", "delta") for name, value in record[side].items()}
    for name, level in record["chance"].items():
        flat |= {f"chance/{name}": level["mean"], f"chance_upper/{name}": level["upper"]}
    return finite(flat | {"n_tracks": float(record["tracks"]), "lyrics_coverage": record["lyrics_coverage"]})


def _tags(record: Mapping[str, Any], origin: Origin, description: str) -> dict[str, str]:
    return {
        **origin_tags(origin),
        "kind": "task",
        "outcome": "finished",
        "representation": record["representation"],
        "label_derived_blocks": ", ".join(record["audit"]["label_derived_blocks"]) or "none",
        "primary_clusterer": record["primary_clusterer"],
        "notes": "; ".join(record["notes"]) or "none",
        "mlflow.note.content": _note(record, origin, description),
    }


def _note(record: Mapping[str, Any], origin: Origin, description: str) -> str:
    lines = [
        description,
        "",
        f"{record['tracks']} tracks of the {origin.corpus} corpus; {origin.rejected} left out in all or in part.",
    ]
    if origin.corpus == "demo":
        lines += ["", "**Demo: rendered clips. The scores say nothing about music.**"]
    if warning := suspicion(record):
        lines += ["", f"**{warning}**"]
    return "\n".join(lines)


def _log_tables(client: Any, run: TaskRun, tables: Mapping[str, Any]) -> None:
    """Write tables as MLflow's own `log_table` does, which pandas 3 warns about."""
    paths = {name: f"tables/{name}.json" for name in tables}
    for name, frame in tables.items():
        client.log_text(run.run_id, frame.to_json(orient="split", index=False), paths[name])
    marks = [{"path": path, "type": "table"} for path in paths.values()]
    client.set_tag(run.run_id, "mlflow.loggedArtifacts", json.dumps(marks))


def _scores_table(record: Mapping[str, Any]) -> Any:
    """All scores with a row a representation and clusterer, as MLflow shows a table."""
    import pandas as pd

    sides = {"task": record["scores"], "PCA baseline": record["baseline_by_clusterer"]}
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
