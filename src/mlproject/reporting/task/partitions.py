"""One partition against the genres, and cluster sizes where there are none."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator
from scipy.optimize import linear_sum_assignment

from mlproject.evaluation.external import contingency, genre_purity
from mlproject.reporting.style import INK, TASK_COLOUR, label_axes, number, plain, thin
from mlproject.reporting.task.context import METRICS, Side, Subject

__all__ = ["NOISE_LABEL", "cluster_name", "cluster_sizes", "genre_by_cluster", "match_clusters", "purity_by_genre"]

NOISE_LABEL = -1
_MANY = 24


def cluster_name(cluster: int) -> str:
    """Return what figures call a cluster."""
    return "noise" if cluster == NOISE_LABEL else str(cluster)


def match_clusters(labels: np.ndarray, genres: np.ndarray) -> dict[int, str]:
    """Match clusters with genres one to one so that most tracks agree (the Hungarian method).

    Parameters
    ----------
    labels : ndarray of shape (n_tracks,)
        Cluster of each track, -1 for noise, which is never matched.
    genres : ndarray of shape (n_tracks,)
        Genre of each track.

    Returns
    -------
    dict of int to str
        Genre by cluster, in order of the genres' names; surplus clusters, or genres, are absent.
    """
    found = labels != NOISE_LABEL
    if not found.any():
        return {}
    counts, clusters, names = contingency(labels[found], genres[found])
    pairs = zip(*linear_sum_assignment(counts, maximize=True), strict=True)
    matched = sorted((str(names[column]), int(clusters[row])) for row, column in pairs)
    return {cluster: genre for genre, cluster in matched}


def genre_by_cluster(subject: Subject) -> Figure:
    """Draw how many tracks of each genre lie in each cluster of the primary clusterer; needs labels."""
    assert subject.genres is not None
    labels, genres = subject.result.task.partitions[subject.primary], subject.genres.astype(str)
    counts, clusters, names = contingency(labels, genres)
    matched = match_clusters(labels, genres)
    rest = sorted(set(clusters.tolist()) - set(matched), key=lambda cluster: (cluster == NOISE_LABEL, cluster))
    order = [*matched, *rest]
    table = counts[np.searchsorted(clusters, order)].T
    note = (
        f"Framed: each cluster's matched genre (one to one, Hungarian method); clusters stand in their genres' order. "
        f"In brackets: tracks. {_scores_line(subject)}"
    )
    figure = subject.figure(f"Genres in the clusters of {subject.clusterer}", note=note)
    axes = figure.subplots()
    image = axes.imshow(table, cmap="Blues", aspect="auto", vmin=0)
    figure.colorbar(image, ax=axes, label="tracks", pad=0.02, ticks=MaxNLocator(integer=True))
    _annotate(axes, table)
    for column, cluster in enumerate(order):
        if cluster in matched:
            row = names.tolist().index(matched[cluster])
            axes.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False, ec="#d55e00", lw=2))
    label_axes(axes, x=f"{subject.clusterer} cluster (tracks)", y="genre (tracks)")
    shown = thin(len(order), limit=_MANY)
    axes.set_xticks(shown, [f"{cluster_name(order[i])}\n({table[:, i].sum()})" for i in shown])
    shown = thin(len(names), limit=2 * _MANY)
    axes.set_yticks(shown, [f"{plain(names[i])} ({table[i].sum()})" for i in shown])
    return figure


def cluster_sizes(subject: Subject) -> Figure:
    """Draw the number of tracks in each cluster of the primary clusterer."""
    clusters, sizes = np.unique(subject.result.task.partitions[subject.primary], return_counts=True)
    order = np.lexsort((clusters, -sizes, clusters == NOISE_LABEL))
    clusters, sizes = clusters[order], sizes[order]
    figure = subject.figure(f"Sizes of the clusters of {subject.clusterer}", height=5)
    axes = figure.subplots()
    colours = ["#888888" if cluster == NOISE_LABEL else TASK_COLOUR for cluster in clusters]
    bars = axes.bar(np.arange(len(sizes)), sizes, color=colours)
    if len(sizes) <= _MANY:
        axes.bar_label(bars, fontsize=9, padding=2)
    label_axes(axes, x=f"{subject.clusterer} cluster, largest first", y="tracks")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    shown = thin(len(sizes), limit=_MANY)
    axes.set_xticks(shown, [cluster_name(clusters[i]) for i in shown])
    return figure


def purity_by_genre(subject: Subject) -> Figure:
    """Draw the purity of each genre for the task and the PCA baseline, joined by a line; needs labels."""
    assert subject.genres is not None
    genres = subject.genres.astype(str)
    sides = [side for side in subject.sides if side.values.scores[subject.primary]["purity"] is not None]
    purities = [genre_purity(side.values.partitions[subject.primary], genres) for side in sides]
    names = sorted(purities[0], key=lambda name: (purities[0][name], name))
    note = (
        "Share of a genre's tracks that lie in clusters where it is the most frequent genre; "
        f"0: the genre leads no cluster. Genres in order of their purity in {sides[0].label}."
    )
    styles: list[dict[str, Any]] = [{"marker": "o", "ms": 8}, {"marker": "D", "ms": 11, "mfc": "none", "mew": 2}]
    pairs = list(zip(sides, styles, strict=False))
    legend = [Line2D([], [], ls="", color=side.colour, label=_overall(side, subject), **style) for side, style in pairs]
    height = float(np.clip(2.6 + 0.34 * len(names), 4, 18))
    figure = subject.figure(f"Purity by genre, {subject.clusterer}", note=note, height=height, legend=legend)
    axes, rows = figure.subplots(), np.arange(len(names))
    ends = np.array([[values[name] for name in names] for values in purities])
    axes.hlines(rows, ends.min(axis=0), ends.max(axis=0), color="#bbbbbb", lw=2, zorder=1)
    for (side, style), values in zip(pairs, ends, strict=True):
        axes.plot(values, rows, ls="", color=side.colour, zorder=2, **style)
    label_axes(axes, x="share of the genre's tracks, 0 to 1", y="genre")
    shown = thin(len(names), limit=4 * _MANY)
    axes.set_yticks(shown, [plain(names[i]) for i in shown])
    axes.set(xlim=(-0.03, 1.03), ylim=(-0.7, len(names) - 0.3))
    axes.grid(axis="x", color="#e5e5e5")
    axes.set_axisbelow(True)
    return figure


def _overall(side: Side, subject: Subject) -> str:
    return f"{side.label}: {number(side.values.scores[subject.primary]['purity'])} over all tracks"


def _annotate(axes: Axes, table: np.ndarray) -> None:
    if max(table.shape) > _MANY:
        return
    for (row, column), count in np.ndenumerate(table):
        colour = "white" if count > 0.6 * table.max() else INK if count else "#aaaaaa"
        axes.text(column, row, str(count), ha="center", va="center", size=9.5, color=colour)


def _scores_line(subject: Subject) -> str:
    scores = subject.result.task.scores[subject.primary]
    return ", ".join(f"{METRICS[name]} {number(scores[name])}" for name in ("ami", "ari", "purity")) + "."
