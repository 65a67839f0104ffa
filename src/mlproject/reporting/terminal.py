"""What a command shows at its end: a task's metrics beside those of PCA, or the verdict of its evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlproject.evaluation.significance import CLAIMED
from mlproject.experiment.run_task import TaskResult
from mlproject.reporting.comparison.leaderboard import TITLES
from mlproject.reporting.label_warnings import provenance_warning, suspicion

__all__ = ["evaluation_tables", "leaderboard_tables", "pair_tables", "task_table"]

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
    title = f"{name} ({result.label_use}) against PCA, {len(result.rows)} tracks of the {corpus} corpus{demo}"
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


def leaderboard_tables(rows: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Return a rich table for each kind of representation: label-free runs are ranked, the others only shown.

    Parameters
    ----------
    rows : sequence of mapping
        Of `mlproject.reporting.comparison.leaderboard.leaderboard_rows`.
    """
    return [
        _leaderboard(title, chosen)
        for kind, title in TITLES.items()
        if (chosen := [row for row in rows if row["representation"] == kind])
    ]


def _leaderboard(title: str, rows: Sequence[Mapping[str, Any]]) -> Any:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(title=title, box=SIMPLE_HEAD, caption=_meaning(rows), title_justify="left", caption_justify="left")
    table.add_column("run", overflow="fold")
    for name in ("AMI", "over PCA", "interval", "%", "ARI", "purity", "verdict", "s", "MiB"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*_leaderboard_cells(row))
    return table


def _leaderboard_cells(row: Mapping[str, Any]) -> list[str]:
    from rich.markup import escape

    ami, ari, purity = (_number(_either(row, f"mean_{name}", name)) for name in CLAIMED)
    over, percent = _number(_either(row, "mean_delta_ami", "delta_ami"), sign="+"), row["improvement_percent"]
    interval = "" if row["low_ami"] is None else f"{row['low_ami']:+.2f} to {row['high_ami']:+.2f}"
    words = [row[f"verdict_{name}"] for name in CLAIMED]
    signs = "".join(SIGNS[word] for word in words if word) or ("–" if row["mean_ami"] is None else "no claim")
    seconds, memory = row.get("seconds"), row.get("memory_mib")
    costs = ["" if seconds is None else f"{seconds:.1f}", "" if memory is None else f"{memory:.0f}"]
    gain = "" if percent is None else f"{percent:+.0f}"
    return [
        escape(row["task"]),
        ami,
        over,
        interval,
        gain,
        ari,
        purity,
        signs,
        *costs,
    ]


SIGNS = {"beats": "▲", "ties": "=", "loses": "▼"}


def _meaning(rows: Sequence[Mapping[str, Any]]) -> str:
    if all(row["mean_ami"] is None for row in rows):
        return "one seed each, no verdict: python -m pipelines.evaluate task=NAME asks what a task is worth"
    if all(row["verdict_ami"] is None for row in rows):
        return "what saw a label claims nothing"
    return (
        "▲ beats, = ties, ▼ loses to PCA + K-Means: AMI, ARI, purity; interval of the AMI's difference at the level of "
        "its step in Holm's correction over all runs"
    )


def _either(row: Mapping[str, Any], *keys: str) -> float | None:
    return next((row[key] for key in keys if row[key] is not None), None)


def pair_tables(
    names: tuple[str, str],
    settings: Sequence[tuple[str, str, str]],
    scores: Sequence[tuple[str, float | None, float | None]],
) -> list[Any]:
    """Return two rich tables of two runs: the parameters that differ, and the scores.

    Parameters
    ----------
    names : tuple of str
    settings, scores : sequence of tuple
        Of `mlproject.reporting.comparison.pair`: a name and both values.
    """
    from rich.markup import escape
    from rich.table import Table

    differing = Table(title="parameters that differ", title_justify="left")
    metrics = Table(title="scores of the primary clusterers", title_justify="left")
    for table, first in ((differing, "parameter"), (metrics, "metric")):
        table.add_column(first)
        for name in names:
            table.add_column(escape(name), justify="right")
    metrics.add_column("difference", justify="right")
    for row in settings:
        differing.add_row(*map(escape, row))
    for name, own, other in scores:
        difference = None if own is None or other is None else own - other
        metrics.add_row(name, _number(own), _number(other), _number(difference, sign="+"))
    return [differing, metrics]
