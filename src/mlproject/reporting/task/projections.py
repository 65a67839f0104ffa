"""t-SNE and UMAP maps of a task's vectors and of the PCA baseline's, by genre and by cluster."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mlproject.reporting.style import LEGEND_LIMIT, MARKERS, NOISE, Mark, label_axes, legend_beside, mark, plain
from mlproject.reporting.task.context import Side, Subject
from mlproject.reporting.task.partitions import NOISE_LABEL, cluster_name, match_clusters

__all__ = ["map_figure"]

_METHODS = {"tsne": "t-SNE", "umap": "UMAP"}
_PICTURE = (
    "This map is a picture, not what was clustered: clusters were found in the vectors themselves ({sizes}). "
    "Positions and the distances between groups have no unit and no meaning of their own."
)
_MATCHED = (
    " A cluster bears the mark of its matched genre (one to one, Hungarian method), named beside it in the legend."
)


def map_figure(subject: Subject, method: str) -> Figure:
    """Draw the vectors of each representation in the plane.

    Parameters
    ----------
    subject : Subject
        Whose vectors.
    method : {"tsne", "umap"}
        What lays them out.

    Returns
    -------
    Figure
        A row a representation, genres left and clusters right; without labels a column a representation.
    """
    name = _METHODS[method]
    labelled = subject.genres is not None
    sides = subject.sides
    sizes = ", ".join(f"{side.label}: {side.values.latent.shape[1]} dimensions" for side in sides)
    figure = subject.figure(
        f"{name} map of the vectors that were clustered",
        note=_PICTURE.format(sizes=sizes) + _MATCHED * labelled,
        height=1.8 + (len(sides) if labelled else 1) * _row_height(subject),
    )
    points = subject.places[method]
    if labelled:
        rows = figure.subplots(len(sides), 2, squeeze=False)
        for row, side, place in zip(rows, sides, points, strict=True):
            _draw_labelled(row, subject, side, place, name)
    else:
        _draw_unlabelled(figure.subplots(1, len(sides), squeeze=False)[0], subject, points, name)
    return figure


def _row_height(subject: Subject) -> float:
    """Return inches for a row of maps, so that its legend does not reach into the next one."""
    groups = max(len(np.unique(side.values.partitions[subject.primary])) for side in subject.sides)
    entries = min(max(groups, len(subject.genre_names)) + 1, LEGEND_LIMIT)
    return max(3.4 if subject.genres is None else 2.9, 0.7 + 0.18 * entries)


def _draw_labelled(row: Sequence[Axes], subject: Subject, side: Side, points: np.ndarray, name: str) -> None:
    assert subject.genres is not None
    genres, labels = subject.genres.astype(str), side.values.partitions[subject.primary]
    names = subject.genre_names
    matched = match_clusters(labels, genres)
    marks = {genre: mark(index) for index, genre in enumerate(names)}
    surplus = [cluster for cluster in np.unique(labels).tolist() if cluster not in matched and cluster != NOISE_LABEL]
    by_cluster = {cluster: marks[genre] for cluster, genre in matched.items()}
    by_cluster |= {cluster: mark(len(names) + index) for index, cluster in enumerate(surplus)}
    _scatter(row[0], points, genres, marks, title=f"{side.label}: by genre", name=name)
    title = f"{side.label}: by {subject.clusterer} cluster"
    _scatter(row[1], points, labels, by_cluster, title=title, name=name)
    cluster_of = {genre: cluster_name(cluster) for cluster, genre in matched.items()}
    entries = [(f"{plain(genre)} · {cluster_of.get(genre, 'none')}", marks[genre]) for genre in names]
    entries += [(f"no genre · {cluster_name(cluster)}", by_cluster[cluster]) for cluster in surplus]
    legend_beside(row[1], entries + _noise_entry(labels), title="genre · cluster")


def _draw_unlabelled(row: Sequence[Axes], subject: Subject, points: list[np.ndarray], name: str) -> None:
    everything = np.concatenate([side.values.partitions[subject.primary] for side in subject.sides])
    marks = {cluster: mark(cluster) for cluster in np.unique(everything).tolist() if cluster != NOISE_LABEL}
    for axes, side, place in zip(row, subject.sides, points, strict=True):
        title = f"{side.label}: by {subject.clusterer} cluster"
        _scatter(axes, place, side.values.partitions[subject.primary], marks, title=title, name=name)
    entries = [(cluster_name(cluster), style) for cluster, style in marks.items()]
    legend_beside(row[-1], entries + _noise_entry(everything), title="cluster")


def _scatter(
    axes: Axes,
    points: np.ndarray,
    groups: np.ndarray,
    marks: dict[str, Mark] | dict[int, Mark],
    *,
    title: str,
    name: str,
) -> None:
    size = float(np.clip(9000 / len(points), 8, 34))
    for group, style in marks.items():
        members = points[groups == group]
        axes.scatter(
            members[:, 0],
            members[:, 1],
            s=size * MARKERS[style.marker],
            c=style.colour,
            marker=style.marker,
            ec="#444444",
            lw=0.4,
        )
    noise = points[groups == NOISE_LABEL] if groups.dtype.kind == "i" else points[:0]
    axes.scatter(noise[:, 0], noise[:, 1], s=size / 2, c=NOISE.colour, marker=NOISE.marker, linewidths=0.7)
    label_axes(axes, x=f"{name} 1", y=f"{name} 2", title=title)
    axes.set(xticks=[], yticks=[])


def _noise_entry(labels: np.ndarray) -> list[tuple[str, Mark]]:
    return [("noise", NOISE)] if (labels == NOISE_LABEL).any() else []
