"""Scores and evaluations of all tasks on one corpus -> the little of them that docs/results.md shows, rounded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mlproject.evaluation.significance import Verdict
from mlproject.reporting.comparison.leaderboard import judge_table
from mlproject.results.evaluation_record import Conditioning, Control, EvaluationRecord
from mlproject.results.record import NotApplicable
from mlproject.results.task_record import TaskRecord

__all__ = ["PLACES", "condense", "rounded"]

PLACES = 6  # the page shows three; four would round some of its last digits twice
SHOWN = ("ami", "ari", "purity", "nmi", "silhouette")
CALIBRATED = SHOWN[:4]
SETTINGS = ("corpus", "n_clusters", "clusterer", "seeds", "subsamples", "by_artist", "level")
POINT = ("penalty", "excess", "hsic_p", "swap_ratio", "error", "cost", "active_units")

Record = Mapping[str, Any]


def condense(
    tasks: Iterable[TaskRecord],
    evaluations: Iterable[EvaluationRecord | NotApplicable],
    *,
    ablation: Sequence[str] = (),
) -> Record:
    """Keep what the page shows of one corpus; the verdicts are corrected over all of its label-free tasks together.

    Parameters
    ----------
    tasks : iterable of TaskRecord
        Those that finished.
    evaluations : iterable of EvaluationRecord or NotApplicable
        Of each task, in the order to keep; at least one has finished.
    ablation : sequence of str
        Tasks that differ by their input alone.

    Returns
    -------
    dict
        Settings, chance, the baseline, and one record per task; floats have `PLACES` decimal places.
    """
    records = list(evaluations)
    finished = {record.task: record for record in records if isinstance(record, EvaluationRecord)}
    first = max(finished.values(), key=lambda record: record.n_tracks)
    verdicts, runs = judge_table(finished, level=first.level), {record.task: record for record in tasks}
    page = {
        **{key: getattr(first, key) for key in SETTINGS},
        "tracks": first.n_tracks,
        "ablation": list(ablation),
        "chance": {metric: first.chance[metric].model_dump() for metric in CALIBRATED},
        "reference": _pick(first.baseline, SHOWN) | {"stability": first.stability["baseline"]},
        "tasks": [_task(record, runs.get(record.task), verdicts) for record in records],
    }
    return {key: rounded(value) for key, value in page.items()}


def rounded(value: Any, places: int = PLACES) -> Any:
    """Round every float of a nested value; minus zero becomes zero."""
    if isinstance(value, float):
        return round(value, places) + 0.0
    if isinstance(value, Mapping):
        return {key: rounded(one, places) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(one, places) for one in value]
    return value


def _task(
    record: EvaluationRecord | NotApplicable, run: TaskRecord | None, verdicts: Mapping[tuple[str, str], Verdict]
) -> Record:
    if isinstance(record, NotApplicable):
        return record.model_dump(include={"task", "status", "reason"})
    faults = {"without_faults": record.without_faults, "baseline_without_faults": record.baseline_without_faults}
    return {
        **record.model_dump(include={"task", "status", "description"}),
        "label_use": record.label_use,
        "tracks": record.n_tracks,
        "suspicion": record.label_warning,
        "scores": _pick(record.scores, SHOWN),
        "stability": record.stability["task"],
        "differences": _differences(record, verdicts),
        "controls": [_control(control) for control in record.controls],
        "clusterers": {} if run is None else {name: _pick(scores, SHOWN) for name, scores in run.scores.items()},
        "silhouettes": record.silhouettes,
        "silhouette_null": record.silhouette_null,
        **{name: None if scores is None else _pick(scores, CALIBRATED) for name, scores in faults.items()},
        "conditioning": None if record.conditioning is None else _conditioning(record.conditioning),
    }


def _pick(scores: Record, names: Sequence[str]) -> dict[str, Any]:
    return {name: scores.get(name) for name in names}


def _differences(record: EvaluationRecord, verdicts: Mapping[tuple[str, str], Verdict]) -> Record:
    """Keep differences of label-free tasks; a verdict of None says that the task is the baseline itself."""
    if record.label_use != "label-free":
        return {}
    differences: dict[str, Any] = {}
    for metric, tested in record.differences.items():
        verdict = verdicts.get((record.task, metric))
        judged = {} if verdict is None else {"low": verdict.low, "high": verdict.high}
        differences[metric] = {"estimate": tested.estimate, "verdict": verdict and verdict.word, **judged}
    return differences


def _control(control: Control) -> Record:
    return {"name": control.name, "supervised": control.supervised, "scores": _pick(control.scores, CALIBRATED)}


def _conditioning(report: Conditioning) -> Record:
    values = report.model_dump(mode="json")
    values["unconditioned"] = _pick(values["unconditioned"], POINT)
    return values | {"curve": [_pick(point, POINT) for point in values["curve"]]}
