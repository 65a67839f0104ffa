"""Chosen tracks -> a folder of audio files named by content, and tables of what was taken and what was not."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mlproject.artifacts import write_bytes
from mlproject.corpus.decoding import AudioInfo, clip_length, clip_start, fills_clip, inspect, read_clip
from mlproject.corpus.sampling import Sample
from mlproject.corpus.tracks import Corpus, Track
from mlproject.errors import CorpusNotFoundError, TrackDecodeError

__all__ = ["Rejection", "Subset", "TrackClip", "TrackRow", "collect_subset"]

Progress = Callable[[Iterable[Any]], Iterable[Any]]


class TrackRow(NamedTuple):
    """One accepted track: its file in the subset, its audio, and where its clip begins (s)."""

    track_id: str
    file: str
    sha256: str
    seconds: float
    sample_rate: int
    channels: int
    start: float
    complete: bool


class Rejection(NamedTuple):
    """A track that is not used at all, or for statistics alone, and why."""

    track_id: str
    used_for: str
    reason: str


class Subset(NamedTuple):
    """What was taken, what was not, and the clip length of all, s."""

    tracks: list[TrackRow]
    rejected: list[Rejection]
    clip_seconds: float


@dataclass(frozen=True)
class TrackClip:
    """The part of a track that features are computed from."""

    path: Path
    start: float
    seconds: float
    sr: int
    complete: bool

    def read(self) -> np.ndarray:
        """Return float32 samples of shape (n_samples,); see `mlproject.corpus.decoding.read_clip`."""
        return read_clip(self.path, start=self.start, seconds=self.seconds, sr=self.sr)


def collect_subset(
    corpus: Corpus, sample: Sample, folder: Path, *, clip_seconds: float, progress: Progress = iter
) -> Subset:
    """Copy the chosen tracks into a folder and decode each once.

    Parameters
    ----------
    corpus : Corpus
    sample : Sample
        The chosen tracks in the order that the rows get.
    folder : Path
        Gets one file a track, named by the SHA-256 of its content.
    clip_seconds : float
        Wanted length of the clips, s.
    progress : callable
        Wraps the iterable of tracks, for a progress bar.

    Raises
    ------
    CorpusNotFoundError
        If not one track can be used.
    """
    found: dict[str, tuple[str, AudioInfo]] = {}
    rejected = [Rejection(track.track_id, "nothing", str(track.fault)) for track in sample.faulty]
    for track, content in progress(corpus.read(sample.tracks)):
        name = hashlib.sha256(content).hexdigest()[:16] + track.suffix
        write_bytes(folder / name, content)
        try:
            found[track.track_id] = (hashlib.sha256(content).hexdigest(), inspect(folder / name))
        except TrackDecodeError as error:
            (folder / name).unlink()
            rejected.append(Rejection(track.track_id, "nothing", str(error)))
    if not found:
        raise CorpusNotFoundError(
            f"none of the {len(sample.tracks)} tracks can be used; "
            f"the first: {rejected[0].track_id}: {rejected[0].reason}"
        )
    seconds = clip_length((info.seconds for _, info in found.values()), wanted=clip_seconds)
    rows = [_row(track, *found[track.track_id], seconds, corpus) for track in sample.tracks if track.track_id in found]
    for row in rows:
        if not row.complete:
            reason = f"{row.seconds:.2f} s long, too short for MFCC frames of {seconds:g} s"
            rejected.append(Rejection(row.track_id, "statistics", reason))
    return Subset(rows, sorted(rejected), seconds)


def _row(track: Track, sha256: str, info: AudioInfo, seconds: float, corpus: Corpus) -> TrackRow:
    return TrackRow(
        track.track_id,
        sha256[:16] + track.suffix,
        sha256,
        info.seconds,
        info.sample_rate,
        info.channels,
        clip_start(info.seconds, seconds, corpus.clip_from),
        fills_clip(info.seconds, seconds),
    )
