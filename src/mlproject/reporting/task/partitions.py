"""One partition against the genres, and cluster sizes where there are none."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from mlproject.evaluation.external import contingency, genre_purity, match_clusters
from mlproject.evaluation.metrics import TESTED, metric_label
from mlproject.reporting.formatting import short_number
from mlproject.reporting.style import INK, NOISE_LABEL, TASK_COLOUR, cluster_name, label_axes, plain, thin
from mlproject.reporting.task.context import TaskFigures

__all__ = ["cluster_sizes", "genre_by_cluster", "purity_by_genre"]

_MANY = 24


def genre_by_cluster(context: TaskFigures) -> Figure:
    """Draw how many tracks of each genre lie in each cluster of the primary clusterer; needs labels."""
    labels, genres = context.labels, context.genres
    assert genres is not None
    counts, clusters, names = contingency(labels, genres)
    matched = match_clusters(labels, genres)
    rest = sorted(set(clusters.tolist()) - set(matched), key=lambda cluster: (cluster == NOISE_LABEL, cluster))
    order = [*matched, *rest]  # columns: matched clusters make a diagonal
    table = counts[np.searchsorted(clusters, order)].T  # (n_genres, n_clusters)
    scores = ", ".join(f"{metric_label(name)} {short_number(context.record.primary_scores[name])}" for name in TESTED)
    note = (
        f"Framed: each cluster's matched genre (one to one, Hungarian method); clusters stand in their genres' order. "
        f"In brackets: tracks. {scores}."
    )
    figure = context.figure(f"Genres in the clusters of {context.clusterer}", note=note)
    axes = figure.subplots()
    image = axes.imshow(table, cmap="Blues", aspect="auto", vmin=0)
    figure.colorbar(image, ax=axes, label="tracks", pad=0.02, ticks=MaxNLocator(integer=True))
    for (row, column), count in np.ndenumerate(table if max(table.shape) <= _MANY else table[:0]):
        colour = "white" if count > 0.6 * table.max() else INK if count else "#aaaaaa"
        axes.text(column, row, str(count), ha="center", va="center", size=9.5, color=colour)
    for column, cluster in enumerate(order):
        if cluster in matched:
            row = names.tolist().index(matched[cluster])
            axes.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False, ec="#d55e00", lw=2))
    label_axes(axes, x=f"{context.clusterer} cluster (tracks)", y="genre (tracks)")
    shown = thin(len(order), limit=_MANY)
    axes.set_xticks(shown, [f"{cluster_name(order[i])}\n({table[:, i].sum()})" for i in shown])
    shown = thin(len(names), limit=2 * _MANY)
    axes.set_yticks(shown, [f"{plain(names[i])} ({table[i].sum()})" for i in shown])
    return figure


def cluster_sizes(context: TaskFigures) -> Figure:
    """Draw the number of tracks in each cluster of the primary clusterer."""
    clusters, sizes = np.unique(context.labels, return_counts=True)
    order = np.lexsort((clusters, -sizes, clusters == NOISE_LABEL))  # largest first, noise last
    clusters, sizes = clusters[order], sizes[order]
    figure = context.figure(f"Sizes of the clusters of {context.clusterer}", height=5)
    axes = figure.subplots()
    colours = ["#888888" if cluster == NOISE_LABEL else TASK_COLOUR for cluster in clusters]
    bars = axes.bar(np.arange(len(sizes)), sizes, color=colours)
    if len(sizes) <= _MANY:
        axes.bar_label(bars, fontsize=9, padding=2)
    label_axes(axes, x=f"{context.clusterer} cluster, largest first", y="tracks")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    shown = thin(len(sizes), limit=_MANY)
    axes.set_xticks(shown, [cluster_name(clusters[i]) for i in shown])
    return figure


def purity_by_genre(context: TaskFigures) -> Figure:
    """Draw the purity of each genre for the task and the PCA baseline, joined by a line; needs labels."""
    genres, clusterer = context.genres, context.record.clusterer
    assert genres is not None
    methods = [method for method in context.methods if method.scores[clusterer]["purity"] is not None]
    purities = [genre_purity(method.partition(clusterer), genres) for method in methods]
    names = sorted(purities[0], key=lambda name: (purities[0][name], name))  # by purity in the task, then by name
    note = (
        "Share of a genre's tracks that lie in clusters where it is the most frequent genre; "
        f"0: the genre leads no cluster. Genres in order of their purity in {methods[0].label}."
    )
    styles: list[dict[str, Any]] = [{"marker": "o", "ms": 8}, {"marker": "D", "ms": 11, "mfc": "none", "mew": 2}]
    pairs = list(zip(methods, styles, strict=False))
    legend = []
    for method, style in pairs:
        label = f"{method.label}: {short_number(method.scores[clusterer]['purity'])} over all tracks"
        legend.append(Line2D([], [], ls="", color=method.colour, label=label, **style))
    height = float(np.clip(2.6 + 0.34 * len(names), 4, 18))
    figure = context.figure(f"Purity by genre, {context.clusterer}", note=note, height=height, legend=legend)
    axes, rows = figure.subplots(), np.arange(len(names))
    ends = np.array([[values[name] for name in names] for values in purities])  # (n_methods, n_genres)
    axes.hlines(rows, ends.min(axis=0), ends.max(axis=0), color="#bbbbbb", lw=2, zorder=1)
    for (method, style), values in zip(pairs, ends, strict=True):
        axes.plot(values, rows, ls="", color=method.colour, zorder=2, **style)
    label_axes(axes, x="share of the genre's tracks, 0 to 1", y="genre")
    shown = thin(len(names), limit=4 * _MANY)
    axes.set_yticks(shown, [plain(names[i]) for i in shown])
    axes.set(xlim=(-0.03, 1.03), ylim=(-0.7, len(names) - 0.3))
    axes.grid(axis="x", color="#e5e5e5")
    axes.set_axisbelow(True)
    return figure
