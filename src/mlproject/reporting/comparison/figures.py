"""Figures of several runs side by side: who beats PCA + K-Means, and what each component adds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from mlproject.reporting.comparison.heatmaps import (
    clusterer_table,
    comparison_figure,
    genre_table,
    purity_table,
    silhouette_table,
)
from mlproject.reporting.evaluation.figures import METRIC_NAMES, difference_axes, draw_interval
from mlproject.reporting.style import BASELINE_COLOUR, INK, TASK_COLOUR, label_axes, number, plain

if TYPE_CHECKING:
    from mlproject.reporting.comparison.comparison import Comparison

__all__ = ["draw_comparison_figures"]

Rows = Sequence[Mapping[str, Any]]
COMPONENTS = ("baseline", "easy", "medium", "hard")
MARKED: dict[str, Any] = {"hatch": "///", "edgecolor": "white", "alpha": 0.55}  # bars of what saw a label


def draw_comparison_figures(
    comparison: Comparison, silhouettes: Mapping[str, Mapping[str, float | None]]
) -> Iterator[tuple[str, Figure]]:
    """Draw a comparison.

    Parameters
    ----------
    comparison : Comparison
    silhouettes : mapping
        By partition and space, of `mlproject.evaluation.spaces.silhouette_matrix`.

    Yields
    ------
    str, Figure
        File stem and figure: ``verdicts``, ``components``, ``metrics``, ``clusterers``, ``purity_by_genre``,
        ``genres_of_the_best``, ``silhouettes``; those that have nothing to show are left out.
    """
    rows, finished = comparison.rows, comparison.finished
    judged = [row for row in rows if row["verdict_ami"] is not None]
    if judged:
        yield "verdicts", verdicts(judged)
    labelled = [row for row in rows if row["ami"] is not None]
    by_name = {row["task"]: row for row in labelled}
    if len(parts := [by_name[name] for name in COMPONENTS if name in by_name]) > 1:
        yield "components", components(parts)
    if labelled:
        yield "metrics", metric_bars(labelled)
    if finished:
        yield "clusterers", clusterer_table(rows, [run.scores for run in finished])
    if labelled:
        yield "purity_by_genre", purity_table(rows, [run.scores for run in finished])
    best = comparison.best
    if best is not None and "genre" in best.assignments:
        clusters = best.assignments[best.scores["primary_clusterer"]].to_numpy()
        yield "genres_of_the_best", genre_table(rows, best.name, clusters, best.assignments.genre.to_numpy(dtype=str))
    if silhouettes:
        yield "silhouettes", silhouette_table(rows, silhouettes)


def verdicts(rows: Rows) -> Figure:
    """Draw the difference of every label-free run to PCA + K-Means, with its interval, for each metric."""
    note = (
        "Mean over seeds on all tracks; intervals from seeds and subsamples, each at the level of its step in Holm's "
        "correction over all rows and metrics. Clear of zero: beats or loses. Tasks that saw a label claim nothing."
    )
    figure = comparison_figure("Which label-free task beats PCA + K-Means?", rows, note, height=3 + 0.42 * len(rows))
    panels = figure.subplots(1, len(METRIC_NAMES), sharey=True)
    for axes, metric in zip(panels, METRIC_NAMES, strict=True):
        for place, row in enumerate(rows):
            if row[f"verdict_{metric}"] is not None:
                found = {key: row[f"{key}_{metric}"] for key in ("low", "high", "verdict")}
                draw_interval(axes, place, {**found, "estimate": row[f"mean_delta_{metric}"]}, wordless=True)
        difference_axes(axes, [plain(row["task"]) for row in rows], f"difference of {METRIC_NAMES[metric]}")
    return figure


def components(rows: Rows) -> Figure:
    """Draw what becomes of PCA + K-Means as an autoencoder, lyrics and the genre itself are added."""
    note = (
        "Difference to PCA + K-Means on the same tracks; whiskers: interval of its verdict, where the task was "
        "evaluated. Hatched: the genre reached the vectors, so the bar shows what was told, not what was found."
    )
    figure = comparison_figure("What does each component add to PCA + K-Means?", rows, note, height=4.6)
    panels = figure.subplots(1, len(METRIC_NAMES), sharey=True)
    for axes, metric in zip(panels, METRIC_NAMES, strict=True):
        for place, row in enumerate(rows):
            gain = _first(row, f"mean_delta_{metric}", f"delta_{metric}")
            colour = BASELINE_COLOUR if row["task"] == "baseline" else TASK_COLOUR
            axes.bar(place, gain, 0.7, color=colour, **_marking(row))
            if row[f"low_{metric}"] is not None:
                axes.plot([place, place], [row[f"low_{metric}"], row[f"high_{metric}"]], color=INK, lw=1.5)
            axes.annotate(f"{gain:+.3f}", (place, max(gain, row[f"high_{metric}"] or 0.0)), (0, 3), **_TEXT)
        axes.axhline(0, color=INK, lw=1)
        label_axes(axes, x="", y=f"difference of {METRIC_NAMES[metric]}" if axes is panels[0] else "")
        axes.set_title(METRIC_NAMES[metric], size=10)
        axes.set_xticks(range(len(rows)), ["PCA" if row["task"] == "baseline" else row["task"] for row in rows])
        axes.margins(y=0.15)
    return figure


def metric_bars(rows: Rows) -> Figure:
    """Draw AMI, ARI and purity of every run, with the interval of its difference to PCA laid about its bar's end."""
    note = (
        "Bars: mean over seeds where the task was evaluated, one seed where it was not. Whiskers: interval of the "
        "difference to PCA + K-Means, added to the score of PCA + K-Means (dashed). Hatched: saw a label, not ranked."
    )
    legend = [Patch(color=TASK_COLOUR, label="label-free"), Patch(fc=TASK_COLOUR, label="saw a label", **MARKED)]
    height = 2.8 + 0.34 * len(rows)
    figure = comparison_figure("Scores of every run", rows, note, height=height, legend=legend)
    panels = figure.subplots(1, len(METRIC_NAMES), sharey=True)
    for axes, metric in zip(panels, METRIC_NAMES, strict=True):
        for place, row in enumerate(rows):
            _bar(axes, place, row, metric)
        label_axes(axes, x=METRIC_NAMES[metric], y="")
        axes.set_yticks(range(len(rows)), [plain(row["task"]) for row in rows])
        axes.margins(x=0.16)
    panels[0].invert_yaxis()
    return figure


_TEXT: dict[str, Any] = {"textcoords": "offset points", "ha": "center", "size": 9, "color": INK}


def _bar(axes: Axes, place: int, row: Mapping[str, Any], metric: str) -> None:
    score = _first(row, f"mean_{metric}", metric)
    axes.barh(place, score, 0.7, color=TASK_COLOUR, **_marking(row))
    end = score
    reference = score - _first(row, f"mean_delta_{metric}", f"delta_{metric}")
    axes.plot([reference, reference], [place - 0.4, place + 0.4], color=BASELINE_COLOUR, lw=2, ls="--")
    if row[f"low_{metric}"] is not None:
        ends = [reference + row[f"{side}_{metric}"] for side in ("low", "high")]
        axes.plot(ends, [place, place], color=INK, lw=1.5)
        end = max(score, *ends)
    axes.annotate(number(score), (max(end, 0.0), place), (4, 0), textcoords="offset points", va="center", size=9)


def _first(row: Mapping[str, Any], *keys: str) -> float:
    return float(next((row[key] for key in keys if row[key] is not None), np.nan))


def _marking(row: Mapping[str, Any]) -> dict[str, Any]:
    return {} if row["representation"] == "label-free" else MARKED
