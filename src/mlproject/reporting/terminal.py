"""What a command shows at its end: a task's metrics beside those of PCA, or the verdict of its evaluation."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from mlproject.evaluation.metrics import METRICS, TESTED
from mlproject.reporting.comparison.leaderboard import TITLES, Row
from mlproject.reporting.formatting import interval, number, rich_table
from mlproject.results.evaluation_record import EvaluationOutput
from mlproject.results.task_output import TaskOutput

__all__ = ["evaluation_tables", "leaderboard_tables", "pair_tables", "task_table"]

LEFT_OUT = ("homogeneity", "completeness")  # NMI is their harmonic mean
SIGNS = {"beats": "▲", "ties": "=", "loses": "▼"}


def task_table(output: TaskOutput) -> Table:
    """Return a rich table with one row per clusterer and metric: the task, PCA and their difference."""
    record = output.record
    demo = " (synthetic, says nothing about music)" if record.is_demo else ""
    tracks = f"{record.n_tracks} tracks of the {record.corpus} corpus{demo}"
    title = f"{record.task} ({record.label_use}) against PCA, {tracks}"
    caption = "\n".join(filter(None, [*record.notes, record.label_warning]))
    table = rich_table(title, caption, ["clusterer", "metric"], [record.task, "PCA", "difference", "chance, up to"])
    for clusterer, scores in record.scores.items():
        shown = [metric for metric in METRICS if metric not in LEFT_OUT and scores.get(metric) is not None]
        # PCA under the same clusterer, not K-Means.
        deltas, baseline = record.delta_by_clusterer(clusterer), record.baseline_by_clusterer[clusterer]
        for metric in shown:
            first = clusterer if metric == shown[0] else ""  # once per group
            chance = number(record.chance[metric].upper) if metric in record.chance else ""
            difference = number(deltas.get(metric), sign="+")
            table.add_row(first, metric, number(scores[metric]), number(baseline[metric]), difference, chance)
        table.add_section()
    return table


def evaluation_tables(output: EvaluationOutput) -> list[Table]:
    """Return two rich tables of an evaluation: the verdict on each metric, and the controls."""
    record = output.record
    title = f"{record.task} ({record.label_use}) against PCA + K-Means, {record.n_tracks} tracks"
    caption = record.label_warning or "verdicts on this task alone; dvc repro corrects them over all tasks"
    verdicts = rich_table(title, caption, ["metric"], [record.task, "PCA", "chance, up to", "difference", "interval"])
    verdicts.add_column("verdict")
    for metric, tested in record.differences.items():
        scores = [record.scores[metric], record.baseline[metric], record.chance[metric].upper]
        difference, limits = number(tested.estimate, sign="+"), interval(tested.low, tested.high)
        verdicts.add_row(metric, *map(number, scores), difference, limits, tested.verdict)
    controls = rich_table("controls: AMI, and what it means if the gain survives", "", ["control"], ["AMI"])
    controls.add_column("meaning")
    for control in record.controls:
        controls.add_row(control.name, number(control.scores["ami"]), control.meaning)
    return [verdicts, controls]


def leaderboard_tables(rows: Sequence[Row]) -> list[Table]:
    """Return a rich table for each label use: label-free runs are ranked, the others only shown."""
    groups = {title: [row for row in rows if row.label_use == kind] for kind, title in TITLES.items()}
    return [_leaderboard(title, chosen) for title, chosen in groups.items() if chosen]


def _leaderboard(title: str, rows: Sequence[Row]) -> Table:
    table = rich_table(title, _meaning(rows), [], [])
    table.box = SIMPLE_HEAD
    table.add_column("run", overflow="fold")
    for name in ("AMI", "over PCA", "interval", "%", "ARI", "purity", "verdict", "s", "MiB"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*_leaderboard_cells(row))
    return table


def _leaderboard_cells(row: Row) -> list[str]:
    ami, ari, purity = (number(row.best(metric)) for metric in TESTED)
    verdicts = row.verdicts
    # Two decimals: the table is 96 columns wide.
    limits = interval(verdicts["ami"].low, verdicts["ami"].high, 2) if "ami" in verdicts else ""
    # In the order of the columns.
    signs = "".join(SIGNS[verdicts[metric].word] for metric in TESTED if metric in verdicts)
    return [
        escape(row.name),
        ami,
        number(row.gain("ami"), sign="+"),
        limits,
        number(row.improvement_percent, 0, sign="+", missing=""),
        ari,
        purity,
        signs or ("no claim" if row.evaluated else "–"),
        number(row.costs.get("seconds"), 1, missing=""),
        number(row.costs.get("memory_mib"), 0, missing=""),
    ]


def _meaning(rows: Sequence[Row]) -> str:
    if not any(row.evaluated for row in rows):
        return "one seed each, no verdict: python -m pipelines.evaluate task=NAME asks what a task is worth"
    if not any("ami" in row.verdicts for row in rows):
        return "what saw a label claims nothing"
    return (
        "▲ beats, = ties, ▼ loses to PCA + K-Means: AMI, ARI, purity; interval of the AMI's difference at the level of "
        "its step in Holm's correction over all runs"
    )


def pair_tables(
    names: tuple[str, str],
    settings: Sequence[tuple[str, str, str]],
    scores: Sequence[tuple[str, float | None, float | None]],
) -> list[Table]:
    """Return rich tables of two runs: the parameters that differ, and the scores; see `comparison.pair` for both."""
    escaped = list(map(escape, names))
    values = [list(map(escape, row)) for row in settings]
    metrics = rich_table("scores of the primary clusterers", "", ["metric"], [*escaped, "difference"])
    for name, first, second in scores:
        difference = None if first is None or second is None else first - second
        metrics.add_row(name, number(first), number(second), number(difference, sign="+"))
    return [rich_table("parameters that differ", "", ["parameter"], escaped, values), metrics]
