"""MFCC images: an example a genre, and originals against their reconstructions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mlproject.reporting.style import label_axes, plain
from mlproject.reporting.task.context import Subject

__all__ = ["Frames", "mfcc_by_genre", "reconstructions"]

_LIMIT = 2.5
_PANELS = 20
_UNIT = "deviation from the coefficient's mean, SD"


@dataclass(frozen=True)
class Frames:
    """MFCC of the tracks of a result.

    Attributes
    ----------
    mfcc : ndarray of shape (n_tracks, n_mfcc, n_frames)
        dB.
    frame_seconds : float
        Time from one frame to the next.
    mean, deviation : ndarray of shape (n_mfcc, 1)
        Of each coefficient over all tracks and frames, dB.
    """

    mfcc: np.ndarray
    frame_seconds: float
    mean: np.ndarray
    deviation: np.ndarray

    @classmethod
    def of(cls, mfcc: np.ndarray, *, frame_seconds: float) -> Frames:
        """Measure the coefficients' scales."""
        deviation = mfcc.std(axis=(0, 2), dtype=np.float64)[:, None]
        mean = mfcc.mean(axis=(0, 2), dtype=np.float64)[:, None]
        return cls(mfcc, frame_seconds, mean, np.where(deviation > 0, deviation, 1.0))

    def scaled(self, image: np.ndarray) -> np.ndarray:
        """Return an image of shape (n_mfcc, n_frames) in standard deviations of each coefficient."""
        return np.asarray((image - self.mean) / self.deviation)

    @property
    def note(self) -> str:
        """How to read the colours."""
        last = len(self.deviation) - 1
        return (
            "Colours: each coefficient (in dB) minus its mean over all tracks, in standard deviations (SD), as "
            f"coefficient 0 spans far more dB than the rest: 1 SD is {self.deviation[0, 0]:.3g} dB for coefficient 0 "
            f"and {self.deviation[last, 0]:.3g} dB for coefficient {last}."
        )


def mfcc_by_genre(subject: Subject, frames: Frames) -> Figure:
    """Draw the first track of each genre as an MFCC image; needs labels."""
    assert subject.genres is not None
    names = subject.genre_names[:_PANELS]
    more = len(subject.genre_names) - len(names)
    columns = 2 if len(names) <= 10 else 4
    rows = math.ceil(len(names) / columns)
    note = frames.note + (f" {more} more genres are not shown." if more else "")
    figure = subject.figure("MFCC of the first track of each genre", note=note, height=2.0 + 1.15 * rows, of_task=False)
    grid = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    for axes, name in zip(grid.flat, names, strict=False):
        track = int(np.flatnonzero(subject.genres.astype(str) == name)[0])
        image = _draw(axes, frames, frames.scaled(frames.mfcc[track]), title=plain(name))
    for axes in list(grid.flat)[len(names) :]:
        axes.remove()
    _label_outside(grid, len(names))
    # Only axes that are still on the figure can lend their room to a colorbar.
    figure.colorbar(image, ax=list(grid.flat)[: len(names)], label=_UNIT, extend="both", pad=0.02)
    return figure


def reconstructions(subject: Subject, frames: Frames) -> Figure:
    """Draw three tracks beside what the model makes of them; needs an encoder that reconstructs."""
    tracks = _example_tracks(subject.genres)
    result = subject.result
    rebuilt = result.task.model.encoder_.reconstruct(result.design.matrix.values[list(tracks.values())])
    title = (
        "Original and reconstructed MFCC"
        if subject.genres is None
        else "Original and reconstructed MFCC of three genres"
    )
    figure = subject.figure(title, note=f"{frames.note} RMS: root mean square of the difference.", height=7.4)
    grid = figure.subplots(len(tracks), 3, squeeze=False, sharex=True, sharey=True)
    for row, (name, track), block in zip(grid, tracks.items(), rebuilt, strict=True):
        original = frames.scaled(frames.mfcc[track])
        copy = frames.scaled(block.reshape(frames.mfcc.shape[1:]))
        _draw(row[0], frames, original, title=f"{name}: original")
        _draw(row[1], frames, copy, title="reconstruction")
        rms = float(np.sqrt(np.mean((original - copy) ** 2)))
        image = _draw(row[2], frames, original - copy, title=f"difference (RMS {rms:.2f} SD)")
    _label_outside(grid, grid.size)
    figure.colorbar(image, ax=grid, label=_UNIT, extend="both", pad=0.02)
    return figure


def _example_tracks(genres: np.ndarray | None) -> dict[str, int]:
    """Return up to three rows by name: the first of genres that are spread over the sorted names."""
    if genres is None:
        return {f"track {row + 1}": row for row in range(3)}
    names, first = np.unique(genres, return_index=True)
    chosen = sorted({0, len(names) // 2, len(names) - 1})
    return {plain(names[index]): int(first[index]) for index in chosen}


def _draw(axes: Axes, frames: Frames, image: np.ndarray, *, title: str) -> Any:
    n_mfcc, n_frames = image.shape
    extent = (0.0, n_frames * frames.frame_seconds, -0.5, n_mfcc - 0.5)
    label_axes(axes, x="time, s", y="MFCC index", title=title)
    return axes.imshow(image, origin="lower", aspect="auto", cmap="RdBu_r", vmin=-_LIMIT, vmax=_LIMIT, extent=extent)


def _label_outside(grid: np.ndarray, count: int) -> None:
    """Show labels along the left and below the last image of each column alone."""
    columns = grid.shape[1]
    axes: Sequence[Axes] = list(grid.flat)[:count]
    for place, panel in enumerate(axes):
        outer = place + columns >= count
        panel.xaxis.label.set_visible(outer)
        panel.tick_params(labelbottom=outer)
        panel.yaxis.label.set_visible(place % columns == 0)
