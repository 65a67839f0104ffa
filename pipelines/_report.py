"""Folders of tasks' outputs -> the explorer, with clips of this checkout's music to listen to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from mlproject.corpus.previews import listening_clip
from mlproject.files import read_json, write_text
from mlproject.reporting.explorer import ExploredRun, explorer_page
from pipelines import _workspace as workspace

__all__ = ["REPORT", "explored", "listening_clips", "write_report"]

REPORT = "report.html"
CLIPS_LIMIT = 7_000_000  # bytes; base64 makes a third more of them


def explored(name: str, folder: Path, evaluation: Mapping[str, Any] | None = None) -> ExploredRun | None:
    """Read what the explorer shows of a task; None for one that has no maps (``evaluation.figures=false``)."""
    if not (folder / "maps.parquet").exists():
        return None
    clusters, assignments = read_json(folder / "clusters.json"), pd.read_parquet(folder / "assignments.parquet")
    tracks = assignments.rename(columns={clusters["clusterer"]: "cluster"})
    known = [column for column in ("track_id", "cluster", "distance", "genre", "artist") if column in tracks]
    tracks = pd.concat([tracks[known], pd.read_parquet(folder / "maps.parquet")], axis=1)
    return ExploredRun(name, read_json(folder / "scores.json"), clusters, tracks, evaluation)


def write_report(path: Path, runs: Iterable[ExploredRun | None], *, title: str, clips: Mapping[str, bytes]) -> bool:
    """Write the explorer of all runs that have something to show; return whether there was any."""
    shown = [run for run in runs if run is not None]
    if shown:
        write_text(path, explorer_page(shown, title=title, clips=clips))
    return bool(shown)


def listening_clips(runs: Iterable[ExploredRun | None], *, all_tracks: bool = False) -> dict[str, bytes]:
    """Encode clips to listen to: those of central tracks first, up to the limit.

    Parameters
    ----------
    runs : iterable of ExploredRun or None
    all_tracks : bool, default=False
        Whether the other tracks follow while there is room.
    """
    runs = [run for run in runs if run is not None]
    if not runs or not workspace.CORPUS.exists() or workspace.corpus_facts()["holds"] != "audio":
        return {}
    files = pd.read_parquet(workspace.TRACKS).set_index("track_id")
    central = [one["central"] for run in runs for one in run.clusters["clusters"]]
    ranked = [ids[rank] for rank in range(max(map(len, central))) for ids in central if rank < len(ids)]
    others = [track for run in runs for track in run.tracks.track_id] if all_tracks else []
    clips, size = dict[str, bytes](), 0
    for track in dict.fromkeys([*ranked, *others]):
        if track not in files.index:
            continue
        row = files.loc[track]
        clip = listening_clip(
            workspace.SUBSET / row.file,
            start=row.start,
            seconds=min(row.seconds - row.start, workspace.corpus_facts()["clip_seconds"]),
            cache=workspace.CACHE / "clips",
        )
        size += len(clip)
        if size > CLIPS_LIMIT:
            break
        clips[track] = clip
    return clips
