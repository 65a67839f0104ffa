"""Figures of several runs side by side: who beats PCA + K-Means, and what each component adds."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from mlproject.evaluation.metrics import TESTED, metric_label
from mlproject.files import write_figure, write_table, write_text
from mlproject.reporting.comparison.comparison import Comparison
from mlproject.reporting.comparison.heatmaps import (
    clusterer_table,
    comparison_figure,
    genre_table,
    purity_table,
    silhouette_table,
)
from mlproject.reporting.comparison.leaderboard import COLUMNS, Row, ablation_rows
from mlproject.reporting.evaluation.figures import difference_axes, draw_interval
from mlproject.reporting.formatting import number, short_number
from mlproject.reporting.style import BASELINE_COLOUR, INK, TASK_COLOUR, annotate_end, label_axes, plain

__all__ = ["draw_comparison_figures", "write_comparison"]

Rows = Sequence[Row]
MARKED: dict[str, Any] = {"hatch": "///", "edgecolor": "white", "alpha": 0.55}  # bars of what saw a label
TEXT: dict[str, Any] = {"textcoords": "offset points", "ha": "center", "size": 9, "color": INK}


def draw_comparison_figures(
    comparison: Comparison, silhouettes: Mapping[str, Mapping[str, float | None]]
) -> Iterator[tuple[str, Figure]]:
    """Draw a comparison, and silhouettes by partition and space; yield stem and figure of what there is to show."""
    rows, runs, best = comparison.rows, comparison.finished, comparison.best
    judged = [row for row in rows if "ami" in row.verdicts]
    if judged:
        yield "verdicts", verdicts(judged)
    labelled = [row for row in rows if row.scores.get("ami") is not None]
    if len(parts := ablation_rows(labelled, comparison.config.ablation)) > 1:
        yield "components", components(parts)
    if labelled:
        yield "metrics", metric_bars(labelled)
    if runs:
        yield "clusterers", clusterer_table(rows, runs)
    if labelled:
        yield "purity_by_genre", purity_table(rows, runs)
    if best is not None and best.task.genres is not None:
        yield "genres_of_the_best", genre_table(rows, best.name, best.task.partition(), best.task.genres)
    if silhouettes:
        yield "silhouettes", silhouette_table(rows, silhouettes)


def write_comparison(comparison: Comparison, folder: Path, *, figures: bool) -> None:
    """Write leaderboard.csv and .md, silhouettes.csv, and with `figures` the figures of ``figures/``, into a folder."""
    table = pd.DataFrame([row.columns() for row in comparison.rows], columns=list(COLUMNS))
    write_table(folder / "leaderboard.csv", table)
    write_text(folder / "leaderboard.md", comparison.markdown)
    silhouettes = pd.DataFrame(comparison.silhouettes).T.rename_axis("partition").reset_index()
    write_table(folder / "silhouettes.csv", silhouettes)
    (folder / "figures").mkdir(exist_ok=True)
    if figures:
        for stem, figure in draw_comparison_figures(comparison, comparison.silhouettes):
            write_figure(folder / "figures" / f"{stem}.png", figure)


def verdicts(rows: Rows) -> Figure:
    """Draw the difference of every label-free run to PCA + K-Means, with its interval, for each metric."""
    note = (
        "Mean over seeds on all tracks; intervals from seeds and subsamples, each at the level of its step in Holm's "
        "correction over all rows and metrics. Clear of zero: beats or loses. Tasks that saw a label claim nothing."
    )
    best = [plain(row.name) for row in rows if row.verdicts["ami"].word == "beats"]
    answer = "none" if not best else ", ".join(best) if len(best) < 4 else f"{len(best)} of {len(rows)}"
    title = f"Which label-free task beats PCA + K-Means? By AMI: {answer}"
    figure = comparison_figure(title, rows, note, height=3 + 0.42 * len(rows))
    panels = figure.subplots(1, len(TESTED), sharey=True)
    for axes, metric in zip(panels, TESTED, strict=True):
        for place, row in enumerate(rows):
            estimate, verdict = row.delta.get(metric), row.verdicts.get(metric)
            if verdict is not None and estimate is not None:
                draw_interval(axes, place, estimate, verdict.low, verdict.high, verdict.word, wordless=True)
        difference_axes(axes, [plain(row.name) for row in rows], f"difference of {metric_label(metric)}")
    return figure


def components(rows: Rows) -> Figure:
    """Draw what becomes of PCA + K-Means as an autoencoder, lyrics and the genre itself are added."""
    note = (
        "Difference to PCA + K-Means on the same tracks, mean over seeds where the task was evaluated; whiskers: "
        "interval of its verdict. Hatched: the genre reached the vectors, so the bar shows what was given, not found."
    )
    figure = comparison_figure("What does each component add to PCA + K-Means?", rows, note, height=4.6)
    panels = figure.subplots(1, len(TESTED), sharey=True)
    for axes, metric in zip(panels, TESTED, strict=True):
        for place, row in enumerate(rows):
            gain, verdict = _known(row.delta.get(metric)), row.verdicts.get(metric)
            colour = BASELINE_COLOUR if row.name == "baseline" else TASK_COLOUR
            axes.bar(place, gain, 0.7, color=colour, **_marking(row))
            if verdict is not None:
                axes.plot([place, place], [verdict.low, verdict.high], color=INK, lw=1.5)
            end = max(gain, 0.0 if verdict is None else verdict.high)  # text above bar and whisker
            axes.annotate(number(gain, sign="+"), (place, end), (0, 3), **TEXT)
        axes.axhline(0, color=INK, lw=1)
        label_axes(axes, x="", y="difference" if axes is panels[0] else "")
        axes.set_title(metric_label(metric), size=10)
        names = ["PCA" if row.name == "baseline" else plain(row.name) for row in rows]
        axes.set_xticks(range(len(rows)), names, rotation=30, ha="right")
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
    panels = figure.subplots(1, len(TESTED), sharey=True)
    for axes, metric in zip(panels, TESTED, strict=True):
        for place, row in enumerate(rows):
            _bar(axes, place, row, metric)
        label_axes(axes, x=metric_label(metric), y="")
        axes.set_yticks(range(len(rows)), [plain(row.name) for row in rows])
        axes.margins(x=0.16)
    panels[0].invert_yaxis()
    return figure


def _bar(axes: Axes, place: int, row: Row, metric: str) -> None:
    score, verdict = _known(row.scores.get(metric)), row.verdicts.get(metric)
    axes.barh(place, score, 0.7, color=TASK_COLOUR, **_marking(row))
    baseline = _known(row.baseline.get(metric))
    axes.plot([baseline, baseline], [place - 0.4, place + 0.4], color=BASELINE_COLOUR, lw=2, ls="--")
    # Interval of the difference, moved to the score of PCA.
    ends = [score] if verdict is None else [baseline + verdict.low, baseline + verdict.high]
    if verdict is not None:
        axes.plot(ends, [place, place], color=INK, lw=1.5)
    annotate_end(axes, short_number(score), (max(score, *ends, 0.0), place))


def _known(value: float | None) -> float:
    return np.nan if value is None else value  # matplotlib leaves NaN out


def _marking(row: Row) -> dict[str, Any]:
    return {} if row.label_use == "label-free" else MARKED
