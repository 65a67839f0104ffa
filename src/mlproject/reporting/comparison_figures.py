"""Figures of all tasks side by side: who beats PCA + K-Means, and every partition in every space."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from mlproject.reporting.evaluation_figures import METRIC_NAMES, difference_axes, draw_interval
from mlproject.reporting.style import INK, Heading, label_axes, new_figure, number, plain

__all__ = ["draw_comparison_figures"]

Rows = Sequence[Mapping[str, Any]]
Silhouettes = Mapping[str, Mapping[str, float | None]]


def draw_comparison_figures(rows: Rows, silhouettes: Silhouettes) -> Iterator[tuple[str, Figure]]:
    """Draw a comparison.

    Parameters
    ----------
    rows : sequence of mapping
        Of `mlproject.reporting.leaderboard.leaderboard_rows`.
    silhouettes : mapping
        By partition and space, of `mlproject.evaluation.spaces.silhouette_matrix`.

    Yields
    ------
    str, Figure
        File stem and figure: ``verdicts`` where any label-free task was evaluated, ``silhouettes``.
    """
    judged = [row for row in rows if row["verdict_ami"] is not None]
    if judged:
        yield "verdicts", verdicts(judged)
    if silhouettes:
        yield "silhouettes", silhouette_table(rows, silhouettes)


def verdicts(rows: Rows) -> Figure:
    """Draw the difference of every label-free task to PCA + K-Means, with its interval, for each metric."""
    note = (
        "Mean over seeds on all tracks; intervals from seeds and subsamples, each at the level of its step in Holm's "
        "correction over all rows and metrics. Clear of zero: beats or loses. Tasks that saw a label claim nothing."
    )
    figure = _figure("Which label-free task beats PCA + K-Means?", rows, note, height=3 + 0.42 * len(rows))
    panels = figure.subplots(1, len(METRIC_NAMES), sharey=True)
    for axes, metric in zip(panels, METRIC_NAMES, strict=True):
        for place, row in enumerate(rows):
            if row[f"verdict_{metric}"] is not None:
                found = {key: row[f"{key}_{metric}"] for key in ("low", "high", "verdict")}
                draw_interval(axes, place, {**found, "estimate": row[f"mean_delta_{metric}"]}, wordless=True)
        difference_axes(axes, [plain(row["task"]) for row in rows], f"difference of {METRIC_NAMES[metric]}")
    return figure


def silhouette_table(rows: Rows, silhouettes: Silhouettes) -> Figure:
    """Draw the silhouette of every task's partition in every task's space, the true genres among the partitions."""
    spaces = list(next(iter(silhouettes.values())))
    values = np.array([[_or_nan(by_space[space]) for space in spaces] for by_space in silhouettes.values()])
    note = (
        "A column is one space: only within it do silhouettes compare. On the diagonal stands what a model says of "
        "itself. The last row is that of the true genres: where it is lower than the clusters', a high silhouette says "
        "nothing about genre."
    )
    size = 3.2 + 0.42 * len(values)
    figure = _figure("Silhouette of every partition in every space", rows, note, height=size, width=max(9.0, size + 3))
    axes = figure.subplots()
    limit = float(np.nanmax(np.abs(values), initial=0.1))
    image = axes.imshow(values, cmap="RdBu", vmin=-limit, vmax=limit, aspect="auto")
    figure.colorbar(image, ax=axes, label="silhouette, -1 to 1", pad=0.02)
    for (row, column), value in np.ndenumerate(values):
        colour = "white" if abs(value) > 0.6 * limit else INK
        text = number(float(value)) if np.isfinite(value) else "n/a"
        axes.text(column, row, text, ha="center", va="center", size=8.5, color=colour)
    label_axes(axes, x="space in which distances are taken", y="partition")
    axes.set_xticks(range(len(spaces)), [plain(space) for space in spaces], rotation=40, ha="right")
    axes.set_yticks(range(len(values)), [plain(partition) for partition in silhouettes])
    return figure


def _figure(title: str, rows: Rows, note: str, *, height: float, width: float = 9.0) -> Figure:
    corpora = sorted({str(row["corpus"]) for row in rows})
    tracks = sorted({row["tracks"] for row in rows if row["tracks"] is not None})
    corpus = "demo corpus (synthetic)" if corpora == ["demo"] else f"{plain(', '.join(corpora))} corpus"
    subtitle = f"{corpus} · {' or '.join(map(str, tracks))} tracks"
    return new_figure(Heading(title, subtitle), width=width, height=height, note=note)


def _or_nan(value: float | None) -> float:
    return np.nan if value is None else value
