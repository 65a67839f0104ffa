"""Pictures that Optuna draws with matplotlib: made readable, saved whole, and without a trace on other figures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axis import Axis
from matplotlib.collections import LineCollection
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from mlproject.files import write_figure

__all__ = ["drawing", "save_picture"]

SIZE = (11, 7)  # inches


@contextmanager
def drawing() -> Iterator[None]:
    """Draw without a window, and undo the style that Optuna sets for all figures."""
    matplotlib.use("agg")
    with matplotlib.rc_context({"savefig.bbox": "tight"}):  # labels that stick out are not cut
        yield


def save_picture(path: Path, axes: Any) -> None:
    """Write the figure of Optuna's axes as .png, and close it.

    Parameters
    ----------
    path : Path
    axes : matplotlib.axes.Axes or ndarray of them
        What Optuna's functions return.
    """
    import matplotlib.pyplot as plt

    figure = (axes if hasattr(axes, "figure") else axes.flat[0]).figure
    figure.set_size_inches(*SIZE)
    for one in figure.axes:
        if one.get_xscale() == "log":
            _plain_ticks(one.xaxis)
            one.tick_params(axis="x", labelrotation=45)
        if one.get_yscale() == "log":
            _plain_ticks(one.yaxis)
        if any(isinstance(drawn, LineCollection) for drawn in figure.axes[0].collections):
            one.grid(visible=False)  # its white lines are not those of trials
    write_figure(path, figure)
    plt.close(figure)


def _plain_ticks(axis: Axis) -> None:
    """Label 1, 2, 5, 10, ... in plain numbers: Optuna's own labels of a narrow axis cover one another."""
    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())
