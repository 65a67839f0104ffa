"""Runs -> what the page reads: one shared list of tracks, and columns of numbers for each run."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mlproject.prediction.package import ClusterDescription
from mlproject.reporting.comparison.leaderboard import Verdicts
from mlproject.reporting.explorer.summary import LABEL_FREE, claim, judge_runs, score_rows
from mlproject.reporting.formatting import clusterer_label
from mlproject.reporting.style import MARKERS, NOISE, PALETTE, PROJECTIONS, Mark, mark
from mlproject.results.compared_run import ComparedRun

__all__ = ["page_record"]

# Marker of matplotlib -> symbol of plotly.
SYMBOLS = {
    **{"^": "triangle-up", "v": "triangle-down", "<": "triangle-left", ">": "triangle-right"},
    **{"o": "circle", "s": "square", "D": "diamond", "P": "cross", "X": "x", "*": "star", "x": "x-thin-open"},
}


def page_record(runs: Sequence[ComparedRun]) -> dict[str, Any]:
    """Return all that the page shows of runs of one corpus, as plain values.

    Runs name tracks by their place in the shared list, which is in order of the ids. A column of genres or artists is
    None where none is known.
    """
    tracks = _shared_tracks(runs)
    places = {track: place for place, track in enumerate(tracks.index)}  # JSON names a track by its place
    verdicts = judge_runs(runs)
    return {
        "corpus": runs[0].task.record.corpus,
        "tracks": {"id": list(places), "genre": _names(tracks["genre"]), "artist": _names(tracks["artist"])},
        "marks": [_symbol(mark(index)) for index in range(len(PALETTE) * len(MARKERS))],
        "noise": _symbol(NOISE),
        "claims": sum(map(len, verdicts)),
        "runs": [_run(run, judged, places) for run, judged in zip(runs, verdicts, strict=True)],
    }


def _symbol(style: Mark) -> list[str]:
    return [style.colour, SYMBOLS[style.marker]]


def _shared_tracks(runs: Sequence[ComparedRun]) -> pd.DataFrame:
    """Return genre and artist of every track of any run, in order of the ids."""
    tables = [run.task.assignments.reindex(columns=["genre", "artist"]).astype(object) for run in runs]
    # A genre that one run lacks another may have.
    everything = pd.concat([table.set_axis(table.index.astype(str)) for table in tables])
    return everything.groupby(level=0, sort=True).first()


def _names(column: "pd.Series[Any]") -> list[str | None] | None:
    if column.isna().all():
        return None
    return [None if missing else str(name) for name, missing in zip(column, column.isna(), strict=True)]


def _run(run: ComparedRun, verdicts: Verdicts, places: Mapping[str, int]) -> dict[str, Any]:
    task, evaluation = run.task, run.evaluated
    projections = task.projections
    assert projections is not None
    return {
        "name": run.name,
        "clusterer": clusterer_label(task.record.clusterer),
        "status": run.label_use,
        # What that means, in a sentence.
        "leakage": f"{run.audited.label_warning.removeprefix(run.label_use) or LABEL_FREE}.",
        "claim": claim(run, verdicts),
        "scores": score_rows(run, verdicts),
        "seeds": None if evaluation is None else evaluation.seeds,
        "sure": None if evaluation is None else round(100 * (1 - evaluation.level)),
        "track": [places[str(track)] for track in task.assignments.index],
        "cluster": task.partition().tolist(),
        "distance": _rounded(task.assignments["distance"]),
        "projections": {name: [_rounded(projections[f"{name}_{axis}"]) for axis in "xy"] for name in PROJECTIONS},
        # Noise stands last.
        "clusters": [_cluster(one, places) for one in sorted(task.clusters, key=lambda one: one.cluster < 0)],
    }


def _cluster(cluster: ClusterDescription, places: Mapping[str, int]) -> dict[str, Any]:
    counts = sorted((cluster.genres or {}).items(), key=lambda item: (-item[1], item[0]))  # falling, equal ones by name
    return {
        "cluster": cluster.cluster,
        "name": cluster.name,
        "size": cluster.size,
        "genres": list(map(list, counts)),
        "purity": None if cluster.purity is None else round(cluster.purity, 3),
        "apart": [[distinction.phrase, round(distinction.difference, 2)] for distinction in cluster.distinguishing],
        "words": list(cluster.words),
        "central": [places[track] for track in cluster.central],
    }


def _rounded(column: "pd.Series[Any]") -> list[float | None]:
    """Round to a ten-thousandth of the range or finer; None where there is no number."""
    numbers = column.to_numpy(dtype=np.float64)
    known = np.isfinite(numbers)
    spread = float(np.ptp(numbers[known])) if known.any() else 0.0
    digits = 4 - int(np.floor(np.log10(spread))) if spread else 4  # a ten-thousandth of the range
    return [round(float(value), digits) if is_known else None for value, is_known in zip(numbers, known, strict=True)]
