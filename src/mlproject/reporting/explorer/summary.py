"""What a run is worth, in words and numbers: whether labels leaked into it, its scores, its verdicts against PCA."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlproject.evaluation.significance import Verdict
from mlproject.reporting.comparison.leaderboard import judge_table
from mlproject.reporting.evaluation.figures import METRIC_NAMES
from mlproject.reporting.explorer.explored_run import ExploredRun
from mlproject.reporting.label_warnings import suspicion
from mlproject.reporting.task.context import METRICS

__all__ = ["claim", "judge_runs", "leakage", "score_rows"]

SHOWN = ("ami", "ari", "purity", "nmi", "silhouette")
LABEL_FREE = ": no genre label reached the vectors that were clustered"

Verdicts = Mapping[str, Verdict]


def judge_runs(runs: Sequence[ExploredRun]) -> list[Verdicts]:
    """Return the verdicts of each run by metric, corrected over all runs together, as a leaderboard of them does."""
    evaluations = [run.evaluated for run in runs if run.evaluated]
    found = judge_table(evaluations, level=evaluations[0]["level"]) if evaluations else {}
    tasks = [run.evaluated and run.evaluated["task"] for run in runs]
    return [{metric: verdict for (task, metric), verdict in found.items() if task == own} for own in tasks]


def leakage(run: ExploredRun) -> dict[str, str]:
    """Return the run's status and what it means; an evaluation finds out more than a run."""
    record = run.evaluated or run.scores
    status = str(record["representation"])
    return {"status": status, "leakage": f"{suspicion(record).removeprefix(status) or LABEL_FREE}."}


def claim(run: ExploredRun, verdicts: Verdicts) -> str:
    """Say in one sentence what the run is worth against PCA + K-Means."""
    if run.evaluated is None:
        return "Not evaluated: the numbers are of one run, and one run proves nothing."
    if run.evaluated["representation"] != "label-free":
        return "No verdict, because labels reached the vectors or may have."
    if verdicts:
        return f"Against PCA + K-Means, this run {_in_words(verdicts)}."
    if run.evaluated["differences"]:
        return "This is PCA + K-Means itself, which all other runs are compared with."
    return "No verdict: without genres there is nothing to compare the clusters with."


def _in_words(verdicts: Verdicts) -> str:
    metrics: dict[str, list[str]] = {}
    for metric, verdict in verdicts.items():
        metrics.setdefault(verdict.word, []).append(METRIC_NAMES[metric])
    return _listed([f"{word} in {_listed(names)}" for word, names in metrics.items()])


def _listed(parts: Sequence[str]) -> str:
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last


def score_rows(run: ExploredRun, verdicts: Verdicts) -> list[dict[str, Any]]:
    """Return a row a metric that is known: of the run, of PCA, by chance, and the difference with its verdict."""
    rows = [_score_row(run, metric, verdicts.get(metric)) for metric in SHOWN]
    return [row for row in rows if row["values"][:2] != [None, None]]


def _score_row(run: ExploredRun, metric: str, verdict: Verdict | None) -> dict[str, Any]:
    own = run.scores["scores"][run.scores["primary_clusterer"]]
    chance = run.scores["chance"].get(metric, {}).get("upper")
    row = {
        "metric": METRICS[metric],
        "values": _thousandths(own.get(metric), run.scores["baseline"].get(metric), chance),
    }
    if verdict is None or run.evaluated is None:
        return row | {"difference": None, "verdict": None}
    estimate = run.evaluated["differences"][metric]["estimate"]
    return row | {"difference": _thousandths(estimate, verdict.low, verdict.high), "verdict": verdict.word}


def _thousandths(*values: float | None) -> list[float | None]:
    return [None if value is None else round(float(value), 3) for value in values]
