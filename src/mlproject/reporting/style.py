"""Palette, marks and the frame around every figure: heading above, note below."""

import math
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D

from mlproject.reporting.formatting import short_number, shortened
from mlproject.results.record import Record

__all__ = [
    "BASELINE_COLOUR",
    "INK",
    "LEGEND_LIMIT",
    "MARKERS",
    "NOISE",
    "NOISE_LABEL",
    "PALETTE",
    "PROJECTIONS",
    "TASK_COLOUR",
    "Drawings",
    "Heading",
    "Mark",
    "annotate_end",
    "cluster_name",
    "corpus_name",
    "heat_table",
    "label_axes",
    "legend_beside",
    "mark",
    "new_figure",
    "plain",
    "record_figure",
    "thin",
]

# M. A. Petroff, Accessible Color Sequences for Data Visualization, 2021, arXiv:2107.02270: ten colours.
PALETTE = ("#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6", "#a96b59", "#e76300", "#b9ac70", "#717581", "#92dadd")
# Shapes, and what evens out their areas.
MARKERS = {"o": 1.0, "s": 0.9, "^": 1.1, "D": 0.8, "v": 1.1, "P": 1.3, "X": 1.2, "*": 1.8, "<": 1.1, ">": 1.1}
TASK_COLOUR, BASELINE_COLOUR = "#0072b2", "#e69f00"
INK, ALARM = "#222222", "#a3260b"
DPI = 110
LEGEND_LIMIT = 20


Drawings = Iterable[tuple[str, Figure]]  # file stem and figure


class Heading(NamedTuple):
    """What stands above a figure."""

    title: str  # what is drawn, and of which task, corpus and tracks
    subtitle: str
    warning: str = ""  # drawn in a box where it is not empty


class Mark(NamedTuple):
    """Colour and marker shape of one group of points."""

    colour: str
    marker: str


NOISE = Mark("#000000", "x")
NOISE_LABEL = -1
PROJECTIONS = {"umap": "UMAP", "tsne": "t-SNE"}


def mark(index: int) -> Mark:
    """Return the mark of a group; the first hundred differ in colour or in shape."""
    turn, colour = divmod(index, len(PALETTE))  # after ten colours the shapes shift by one
    return Mark(PALETTE[colour], list(MARKERS)[(colour + turn) % len(MARKERS)])


def new_figure(
    heading: Heading, *, width: float = 9.0, height: float = 7.0, note: str = "", legend: Sequence[Artist] = ()
) -> Figure:
    """Return an empty figure with its heading and note, room for axes left between them.

    Width and height are in inches, at 110 dots an inch; the handles of `legend` are labelled.
    """
    lines = textwrap.wrap(note, int(width * 14))  # 14 characters of size 9 per inch
    legend_at = 0.62 + 0.36 * bool(heading.warning)  # inches from the top; the warning needs a row of its own
    above = legend_at + 0.05 + 0.27 * bool(legend)
    below = 0.08 + 0.18 * len(lines)
    # Left, bottom, width, height, in shares of the figure.
    room = (0.0, below / height, 1.0, 1 - (above + below) / height)
    layout = ConstrainedLayoutEngine(rect=room, w_pad=0.07, h_pad=0.05, wspace=0.03, hspace=0.03)
    figure = Figure(figsize=(width, height), dpi=DPI, layout=layout)
    left, inch = 0.1 / width, 1 / height
    figure.text(left, 1 - 0.1 * inch, heading.title, size=13, weight="bold", color=INK, va="top")
    figure.text(left, 1 - 0.38 * inch, heading.subtitle, size=10.5, color=INK, va="top")
    if heading.warning:
        box = {"facecolor": "#fde8e1", "edgecolor": ALARM, "boxstyle": "round,pad=0.3"}
        x, y = left + 0.06 / width, 1 - 0.71 * inch
        figure.text(x, y, heading.warning, size=10, weight="bold", color=ALARM, va="top", bbox=box)
    if legend:
        place = (left, 1 - legend_at * inch)
        figure.legend(
            handles=legend, loc="upper left", bbox_to_anchor=place, ncols=4, fontsize=9.5, frameon=False, borderpad=0.2
        )
    figure.text(left, 0.08 * inch, "\n".join(lines), size=9, color=INK, va="bottom", linespacing=1.25)
    return figure


