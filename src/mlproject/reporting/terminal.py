"""What a command shows at its end: a task's metrics beside those of PCA."""

from __future__ import annotations

from typing import Any

from mlproject.experiment.run import TaskResult

__all__ = ["task_table"]

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

    kind = "label-informed" if result.task.label_informed else "label-free"
    demo = " (synthetic, says nothing about music)" if corpus == "demo" else ""
    title = f"{name} ({kind}) against PCA, {len(result.rows)} tracks of the {corpus} corpus{demo}"
    table = Table(title=title, title_justify="left", caption=_caption(result), caption_justify="left")
    for column in ("clusterer", "metric", name, "PCA", "difference"):
        table.add_column(column, justify="left" if column in ("clusterer", "metric") else "right")
    for clusterer, scores in result.task.scores.items():
        shown = [metric for metric in SHOWN if scores.get(metric) is not None]
        for metric in shown:
            reference, delta = result.baseline.scores[clusterer][metric], result.delta[clusterer].get(metric)
            first = clusterer if metric == shown[0] else ""
            table.add_row(first, metric, _number(scores[metric]), _number(reference), _number(delta, sign="+"))
        table.add_section()
    return table


def _caption(result: TaskResult) -> str | None:
    notes = [*result.task.notes, *result.remarks]
    if result.task.label_informed:
        blocks = ", ".join(result.task.label_derived)
        notes.append(
            f"label-informed (blocks: {blocks}): the genre reached the vectors, so the difference proves nothing"
        )
    return "\n".join(notes) or None


def _number(value: float | None, sign: str = "") -> str:
    return "–" if value is None else f"{value:{sign}.3f}"
