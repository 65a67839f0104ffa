"""What a command shows at its end: a task's metrics beside those of PCA, or the verdict of its evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlproject.experiment.run import TaskResult
from mlproject.reporting.wording import provenance_warning, suspicion

__all__ = ["evaluation_tables", "task_table"]

SHOWN = ("ami", "ari", "nmi", "purity", "accuracy", "silhouette", "calinski_harabasz", "davies_bouldin")


def task_table(result: TaskResult, *, name: str, corpus: str) -> Any:
    """Return a rich table: a row a metric and clusterer group, the task, PCA and their difference.

    Parameters
    ----------
    result : TaskResult
    name : str
        The task.
    corpus : str
        Kind of corpus.
    """
    from rich.table import Table

    demo = " (synthetic, says nothing about music)" if corpus == "demo" else ""
    title = f"{name} ({result.provenance}) against PCA, {len(result.rows)} tracks of the {corpus} corpus{demo}"
    table = Table(title=title, title_justify="left", caption=_caption(result), caption_justify="left")
    for column in ("clusterer", "metric", name, "PCA", "difference", "chance, up to"):
        table.add_column(column, justify="left" if column in ("clusterer", "metric") else "right")
    for clusterer, scores in result.task.scores.items():
        shown = [metric for metric in SHOWN if scores.get(metric) is not None]
        for metric in shown:
            reference, delta = result.baseline.scores[clusterer][metric], result.delta[clusterer].get(metric)
            first = clusterer if metric == shown[0] else ""
            chance = _number(result.chance[metric].upper) if metric in result.chance else ""
            numbers = _number(scores[metric]), _number(reference), _number(delta, sign="+")
            table.add_row(first, metric, *numbers, chance)
        table.add_section()
    return table


def _caption(result: TaskResult) -> str | None:
    notes = [*result.task.notes, *result.remarks]
    if warning := provenance_warning(result):
        notes.append(warning)
    return "\n".join(notes) or None


def _number(value: float | None, sign: str = "") -> str:
    return "–" if value is None else f"{value:{sign}.3f}"


def evaluation_tables(record: Mapping[str, Any]) -> list[Any]:
    """Return two rich tables of an evaluation: the verdict on each metric, and the controls.

    Parameters
    ----------
    record : mapping
        What ``evaluation.json`` holds.
    """
    from rich.table import Table

    title = f"{record['task']} ({record['representation']}) against PCA + K-Means, {record['tracks']} tracks"
    caption = suspicion(record) or "verdicts on this task alone; dvc repro corrects them over all tasks"
    verdicts = Table(title=title, title_justify="left", caption=caption, caption_justify="left")
    for column in ("metric", record["task"], "PCA", "chance, up to", "difference", "interval", "verdict"):
        verdicts.add_column(column, justify="left" if column in ("metric", "verdict") else "right")
    for metric, found in record["differences"].items():
        scores = [record["scores"][metric], record["baseline"][metric], record["chance"][metric]["upper"]]
        interval = f"{found['low']:+.3f} to {found['high']:+.3f}"
        difference = _number(found["estimate"], sign="+")
        verdicts.add_row(metric, *map(_number, scores), difference, interval, found["verdict"])
    controls = Table(title="controls: AMI, and what it means if the gain survives", title_justify="left")
    for column in ("control", "AMI", "meaning"):
        controls.add_column(column, justify="right" if column == "AMI" else "left")
    for control in record["controls"]:
        controls.add_row(control["name"], _number(control["scores"]["ami"]), control["meaning"])
    return [verdicts, controls]