def label_axes(axes: Axes, *, x: str, y: str, title: str = "") -> None:
    """Label both axes and take away the frame's upper and right side."""
    axes.set_xlabel(x, size=9.5)
    axes.set_ylabel(y, size=9.5)
    axes.set_title(title, size=10, color=INK)
    axes.tick_params(labelsize=9)
    axes.spines[["top", "right"]].set_visible(False)


def heat_table(
    figure: Figure,
    values: np.ndarray,  # (n_rows, n_columns); NaN is shown as n/a
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    labels: tuple[str, str, str],  # of the columns, of the rows, of the colours
    cmap: str = "Blues",
    limits: tuple[float, float | None] = (0.0, None),
    whole: bool = False,  # whole numbers
    tilted: bool = False,  # names of columns
    size: float = 8.5,
) -> None:
    """Draw a table of numbers as colours with the numbers in them."""
    axes = figure.subplots()
    image = axes.imshow(values, cmap=cmap, vmin=limits[0], vmax=limits[1], aspect="auto")
    figure.colorbar(image, ax=axes, label=labels[2], pad=0.02)
    top = limits[1] if limits[1] is not None else float(np.nanmax(values, initial=0.1))  # white text on dark cells
    for (row, column), value in np.ndenumerate(values):
        text = "n/a" if not np.isfinite(value) else f"{value:.0f}" if whole else short_number(float(value))
        colour = "white" if abs(value) > 0.6 * top else INK
        axes.text(column, row, text, ha="center", va="center", size=size, color=colour)
    label_axes(axes, x=labels[0], y=labels[1])
    turned = (40, "right") if tilted else (0, "center")
    axes.set_xticks(range(len(columns)), columns, rotation=turned[0], ha=turned[1])
    axes.set_yticks(range(len(rows)), rows)


def record_figure(
    record: Record, title: str, *, warning: str, note: str = "", height: float = 7.0, legend: Sequence[Artist] = ()
) -> Figure:
    """Return an empty figure that names the task, the corpus and the number of tracks; see `new_figure`."""
    subtitle = f"{plain(record.task, limit=40)} · {corpus_name(record.corpus)} · {record.n_tracks} tracks"
    return new_figure(Heading(title, subtitle, warning), height=height, note=note, legend=legend)


def legend_beside(axes: Axes, entries: Sequence[tuple[str, Mark]], *, title: str) -> None:
    """Put a legend of marks to the right of axes; a long one ends with how many more there are."""
    shown = list(entries) if len(entries) <= LEGEND_LIMIT else list(entries[: LEGEND_LIMIT - 1])
    handles = [Line2D([], [], ls="", color=colour, marker=marker, label=text) for text, (colour, marker) in shown]
    if len(shown) < len(entries):
        handles.append(Line2D([], [], ls="", label=f"… {len(entries) - len(shown)} more"))
    look: dict[str, Any] = {"fontsize": 9, "title_fontsize": 9, "frameon": False, "alignment": "left"}
    place: dict[str, Any] = {"loc": "center left", "bbox_to_anchor": (1.02, 0.5)}  # in shares of the axes
    axes.legend(handles=handles, title=title, **place, **look, handletextpad=0.2, labelspacing=0.3)


def plain(name: object, *, limit: int = 18) -> str:
    """Return a name that came with the data as a text of at most `limit` characters without mathematics."""
    return shortened(name, limit).replace("$", r"\$")


def corpus_name(corpus: str) -> str:
    """Return what figures call a corpus."""
    return "demo corpus (synthetic)" if corpus == "demo" else f"{plain(corpus)} corpus"


def cluster_name(cluster: int) -> str:
    """Return what figures call a cluster."""
    return "noise" if cluster == NOISE_LABEL else str(cluster)


def annotate_end(axes: Axes, text: str, end: tuple[float, float], *, offset: float = 4) -> None:
    """Write a value beside the end of its horizontal bar."""
    axes.annotate(text, end, (offset, 0), textcoords="offset points", va="center", size=9, color=INK)


def thin(count: int, *, limit: int) -> list[int]:
    """Return evenly spaced positions below `count`, at most `limit` of them, for tick labels."""
    return list(range(0, count, max(1, math.ceil(count / limit))))  # every k-th, so that labels do not overlap
