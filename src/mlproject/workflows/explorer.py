"""Results -> the explorer, with clips of this checkout's music to listen to."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from mlproject.corpus.previews import listening_clip
from mlproject.files import write_text
from mlproject.reporting.explorer import REPORT
from mlproject.reporting.explorer.page import explorable, explorer_page
from mlproject.results.compared_run import ComparedRun
from mlproject.workspace.facts import corpus_facts
from mlproject.workspace.paths import Workspace

__all__ = ["REPORT", "listening_clips", "write_report"]

CLIPS_LIMIT = 7_000_000  # bytes; base64 makes a third more of them


def write_report(path: Path, runs: Sequence[ComparedRun], *, title: str, clips: Mapping[str, bytes]) -> bool:
    """Write the explorer of all runs that have something to show; return whether there was any."""
    shown = explorable(runs)
    if shown:
        write_text(path, explorer_page(shown, title=title, clips=clips))
    return bool(shown)


def listening_clips(workspace: Workspace, runs: Sequence[ComparedRun], *, all_tracks: bool = False) -> dict[str, bytes]:
    """Encode clips to listen to, MP3 by track_id: those of central tracks first, up to the limit.

    With `all_tracks` the other tracks follow while there is room. A corpus without audio has none.
    """
    shown = explorable(runs)
    if not shown or not workspace.corpus.exists() or corpus_facts(workspace).holds != "audio":
        return {}
    table: Iterable[Any] = pd.read_parquet(workspace.tracks).itertuples()
    tracks = {track.track_id: track for track in table}
    clip_seconds, clips, size = corpus_facts(workspace).clip_seconds, dict[str, bytes](), 0
    for track_id in _by_importance(shown, all_tracks=all_tracks):
        if track_id not in tracks:
            continue
        track = tracks[track_id]
        seconds, cache = min(track.seconds - track.start, clip_seconds), workspace.cache / "clips"
        clip = listening_clip(workspace.subset / track.file, start=track.start, seconds=seconds, cache=cache)
        size += len(clip)
        if size > CLIPS_LIMIT:
            break
        clips[track_id] = clip
    return clips


def _by_importance(runs: Sequence[ComparedRun], *, all_tracks: bool) -> list[str]:
    """List track ids: the most central of each cluster first, then the second most central ones, and so on."""
    central = [cluster.central for run in runs for cluster in run.task.clusters]
    ranked = [ids[rank] for rank in range(max(map(len, central))) for ids in central if rank < len(ids)]
    others = [str(track_id) for run in runs for track_id in run.task.assignments.index] if all_tracks else []
    return list(dict.fromkeys([*ranked, *others]))
