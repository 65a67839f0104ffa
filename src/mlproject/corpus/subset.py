"""Chosen tracks -> a folder of files named by content, and tables of what was taken and what was not.

A corpus of audio gives one file per track, a table one file for all tracks.
"""

import io
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from mlproject.corpus.decoding import AudioInfo, clip_length, fills_clip, inspect, place_clip
from mlproject.corpus.feature_table import FeatureTable
from mlproject.corpus.sampling import Sample
from mlproject.corpus.tracks import AudioCorpus
from mlproject.errors import CorpusNotFoundError, TrackDecodeError
from mlproject.files import write_by_content

__all__ = ["Rejection", "Subset", "TableRow", "TrackRow", "collect_subset"]

Progress = Callable[[Iterable[Any]], Iterable[Any]]


class TrackRow(NamedTuple):
    """One accepted track: its file in the subset, its audio, and where its clip begins (s)."""

    track_id: str
    file: str
    sha256: str
    seconds: float
    sample_rate: int
    start: float
    complete: bool


class TableRow(NamedTuple):
    """One accepted row of a table: the file in the subset that holds all of them, and its place there."""

    track_id: str
    file: str
    sha256: str
    row: int


class Rejection(NamedTuple):
    """A track that is not used at all, or for statistics alone, and why."""

    track_id: str
    used_for: str  # "nothing", "statistics", or "audio": all but its words
    reason: str


class Subset(NamedTuple):
    """What was taken, what was not, and facts of all that was taken: clip length (s), or columns."""

    tracks: list[TrackRow] | list[TableRow]
    rejected: list[Rejection]
    facts: Mapping[str, Any]


def collect_subset(
    corpus: AudioCorpus | FeatureTable, sample: Sample, folder: Path, *, clip_seconds: float, progress: Progress = iter
) -> Subset:
    """Copy the chosen tracks into a folder, and decode each once where they are audio; rows keep the sample's order.

    The folder gets one file per track, or one parquet of all rows of a table, named by the SHA-256 of its content.
    `clip_seconds` is the wanted length of the clips, s; a table has none.

    Raises
    ------
    CorpusNotFoundError
        If not one track can be used.
    """
    rejected = [Rejection(track.track_id, "nothing", str(track.unusable or track.fault)) for track in sample.left_out]
    if isinstance(corpus, FeatureTable):
        return _collect_rows(corpus, sample, folder, rejected)
    return _collect_clips(corpus, sample, folder, rejected, clip_seconds, progress)


def _collect_rows(table: FeatureTable, sample: Sample, folder: Path, rejected: list[Rejection]) -> Subset:
    if not sample.tracks:
        raise _none_usable(sample, rejected)
    features, checksums = table.features(sample.tracks), table.checksums()
    file = io.BytesIO()
    features.to_parquet(file, index=False)
    name = write_by_content(folder, [file.getvalue()], suffix=".parquet")[0].name
    rows = [TableRow(track.track_id, name, checksums[track.track_id], row) for row, track in enumerate(sample.tracks)]
    facts = {"columns": len(features.columns), "columns_left_out": table.columns_left_out}
    return Subset(rows, sorted(rejected), facts)


def _collect_clips(
    corpus: AudioCorpus,
    sample: Sample,
    folder: Path,
    rejected: list[Rejection],
    clip_seconds: float,
    progress: Progress,
) -> Subset:
    accepted: dict[str, tuple[str, str, AudioInfo]] = {}
    for track, pieces in progress(corpus.read(sample.tracks)):
        try:
            file, sha256 = write_by_content(folder, pieces, suffix=track.suffix)
            accepted[track.track_id] = (file.name, sha256, inspect(file))
        except TrackDecodeError as error:
            rejected.append(Rejection(track.track_id, "nothing", str(error)))
    seconds = clip_length((info.seconds for *_, info in accepted.values()), asked=clip_seconds)
    rows = []
    for track_id in (track.track_id for track in sample.tracks if track.track_id in accepted):
        name, sha256, info = accepted[track_id]
        try:
            start = place_clip(info, seconds, corpus.clip_from)
        except TrackDecodeError as error:
            rejected.append(Rejection(track_id, "nothing", str(error)))
            continue
        complete = fills_clip(info.seconds, seconds)
        rows.append(TrackRow(track_id, name, sha256, info.seconds, info.sample_rate, start, complete))
        if not complete:
            reason = f"{info.seconds:.2f} s long, too short for MFCC frames of {seconds:g} s"
            rejected.append(Rejection(track_id, "statistics", reason))
    if not rows:
        raise _none_usable(sample, rejected)
    for file in {*folder.iterdir()} - {folder / row.file for row in rows}:
        file.unlink()
    return Subset(rows, sorted(rejected), {"clip_seconds": seconds, "clip_from": corpus.clip_from})


def _none_usable(sample: Sample, rejected: list[Rejection]) -> CorpusNotFoundError:
    return CorpusNotFoundError(
        f"none of the {len(sample.tracks + sample.left_out)} tracks can be used; "
        f"the first: {rejected[0].track_id}: {rejected[0].reason}"
    )
