"""Palette, marks and the frame around every figure: heading above, note below."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D

__all__ = [
    "BASELINE_COLOUR",
    "INK",
    "LEGEND_LIMIT",
    "MARKERS",
    "NOISE",
    "PALETTE",
    "TASK_COLOUR",
    "Heading",
    "Mark",
    "label_axes",
    "legend_beside",
    "mark",
    "new_figure",
    "number",
    "plain",
    "thin",
]

# M. A. Petroff, Accessible Color Sequences for Data Visualization, 2021, arXiv:2107.02270: ten colours.
PALETTE = (
    "#3f90da",
    "#ffa90e",
    "#bd1f01",
    "#94a4a2",
    "#832db6",
    "#a96b59",
    "#e76300",
    "#b9ac70",
    "#717581",
    "#92dadd",
)
# Shapes, and what evens out their areas.
MARKERS = {"o": 1.0, "s": 0.9, "^": 1.1, "D": 0.8, "v": 1.1, "P": 1.3, "X": 1.2, "*": 1.8, "<": 1.1, ">": 1.1}
TASK_COLOUR, BASELINE_COLOUR = "#0072b2", "#e69f00"
INK, ALARM = "#222222", "#a3260b"
DPI = 110
LEGEND_LIMIT = 20


class Heading(NamedTuple):
    """What stands above a figure.

    Attributes
    ----------
    title, subtitle : str
        What is drawn, and of which task, corpus and tracks.
    warning : str
        Drawn in a box where it is not empty.
    """

    title: str
    subtitle: str
    warning: str = ""


class Mark(NamedTuple):
    """Colour and marker shape of one group of points."""

    colour: str
    marker: str


NOISE = Mark("#000000", "x")


def mark(index: int) -> Mark:
    """Return the mark of a group; the first hundred differ in colour or in shape."""
    turn, colour = divmod(index, len(PALETTE))
    return Mark(PALETTE[colour], list(MARKERS)[(colour + turn) % len(MARKERS)])


def new_figure(
    heading: Heading, *, width: float = 9.0, height: float = 7.0, note: str = "", legend: Sequence[Artist] = ()
) -> Figure:
    """Return an empty figure with its heading and note, room for axes left between them.

    Parameters
    ----------
    heading : Heading
        What stands above.
    width, height : float, default=9.0, 7.0
        Inches, at 110 dots an inch.
    note : str, default=""
        Small print below; wrapped.
    legend : sequence of Artist, optional
        Labelled, for a legend under the heading.
    """
    lines = textwrap.wrap(note, int(width * 14))
    legend_at = 0.62 + 0.36 * bool(heading.warning)
    above = legend_at + 0.05 + 0.27 * bool(legend)
    below = 0.08 + 0.18 * len(lines)
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


def legend_beside(axes: Axes, entries: Sequence[tuple[str, Mark]], *, title: str) -> None:
    """Put a legend of marks to the right of axes; a long one ends with how many more there are."""
    shown = list(entries) if len(entries) <= LEGEND_LIMIT else list(entries[: LEGEND_LIMIT - 1])
    handles = [Line2D([], [], ls="", color=colour, marker=marker, label=text) for text, (colour, marker) in shown]
    if len(shown) < len(entries):
        handles.append(Line2D([], [], ls="", label=f"… {len(entries) - len(shown)} more"))
    axes.legend(
        handles=handles,
        title=title,
        loc="center left",
        bbox_to_anchor=(1.02, 0.5),
        fontsize=9,
        title_fontsize=9,
        frameon=False,
        alignment="left",
        handletextpad=0.2,
        labelspacing=0.3,
    )


def plain(name: object, *, limit: int = 18) -> str:
    """Return a name that came with the data as a text of at most `limit` characters without mathematics."""
    text = str(name)
    if len(text) > limit:
        text = f"{text[: limit // 2]}…{text[1 - limit // 2 :]}"
    return text.replace("$", r"\$")


def number(score: float | None) -> str:
    """Return a score as people read it, n/a where it is undefined."""
    if score is None:
        return "n/a"
    # Adding zero takes the sign off a rounded -0.
    return f"{round(score, 2) + 0.0:.2f}" if abs(score) < 100 else f"{score:.0f}"


def thin(count: int, *, limit: int) -> list[int]:
    """Return evenly spaced positions below `count`, at most `limit` of them, for tick labels."""
    return list(range(0, count, max(1, math.ceil(count / limit))))
