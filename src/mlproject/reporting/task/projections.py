"""Projections of the vectors in the plane: pictures by genre and by cluster."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mlproject.evaluation.external import match_clusters
from mlproject.reporting.style import (
    LEGEND_LIMIT,
    MARKERS,
    NOISE,
    NOISE_LABEL,
    PROJECTIONS,
    Mark,
    cluster_name,
    label_axes,
    legend_beside,
    mark,
    plain,
)
from mlproject.reporting.task.context import Method, TaskFigures

__all__ = ["projection_figure"]

Marks = dict[str, Mark] | dict[int, Mark]

_PICTURE = (
    "This projection is a picture, not what was clustered: clusters were found in the vectors themselves ({sizes}). "
    "Positions and the distances between groups have no unit and no meaning of their own."
)
_MATCHED = (
    " A cluster bears the mark of its matched genre (one to one, Hungarian method), named beside it in the legend."
)


def projection_figure(context: TaskFigures, projections: pd.DataFrame, kind: str) -> Figure:
    """Draw the vectors of each method in the plane, of the `kind` ``tsne`` or ``umap``.

    One row per method, genres left and clusters right; without labels one column per method.
    """
    name, methods, labelled = PROJECTIONS[kind], context.methods, context.genres is not None
    sizes = ", ".join(f"{method.label}: {method.latent_dim} dimensions" for method in methods)
    figure = context.figure(
        f"{name} projection of the vectors that were clustered",
        note=_PICTURE.format(sizes=sizes) + _MATCHED * labelled,
        height=1.8 + (len(methods) if labelled else 1) * _row_height(context),
    )
    columns = [[f"{method.prefix}{kind}_{axis}" for axis in "xy"] for method in methods]
    points = [projections[pair].to_numpy() for pair in columns]
    if labelled:
        rows = figure.subplots(len(methods), 2, squeeze=False)
        for row, method, places in zip(rows, methods, points, strict=True):
            _draw_labelled(row, context, method, places, name)
    else:
        _draw_unlabelled(figure.subplots(1, len(methods), squeeze=False)[0], context, points, name)
    return figure


def _row_height(context: TaskFigures) -> float:
    """Return inches for a row of projections, so that its legend does not reach into the next one."""
    groups = max(len(np.unique(method.partition(context.record.clusterer))) for method in context.methods)
    entries = min(max(groups, len(context.genre_names)) + 1, LEGEND_LIMIT)
    return max(3.4 if context.genres is None else 2.9, 0.7 + 0.18 * entries)


def _draw_labelled(row: Sequence[Axes], context: TaskFigures, method: Method, points: np.ndarray, name: str) -> None:
    genres, labels, names = context.genres, method.partition(context.record.clusterer), context.genre_names
    assert genres is not None
    matched = match_clusters(labels, genres)
    marks = {genre: mark(index) for index, genre in enumerate(names)}  # a matched cluster bears the mark of its genre
    # More clusters than genres.
    surplus = [cluster for cluster in np.unique(labels).tolist() if cluster not in matched and cluster != NOISE_LABEL]
    by_cluster = {cluster: marks[genre] for cluster, genre in matched.items()}
    by_cluster |= {cluster: mark(len(names) + index) for index, cluster in enumerate(surplus)}
    _scatter(row[0], points, genres, marks, title=f"{method.label}: by genre", name=name)
    title = f"{method.label}: by {context.clusterer} cluster"
    _scatter(row[1], points, labels, by_cluster, title=title, name=name)
    cluster_of = {genre: cluster_name(cluster) for cluster, genre in matched.items()}
    entries = [(f"{plain(genre)} · {cluster_of.get(genre, 'none')}", marks[genre]) for genre in names]
    entries += [(f"no genre · {cluster_name(cluster)}", by_cluster[cluster]) for cluster in surplus]
    legend_beside(row[1], entries + _noise_entry(labels), title="genre · cluster")


def _draw_unlabelled(row: Sequence[Axes], context: TaskFigures, points: list[np.ndarray], name: str) -> None:
    partitions = [method.partition(context.record.clusterer) for method in context.methods]
    clusters = np.unique(np.concatenate(partitions)).tolist()
    marks = {cluster: mark(cluster) for cluster in clusters if cluster != NOISE_LABEL}
    for axes, method, labels, places in zip(row, context.methods, partitions, points, strict=True):
        title = f"{method.label}: by {context.clusterer} cluster"
        _scatter(axes, places, labels, marks, title=title, name=name)
    entries = [(cluster_name(cluster), style) for cluster, style in marks.items()]
    legend_beside(row[-1], entries + _noise_entry(np.concatenate(partitions)), title="cluster")


def _scatter(axes: Axes, points: np.ndarray, groups: np.ndarray, marks: Marks, *, title: str, name: str) -> None:
    size = float(np.clip(9000 / len(points), 8, 34))  # points get smaller as they get many
    for group, (colour, marker) in marks.items():
        x, y = points[groups == group].T  # (n_members, 2) -> two columns
        axes.scatter(x, y, s=size * MARKERS[marker], c=colour, marker=marker, ec="#444444", lw=0.4)
    x, y = (points[groups == NOISE_LABEL] if groups.dtype.kind == "i" else points[:0]).T
    axes.scatter(x, y, s=size / 2, c=NOISE.colour, marker=NOISE.marker, linewidths=0.7)
    label_axes(axes, x=f"{name} 1", y=f"{name} 2", title=title)
    axes.set(xticks=[], yticks=[])


def _noise_entry(labels: np.ndarray) -> list[tuple[str, Mark]]:
    return [("noise", NOISE)] if (labels == NOISE_LABEL).any() else []
