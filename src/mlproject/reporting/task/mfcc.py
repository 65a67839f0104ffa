"""MFCC images: one example per genre, and originals against their reconstructions."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from mlproject.reporting.style import label_axes, plain
from mlproject.reporting.task.context import TaskFigures
from mlproject.results.examples import Examples

__all__ = ["mfcc_by_genre", "reconstructions"]

_LIMIT = 2.5
_UNIT = "deviation from the coefficient's mean, SD"


def _scaled(images: np.ndarray, examples: Examples) -> np.ndarray:
    """Return images of shape (n_images, n_mfcc, n_frames) in standard deviations of each coefficient."""
    return np.asarray((images - examples.mean) / examples.deviation)


def _note(examples: Examples) -> str:
    """Say how to read the colours."""
    first, *_, last = examples.deviation[:, 0]
    return (
        "Colours: each coefficient (in dB) minus its mean over all tracks, in standard deviations (SD), as "
        f"coefficient 0 spans far more dB than the rest: 1 SD is {first:.3g} dB for coefficient 0 "
        f"and {last:.3g} dB for coefficient {len(examples.deviation) - 1}."
    )


def mfcc_by_genre(context: TaskFigures, examples: Examples) -> Figure:
    """Draw the first track of each genre as an MFCC image; needs labels."""
    names = examples.genres
    more = len(context.genre_names) - len(names)
    columns = 2 if len(names) <= 10 else 4  # more genres, narrower panels
    rows = math.ceil(len(names) / columns)
    note = _note(examples) + (f" {more} more genres are not shown." if more else "")
    figure = context.figure("MFCC of the first track of each genre", note=note, height=2.0 + 1.15 * rows, of_task=False)
    grid = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    for axes, name, image in zip(grid.flat, names, _scaled(examples.by_genre, examples), strict=False):
        drawn = _draw(axes, context, image, title=plain(name))
    for axes in list(grid.flat)[len(names) :]:
        axes.remove()
    _label_outside(grid, len(names))
    # Only axes that are still on the figure can lend their room to a colorbar.
    figure.colorbar(drawn, ax=list(grid.flat)[: len(names)], label=_UNIT, extend="both", pad=0.02)
    return figure


def reconstructions(context: TaskFigures, examples: Examples) -> Figure:
    """Draw three tracks beside what the model makes of them; needs an encoder that reconstructs."""
    title = "Original and reconstructed MFCC" + ("" if context.genres is None else " of three genres")
    figure = context.figure(title, note=f"{_note(examples)} RMS: root mean square of the difference.", height=7.4)
    grid = figure.subplots(len(examples.names), 3, squeeze=False, sharex=True, sharey=True)
    originals, copies = _scaled(examples.originals, examples), _scaled(examples.reconstructions, examples)
    for row, name, original, copy in zip(grid, examples.names, originals, copies, strict=True):
        _draw(row[0], context, original, title=f"{plain(name)}: original")
        _draw(row[1], context, copy, title="reconstruction")
        rms = float(np.sqrt(np.mean((original - copy) ** 2)))  # in standard deviations, as the colours
        drawn = _draw(row[2], context, original - copy, title=f"difference (RMS {rms:.2f} SD)")
    _label_outside(grid, grid.size)
    figure.colorbar(drawn, ax=grid, label=_UNIT, extend="both", pad=0.02)
    return figure


def _draw(axes: Axes, context: TaskFigures, image: np.ndarray, *, title: str) -> AxesImage:
    n_mfcc, n_frames = image.shape
    # Seconds across, coefficients up.
    extent = (0.0, n_frames * (context.record.frame_seconds or 1.0), -0.5, n_mfcc - 0.5)
    label_axes(axes, x="time, s", y="MFCC index", title=title)
    return axes.imshow(image, origin="lower", aspect="auto", cmap="RdBu_r", vmin=-_LIMIT, vmax=_LIMIT, extent=extent)


def _label_outside(grid: np.ndarray, count: int) -> None:
    """Show labels along the left and below the last image of each column alone."""
    columns = grid.shape[1]
    axes: Sequence[Axes] = list(grid.flat)[:count]
    for place, panel in enumerate(axes):
        outer = place + columns >= count  # no panel below
        panel.xaxis.label.set_visible(outer)
        panel.tick_params(labelbottom=outer)
        panel.yaxis.label.set_visible(place % columns == 0)
