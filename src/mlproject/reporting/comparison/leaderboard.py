"""Scores and evaluations of tasks -> the tables that compare them; what saw a label is shown apart, never ranked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mlproject.evaluation.internal import INTERNAL_METRICS
from mlproject.evaluation.scores import EXTERNAL_METRICS
from mlproject.evaluation.significance import CLAIMED, Verdict, judge
from mlproject.evaluation.uncertainty import Difference

__all__ = [
    "COLUMNS",
    "TITLES",
    "Row",
    "ablation_rows",
    "judge_table",
    "leaderboard_markdown",
    "leaderboard_rows",
    "markdown_table",
]

METRICS = (*EXTERNAL_METRICS, *INTERNAL_METRICS)
COLUMNS = (
    "task",
    "representation",
    "clusterer",
    "tracks",
    "corpus",
    *METRICS,
    *(f"delta_{name}" for name in CLAIMED),
    *(f"{what}_{name}" for name in CLAIMED for what in ("mean", "mean_delta", "low", "high", "verdict")),
    "improvement_percent",
    "stability",
    "seconds",
    "memory_mib",
    "note",
)
NOT_APPLICABLE = "not applicable"
ORDER = ("label-free", "label-suspect", "label-informed", NOT_APPLICABLE)
TITLES = {
    "label-free": "Label-free",
    "label-suspect": "Label-suspect (never ranked: a block alone tells the genre)",
    "label-informed": "Label-informed (never ranked: the genre reached the vectors)",
}
# Column of the table -> key of a row; the first ones where no task was evaluated.
ONE_SEED = {name: name for name in ("task", "clusterer", "tracks", "ami", "ari", "nmi", "purity", "accuracy")} | {
    "Δ ami": "delta_ami",
    "Δ ami, %": "improvement_percent",
}
EVALUATED = (
    {name: name for name in ("task", "tracks")}
    | {
        title: key
        for name in CLAIMED
        for title, key in {
            name: f"mean_{name}",
            f"Δ {name}": f"mean_delta_{name}",
            f"{name} interval": f"interval_{name}",
            f"{name} verdict": f"verdict_{name}",
        }.items()
    }
    | {"Δ ami, %": "improvement_percent"}
)
COSTS = {"training, s": "seconds", "memory, MiB": "memory_mib"}

Record = Mapping[str, Any]
Row = dict[str, Any]


def judge_table(evaluations: Iterable[Record], *, level: float) -> dict[tuple[str, str], Verdict]:
    """Correct all claims of a table together: every label-free task's, on every metric.

    Parameters
    ----------
    evaluations : iterable of mapping
        What ``evaluation.json`` of each task holds.
    level : float
        Chance of any wrong verdict.

    Returns
    -------
    dict of (task, metric) to Verdict
        The reference itself, and what saw a label, claim nothing and get none.
    """
    claims = {}
    for one in evaluations:
        if one["status"] == "finished" and one["representation"] == "label-free":
            for metric, found in one["differences"].items():
                difference = Difference(*(found[name] for name in Difference._fields))
                if difference.standard_error > 0:
                    claims[one["task"], metric] = difference
    return judge(claims, level=level)


def leaderboard_rows(scores: Iterable[Record], evaluations: Iterable[Record] = (), *, level: float = 0.05) -> list[Row]:
    """Return one row a task: the primary clusterer's scores, what seeds and subsamples make of them, the verdicts.

    Parameters
    ----------
    scores : iterable of mapping
        What ``scores.json`` of each task holds.
    evaluations : iterable of mapping
        What ``evaluation.json`` of each task holds, as far as there is one.
    level : float, default=0.05

    Returns
    -------
    list of dict
        Label-free tasks by falling AMI (in the given order without labels), then those that are suspect or saw a label,
        then those that were not applicable; undefined values are None.
    """
    finished = {one["task"]: one for one in evaluations if one["status"] == "finished"}
    verdicts = judge_table(finished.values(), level=level)
    rows = [_row(one, finished.get(one["task"]), verdicts) for one in scores]
    return sorted(rows, key=lambda row: (ORDER.index(row["representation"]), -(row["mean_ami"] or row["ami"] or 0.0)))


def ablation_rows(rows: Iterable[Row], tasks: Sequence[str]) -> list[Row]:
    """Return the rows of the named tasks in the given order, whatever kind they are of."""
    found = {row["task"]: row for row in rows}
    return [found[task] for task in tasks if task in found]


def leaderboard_markdown(rows: list[Row], ablation: Sequence[Row] = ()) -> str:
    """Return the leaderboard as Markdown, one table for each kind of representation, and the ablation by input."""
    corpora = sorted({row["corpus"] for row in rows})
    synthetic = " (synthetic: says nothing about music)" if "demo" in corpora else ""
    lines = ["# Leaderboard", "", f"Corpus: {', '.join(corpora)}{synthetic}"]
    columns = EVALUATED if any(row["mean_ami"] is not None for row in rows) else ONE_SEED
    columns |= COSTS if any(row["seconds"] is not None for row in rows) else {}
    for kind, title in TITLES.items():
        if chosen := [row for row in rows if row["representation"] == kind]:
            lines += ["", f"## {title}", "", *markdown_table(chosen, columns)]
    if ablation:
        own = {"task": "task", "representation": "representation", **columns}
        lines += ["", "## Ablation by input", "", *markdown_table(ablation, own)]
    if missing := [row for row in rows if row["representation"] == NOT_APPLICABLE]:
        lines += ["", "## Not applicable", "", *(f"- {row['task']}: {row['note']}" for row in missing)]
    return "\n".join(lines) + "\n"


def markdown_table(rows: Sequence[Row], columns: Mapping[str, str]) -> list[str]:
    """Return the lines of a Markdown table; `columns` maps titles to keys of the rows."""
    head = "| " + " | ".join(columns) + " |"
    body = ["| " + " | ".join(_cell(key, row.get(key)) for key in columns.values()) + " |" for row in rows]
    return [head, "|" + " --- |" * len(columns), *body]


def _row(one: Record, evaluation: Record | None, verdicts: Mapping[tuple[str, str], Verdict]) -> Row:
    row: Row = dict.fromkeys(COLUMNS)
    row |= {"task": one["task"], "corpus": one["corpus"], "note": one.get("reason", "")}
    if one["status"] != "finished":
        return row | {"representation": NOT_APPLICABLE}
    own = one["scores"][one["primary_clusterer"]]
    row |= {name: own.get(name) for name in METRICS}
    row |= {f"delta_{name}": one["delta"].get(name) for name in CLAIMED}
    row["improvement_percent"] = _percent(row["delta_ami"], row["ami"])
    row |= {key: one[key] for key in ("representation", "tracks")} | {"clusterer": one["primary_clusterer"]}
    return row if evaluation is None else row | _evaluated(evaluation, verdicts)


def _evaluated(evaluation: Record, verdicts: Mapping[tuple[str, str], Verdict]) -> Row:
    row: Row = {"representation": evaluation["representation"], "stability": evaluation["stability"]["task"]}
    row["improvement_percent"] = _percent(evaluation["differences"]["ami"]["estimate"], evaluation["scores"]["ami"])
    for name in CLAIMED:
        found = evaluation["differences"].get(name)
        row |= {f"mean_{name}": evaluation["scores"][name], f"mean_delta_{name}": found and found["estimate"]}
        if verdict := verdicts.get((evaluation["task"], name)):
            row |= {f"low_{name}": verdict.low, f"high_{name}": verdict.high, f"verdict_{name}": verdict.word}
            row[f"interval_{name}"] = f"{verdict.low:+.3f} to {verdict.high:+.3f}"
    return row


def _percent(difference: float | None, score: float | None) -> float | None:
    """Return a difference as a share of what it is a difference to, in percent."""
    if difference is None or score is None or score - difference <= 0:
        return None
    return 100 * difference / (score - difference)


def _cell(name: str, value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        if name in ("improvement_percent", "seconds", "memory_mib"):
            return f"{value:+.0f} %" if name == "improvement_percent" else f"{value:.0f}"
        return f"{value:+.3f}" if "delta" in name else f"{value:.3f}"
    return str(value)
