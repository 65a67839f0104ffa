"""The part of each track that features are computed from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mlproject.corpus.decoding import read_clip

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["TrackClip", "track_clips"]


@dataclass(frozen=True)
class TrackClip:
    """The part of a track that features are computed from."""

    source: Path | bytes  # a file, or what is in one
    start: float
    seconds: float
    sr: int
    complete: bool

    def read(self) -> np.ndarray:
        """Return float32 samples of shape (n_samples,); see `mlproject.corpus.decoding.read_clip`."""
        return read_clip(self.source, start=self.start, seconds=self.seconds, sr=self.sr)


def track_clips(tracks: pd.DataFrame, folder: Path, *, seconds: float, sr: int) -> list[TrackClip]:
    """Return the clip of each accepted track, a row as `mlproject.corpus.subset.TrackRow`; seconds long, at `sr` Hz."""
    columns = zip(tracks.file, tracks.start, tracks.complete, strict=True)
    return [TrackClip(folder / file, start, seconds, sr, complete) for file, start, complete in columns]
