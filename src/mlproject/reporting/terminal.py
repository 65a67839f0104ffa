"""What a command shows at its end, in 80 columns: a task's scores beside those of PCA, or verdicts."""

from collections.abc import Sequence

from rich.console import Group
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from mlproject.evaluation.metrics import TESTED, metric_label
from mlproject.reporting.comparison.leaderboard import TITLES, Row
from mlproject.reporting.formatting import clusterer_label, interval, number, rich_table, shortened
from mlproject.reporting.model_card import SCORES
from mlproject.results.compared_run import ComparedRun
from mlproject.results.evaluation_record import EvaluationOutput
from mlproject.results.task_output import TaskOutput
from mlproject.results.task_record import TaskRecord

__all__ = ["evaluation_tables", "leaderboard_tables", "pair_tables", "task_table"]

LONGEST = 22  # characters of a run's name in a leaderboard


def task_table(output: TaskOutput) -> Group:
    """Return a table of the primary partition's scores, beside those of PCA + K-Means, and what they say in words."""
    record, run = output.record, ComparedRun(output.name, output)
    demo = " (synthetic: says nothing about music)" if record.is_demo else ""
    title = f"{record.task}: {record.n_tracks} tracks of the {record.corpus} corpus{demo}"
    numbers = ["this task"] if record.is_baseline else ["this task", "PCA + K-Means", "difference"]
    table = rich_table("", "", [clusterer_label(record.clusterer)], numbers)
    for metric in SCORES:
        score, baseline, _ = run.beside_chance(metric)
        if score is not None:
            cells = [number(score), number(baseline), number(record.delta.get(metric), sign="+")]
            table.add_row(metric_label(metric), *cells[: len(numbers)])
    # Not the table's own title: that is broken to its width.
    return Group(*map(Text, ["", title]), table, *map(Text, ["", _in_words(record), *record.notes, ""]))


def _in_words(record: TaskRecord) -> str:
    """Say in one sentence what a task's one run says about it."""
    gain, task = record.delta.get("ami"), record.task
    if record.is_baseline:
        return f"{task} is PCA + K-Means itself, which all other tasks are compared with."
    if record.label_warning:
        return f"{task} is {record.label_warning}."
    if gain is None:
        return f"Whether {task} is better than PCA + K-Means cannot be said without genres."
    word = "better than" if gain > 0 else "worse than" if gain < 0 else "as good as"
    by = f" by {number(abs(gain))} AMI" if gain else ""
    return (
        f"{task} is {word} PCA + K-Means{by} in this one run, on the {record.corpus} corpus; `evaluate` tells whether "
        "that is more than chance."
    )


def evaluation_tables(output: EvaluationOutput) -> list[Table]:
    """Return two rich tables of an evaluation: the verdict on each metric, and the controls."""
    record = output.record
    title = f"{record.task} ({record.label_use}), {record.n_tracks} tracks, means over {record.seeds} seeds"
    caption = record.label_warning or "verdicts on this task alone; dvc repro corrects them over all tasks"
    caption = f"chance: 97.5 % of random partitions stay below; {caption}"
    if record.retrieval:
        caption += "; P@5, 1-NN and AUC are those of the vectors, among tracks of other artists"
    numbers = ["this task", "PCA + K-Means", "chance", "difference", "interval"]
    verdicts = rich_table(title, caption, [""], numbers)
    verdicts.add_column("verdict")
    for metric, tested in record.differences.items():
        scores = [record.scores[metric], record.baseline[metric], record.chance[metric].upper]
        # Two decimals: a terminal has 80 columns.
        difference, limits = number(tested.estimate, sign="+"), interval(tested.low, tested.high, 2)
        verdicts.add_row(metric_label(metric), *map(number, scores), difference, limits, tested.verdict)
    for metric, found in record.retrieval.items():
        difference, limits = number(found.estimate, sign="+"), interval(found.low, found.high, 2)
        shown = map(number, (found.task, found.baseline, found.chance))
        verdicts.add_row(metric_label(metric), *shown, difference, limits, found.verdict)
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
    table = rich_table(title, _meaning(rows), ["run"], ["AMI", "over PCA", "interval"])
    table.add_column("verdict")
    for name in ("ARI", "purity"):
        table.add_column(name, justify="right")
    for row in rows:
        name, gain, verdict = shortened(row.name, LONGEST), row.delta.get("ami"), row.verdicts.get("ami")
        ami, ari, purity = (number(row.scores.get(metric)) for metric in TESTED)
        limits, word = ("", "none") if verdict is None else (interval(verdict.low, verdict.high, 2), verdict.word)
        table.add_row(escape(name), ami, number(gain, sign="+"), limits, word, ari, purity)
    return table


def _meaning(rows: Sequence[Row]) -> str:
    if not any(row.evaluated for row in rows):
        return "one seed each, no verdict: python -m pipelines.evaluate task=NAME asks what a task is worth"
    if not any("ami" in row.verdicts for row in rows):
        return "what saw a label claims nothing"
    alone = sum(not row.evaluated for row in rows)
    return (
        "means over seeds; verdict: whether it beats, ties with or loses to PCA + K-Means by AMI; interval of the "
        "difference at the level of its step in Holm's correction over all runs"
        + (f"; not evaluated, one seed: {alone}" if alone else "")
    )


def pair_tables(
    names: tuple[str, str],
    settings: Sequence[tuple[str, str, str]],
    scores: Sequence[tuple[str, float | None, float | None]],
) -> list[Table]:
    """Return rich tables of two runs: the parameters that differ, and the scores; see `comparison.pair` for both."""
    escaped = list(map(escape, names))
    values = [list(map(escape, row)) for row in settings]
    title = "scores of the primary clusterers (means over seeds if both were evaluated)"
    metrics = rich_table(title, "", ["metric"], [*escaped, "difference"])
    for name, first, second in scores:
        difference = None if first is None or second is None else first - second
        metrics.add_row(name, number(first), number(second), number(difference, sign="+"))
    return [rich_table("parameters that differ", "", ["parameter"], escaped, values), metrics]
