"""Pictures that Optuna draws with matplotlib: made readable, saved whole, and without a trace on other figures."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
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


def save_picture(path: Path, axes: Axes | np.ndarray) -> None:
    """Write the figure of the axes, or array of axes, that Optuna's functions return as .png, and close it."""
    import matplotlib.pyplot as plt

    first: Axes = axes.flat[0] if isinstance(axes, np.ndarray) else axes
    figure = first.get_figure(root=True)
    assert figure is not None
    figure.set_size_inches(*SIZE)
    for panel in figure.axes:
        if panel.get_xscale() == "log":
            _plain_ticks(panel.xaxis)
            panel.tick_params(axis="x", labelrotation=45)
        if panel.get_yscale() == "log":
            _plain_ticks(panel.yaxis)
        if any(isinstance(drawn, LineCollection) for drawn in figure.axes[0].collections):
            panel.grid(visible=False)  # its white lines are not those of trials
    write_figure(path, figure)
    plt.close(figure)


def _plain_ticks(axis: Axis) -> None:
    """Label 1, 2, 5, 10, ... in plain numbers: Optuna's own labels of a narrow axis cover one another."""
    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())
