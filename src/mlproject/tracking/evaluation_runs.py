"""An evaluation -> one MLflow run, its seeds and controls as children."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mlproject.reporting.label_warnings import suspicion
from mlproject.tracking.runs import Origin, TaskRun, finite, log_values, metric_name, origin_tags
from mlproject.tracking.task_runs import log_provenance

__all__ = ["evaluation_metrics", "log_evaluation"]


def log_evaluation(
    run: TaskRun, record: Mapping[str, Any], *, params: Mapping[str, Any], origin: Origin, folder: Path
) -> None:
    """Write a finished evaluation into its run, and a child run for each seed and each control.

    Parameters
    ----------
    run : TaskRun
    record : mapping
        Of `mlproject.results.write_evaluation.evaluation_of`.
    params : mapping
        The flattened configuration.
    origin : Origin
    folder : Path
        The evaluation's files, logged as artifacts.
    """
    from mlflow import MlflowClient

    client = MlflowClient()
    log_values(run.run_id, metrics=evaluation_metrics(record), params=params, tags=_tags(record, origin))
    for name, kind, scores in _children(record, folder):
        common = {"task": record["task"], "kind": kind, "representation": record["representation"]}
        _log_child(client, run, name, {**origin_tags(origin), **common}, scores)
    client.log_artifacts(run.run_id, str(folder))
    log_provenance(run, origin)


def evaluation_metrics(record: Mapping[str, Any]) -> dict[str, float]:
    """Name and flatten the figures of an evaluation: ``difference/ami``, ``difference/ami/low`` and so on."""
    flat: dict[str, float | None] = dict(record["scores"])
    flat |= {f"baseline/{name}": value for name, value in record["baseline"].items()}
    for metric, found in record["differences"].items():
        flat |= {f"difference/{metric}": found["estimate"]}
        flat |= {f"difference/{metric}/{key}": found[key] for key in ("low", "high", "adjusted_p", "standard_error")}
    for metric, level in record["chance"].items():
        flat |= {f"chance/{metric}": level["mean"], f"chance_upper/{metric}": level["upper"]}
    flat |= {f"stability/{side}": value for side, value in record["stability"].items()}
    flat |= {f"block_share/{name}": value for name, value in record["block_shares"].items()}
    flat |= {f"silhouette_null/{name}": value for name, value in record["silhouette_null"].items()}
    flat |= {f"spread/{metric_name(name)}": value for name, value in record["spread"].items()}
    flat |= {f"control/{metric_name(one['name'])}/ami": one["scores"]["ami"] for one in record["controls"]}
    for name, value in (record["hygiene"] or {}).items():
        numbers = dict(enumerate(value)) if isinstance(value, list | tuple) else {None: value}
        flat |= {f"hygiene/{name}" + ("" if i is None else f"/{i}"): one for i, one in numbers.items()}
    flat |= {"n_tracks": float(record["tracks"])}
    return finite(flat)


def _tags(record: Mapping[str, Any], origin: Origin) -> dict[str, str]:
    # Over the three metrics of this task alone; `compare` corrects over the whole table.
    verdicts = {f"verdict_alone_{metric}": found["verdict"] for metric, found in record["differences"].items()}
    return {
        **origin_tags(origin),
        **verdicts,
        "kind": "evaluation",
        "outcome": "finished",
        "representation": record["representation"],
        "primary_clusterer": record["clusterer"],
        "mlflow.note.content": _note(record),
    }


def _note(record: Mapping[str, Any]) -> str:
    lines = [record["description"], "", f"{record['tracks']} tracks of the {record['corpus']} corpus.", ""]
    for metric, found in record["differences"].items():
        interval = f"{found['low']:+.3f} to {found['high']:+.3f}"
        lines.append(f"- {metric}: {found['estimate']:+.3f} against PCA + K-Means ({interval}): {found['verdict']}")
    lines += ["", "Verdicts on this task alone; `compare` corrects them over all tasks."]
    if record["representation"] != "label-free":
        lines += ["", f"**{suspicion(record)}**"]
    if record["corpus"] == "demo":
        lines += ["", "**Demo: rendered clips. The scores say nothing about music.**"]
    return "\n".join(lines)


def _children(record: Mapping[str, Any], folder: Path) -> Iterator[tuple[str, str, dict[str, Any]]]:
    import pandas as pd

    for record_row in pd.read_csv(folder / "seeds.csv").to_dict("records"):
        row = {str(name): value for name, value in record_row.items()}
        own = {name.removeprefix("task_"): value for name, value in row.items() if name.startswith("task_")}
        other = {f"baseline/{n.removeprefix('baseline_')}": v for n, v in row.items() if n.startswith("baseline_")}
        yield f"{record['task']} seed {int(row['seed'])}", "seed", own | other
    for control in record["controls"]:
        yield f"{record['task']}: {control['name']}", "control", control["scores"]


def _log_child(client: Any, run: TaskRun, name: str, tags: Mapping[str, str], scores: Mapping[str, Any]) -> None:
    from mlflow.entities import Metric

    now = int(time.time() * 1000)
    experiment = client.get_run(run.run_id).info.experiment_id
    given = {"mlflow.parentRunId": run.run_id, "outcome": "finished", **tags}
    child = client.create_run(experiment, start_time=now, tags=given, run_name=name).info.run_id
    status = "FAILED"
    try:
        client.log_batch(child, [Metric(key, value, now, 0) for key, value in finite(scores).items()])
        status = "FINISHED"
    finally:
        client.set_terminated(child, status)
