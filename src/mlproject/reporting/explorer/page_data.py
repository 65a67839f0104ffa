"""Runs -> what the page reads: one shared list of tracks, and columns of numbers for each run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mlproject.reporting.explorer.explored_run import ExploredRun
from mlproject.reporting.explorer.summary import Verdicts, claim, judge_runs, leakage, score_rows
from mlproject.reporting.style import MARKERS, NOISE, PALETTE, Mark, mark
from mlproject.reporting.task.context import CLUSTERERS
from mlproject.reporting.task.partitions import NOISE_LABEL

__all__ = ["page_record"]

MAPS = ("umap", "tsne")
# Marker of matplotlib -> symbol of plotly.
SYMBOLS = {
    "o": "circle",
    "s": "square",
    "^": "triangle-up",
    "D": "diamond",
    "v": "triangle-down",
    "P": "cross",
    "X": "x",
    "*": "star",
    "<": "triangle-left",
    ">": "triangle-right",
    "x": "x-thin-open",
}


def page_record(runs: Sequence[ExploredRun]) -> dict[str, Any]:
    """Return all that the page shows as plain values.

    Parameters
    ----------
    runs : sequence of ExploredRun
        Of one corpus.

    Returns
    -------
    dict
        Runs name tracks by their place in the shared list, which is in order of the ids. A column of genres or artists
        is None where none is known.
    """
    tracks = _shared_tracks(runs)
    places = {track: place for place, track in enumerate(tracks.index)}
    verdicts = judge_runs(runs)
    return {
        "corpus": runs[0].scores["corpus"],
        "tracks": {"id": list(places), "genre": _names(tracks["genre"]), "artist": _names(tracks["artist"])},
        "marks": [_symbol(mark(index)) for index in range(len(PALETTE) * len(MARKERS))],
        "noise": _symbol(NOISE),
        "claims": sum(map(len, verdicts)),
        "runs": [_run(run, own, places) for run, own in zip(runs, verdicts, strict=True)],
    }


def _symbol(one: Mark) -> list[str]:
    return [one.colour, SYMBOLS[one.marker]]


def _shared_tracks(runs: Sequence[ExploredRun]) -> pd.DataFrame:
    """Return genre and artist of every track of any run, in order of the ids."""
    columns = ["track_id", "genre", "artist"]
    tables = [run.tracks.reindex(columns=columns).astype({"track_id": str}).astype(object) for run in runs]
    return pd.concat(tables).groupby("track_id", sort=True).first()


def _names(column: pd.Series[Any]) -> list[str | None] | None:
    if column.isna().all():
        return None
    return [None if missing else str(name) for name, missing in zip(column, column.isna(), strict=True)]


def _run(run: ExploredRun, verdicts: Verdicts, places: Mapping[str, int]) -> dict[str, Any]:
    clusterer = run.clusters["clusterer"]
    return {
        "name": run.name,
        "clusterer": CLUSTERERS.get(clusterer, clusterer),
        **leakage(run),
        "claim": claim(run, verdicts),
        "scores": score_rows(run, verdicts),
        "seeds": run.evaluated and run.evaluated["seeds"],
        "sure": run.evaluated and round(100 * (1 - run.evaluated["level"])),
        "track": [places[str(track)] for track in run.tracks["track_id"]],
        "cluster": [int(cluster) for cluster in run.tracks["cluster"]],
        "distance": _rounded(run.tracks["distance"]),
        "maps": {name: [_rounded(run.tracks[f"{name}_{axis}"]) for axis in "xy"] for name in MAPS},
        "clusters": [_cluster(one, places) for one in sorted(run.clusters["clusters"], key=_is_noise)],
    }


def _is_noise(one: Mapping[str, Any]) -> bool:
    return bool(one["cluster"] == NOISE_LABEL)


def _cluster(one: Mapping[str, Any], places: Mapping[str, int]) -> dict[str, Any]:
    counts = sorted((one["genres"] or {}).items(), key=lambda item: (-item[1], item[0]))
    return {
        "cluster": int(one["cluster"]),
        "name": str(one["name"]),
        "size": int(one["size"]),
        "genres": [[str(genre), int(count)] for genre, count in counts],
        "purity": None if one["purity"] is None else round(float(one["purity"]), 3),
        "apart": [[str(found["phrase"]), round(float(found["difference"]), 2)] for found in one["distinguishing"]],
        "words": [str(word) for word in one["words"]],
        "central": [places[track] for track in one["central"]],
    }


def _rounded(column: pd.Series[Any]) -> list[float | None]:
    """Round to a ten-thousandth of the range or finer; None where there is no number."""
    numbers = column.to_numpy(dtype=np.float64)
    known = np.isfinite(numbers)
    spread = float(np.ptp(numbers[known])) if known.any() else 0.0
    digits = 4 - int(np.floor(np.log10(spread))) if spread else 4
    return [round(float(value), digits) if is_known else None for value, is_known in zip(numbers, known, strict=True)]
