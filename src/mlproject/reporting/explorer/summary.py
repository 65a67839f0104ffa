"""What a run is worth, in words and numbers: whether labels leaked into it, its scores, its verdicts against PCA."""

from collections.abc import Sequence
from typing import Any

from mlproject.evaluation.metrics import metric_label
from mlproject.evaluation.significance import Verdict
from mlproject.reporting.comparison.leaderboard import Verdicts, verdicts_by_run
from mlproject.reporting.model_card import SCORES
from mlproject.results.compared_run import ComparedRun

__all__ = ["LABEL_FREE", "claim", "judge_runs", "score_rows"]

LABEL_FREE = ": no genre label reached the vectors that were clustered"


def judge_runs(runs: Sequence[ComparedRun]) -> list[Verdicts]:
    """Return the verdicts of each run by metric, corrected over all runs together, as a leaderboard of them does."""
    levels = [run.evaluated.level for run in runs if run.evaluated]  # all of one conf file
    return verdicts_by_run(runs, level=levels[0]) if levels else [{} for _ in runs]  # one correction for the page


def claim(run: ComparedRun, verdicts: Verdicts) -> str:
    """Say in one sentence what the run is worth against PCA + K-Means."""
    if run.evaluated is None:
        return "Not evaluated: the numbers are of one run, and one run proves nothing."
    if run.evaluated.label_use != "label-free":
        return "No verdict, because labels reached the vectors or may have."
    if verdicts:
        return f"Against PCA + K-Means, this task {_in_words(verdicts)}."
    if run.evaluated.differences:
        return "This is PCA + K-Means itself, which all other runs are compared with."
    return "No verdict: without genres there is nothing to compare the clusters with."


def _in_words(verdicts: Verdicts) -> str:
    metrics: dict[str, list[str]] = {}
    for metric, verdict in verdicts.items():
        metrics.setdefault(verdict.word, []).append(metric_label(metric))
    return _listed([f"{word} in {_listed(names)}" for word, names in metrics.items()])


def _listed(parts: Sequence[str]) -> str:
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last


def score_rows(run: ComparedRun, verdicts: Verdicts) -> list[dict[str, Any]]:
    """Return one row per metric that is known: of the run, of PCA, by chance, and the difference with its verdict.

    ``values`` are means over seeds where the run was evaluated; ``own`` are then those of the training that is shown.
    """
    rows = [_score_row(run, metric, verdicts.get(metric)) for metric in SCORES]
    return [row for row in rows if row["values"][:2] != [None, None]]


def _score_row(run: ComparedRun, metric: str, verdict: Verdict | None) -> dict[str, Any]:
    record, (score, baseline, chance) = run.task.record, run.beside_chance(metric)
    own = [record.primary_scores.get(metric), record.baseline.get(metric)] if run.evaluated else []
    values = {"values": _thousandths(score, baseline, chance), "own": _thousandths(*own)}
    row = {"metric": metric_label(metric), **values, "difference": None, "verdict": None}
    if verdict is None or score is None or baseline is None:
        return row
    return row | {"difference": _thousandths(score - baseline, verdict.low, verdict.high), "verdict": verdict.word}


def _thousandths(*values: float | None) -> list[float | None]:
    return [None if value is None else round(value, 3) for value in values]
