"""Scores and evaluations of all tasks on one corpus -> the little of them that docs/results.md shows, rounded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mlproject.evaluation.significance import Verdict
from mlproject.experiment.conditioning import FREE, HEARD
from mlproject.reporting.comparison.leaderboard import judge_table
from mlproject.reporting.label_warnings import suspicion

__all__ = ["PLACES", "condense", "rounded"]

PLACES = 6  # the page shows three; four would round some of its last digits twice
SHOWN = ("ami", "ari", "purity", "nmi", "silhouette")
CALIBRATED = SHOWN[:4]
SETTINGS = ("corpus", "tracks", "n_clusters", "clusterer", "seeds", "subsamples", "by_artist", "level")
POINT = ("penalty", "excess", "hsic_p", "swap_ratio", "error", "cost", "active_units")

Record = Mapping[str, Any]


def condense(scores: Iterable[Record], evaluations: Iterable[Record], *, ablation: Sequence[str] = ()) -> Record:
    """Keep what the page shows of one corpus; the verdicts are corrected over all of its label-free tasks together.

    Parameters
    ----------
    scores : iterable of mapping
        What ``scores.json`` of each task holds.
    evaluations : iterable of mapping
        What ``evaluation.json`` of each task holds, in the order to keep; at least one of a finished evaluation.
    ablation : sequence of str
        Tasks that differ by their input alone.

    Returns
    -------
    dict
        Settings, chance, the reference, and one record a task; floats have `PLACES` decimal places.
    """
    found = list(evaluations)
    finished = [one for one in found if one["status"] == "finished"]
    first = max(finished, key=lambda one: int(one["tracks"]))
    verdicts = judge_table(finished, level=first["level"])
    runs = {one["task"]: one for one in scores}
    record = {
        **{key: first[key] for key in SETTINGS},
        "ablation": list(ablation),
        "chance": {name: first["chance"][name] for name in CALIBRATED},
        "reference": _pick(first["baseline"], SHOWN) | {"stability": first["stability"]["baseline"]},
        "tasks": [_task(one, runs.get(one["task"], {}), verdicts) for one in found],
    }
    return {key: rounded(value) for key, value in record.items()}


def rounded(value: Any, places: int = PLACES) -> Any:
    """Round every float of a nested value; minus zero becomes zero."""
    if isinstance(value, float):
        return round(value, places) + 0.0
    if isinstance(value, Mapping):
        return {key: rounded(one, places) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(one, places) for one in value]
    return value


def _task(one: Record, run: Record, verdicts: Mapping[tuple[str, str], Verdict]) -> Record:
    if one["status"] != "finished":
        return {key: one[key] for key in ("task", "status", "reason")}
    return {
        **{key: one[key] for key in ("task", "status", "description", "representation", "tracks")},
        "suspicion": suspicion(one),
        "scores": _pick(one["scores"], SHOWN),
        "stability": one["stability"]["task"],
        "differences": _differences(one, verdicts),
        "controls": [_control(control) for control in one["controls"]],
        "clusterers": {name: _pick(found, SHOWN) for name, found in run.get("scores", {}).items()},
        "silhouettes": one["silhouettes"],
        "silhouette_null": one["silhouette_null"],
        **{key: one[key] and _pick(one[key], CALIBRATED) for key in ("without_faults", "baseline_without_faults")},
        "conditioning": one["conditioning"] and _conditioning(one["conditioning"]),
    }


def _pick(scores: Record, names: Sequence[str]) -> dict[str, Any]:
    return {name: scores.get(name) for name in names}


def _differences(one: Record, verdicts: Mapping[tuple[str, str], Verdict]) -> Record:
    """Keep differences of label-free tasks; a verdict of None says that the task is the reference itself."""
    if one["representation"] != "label-free":
        return {}
    kept = {}
    for metric, found in one["differences"].items():
        verdict = verdicts.get((one["task"], metric))
        judged = {"verdict": None} if verdict is None else {"verdict": verdict.word, **_interval(verdict)}
        kept[metric] = {"estimate": found["estimate"], **judged}
    return kept


def _interval(verdict: Verdict) -> Record:
    return {"low": verdict.low, "high": verdict.high}


def _control(one: Record) -> Record:
    return {"name": one["name"], "supervised": one["supervised"], "scores": _pick(one["scores"], CALIBRATED)}


def _conditioning(report: Record) -> Record:
    kept = {key: report[key] for key in ("latent_dim", "n_tracks", "by_artist", "separating")}
    return {
        **kept,
        "largest_excess": FREE,
        "smallest_swap_ratio": HEARD,
        "unconditioned": _pick(report["unconditioned"], POINT),
        "curve": [_pick(point, POINT) for point in report["curve"]],
    }
