"""Tables of numbers over several runs, drawn: clusterers, genres, silhouettes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mlproject.evaluation.external import contingency
from mlproject.reporting.style import INK, Heading, label_axes, new_figure, number, plain
from mlproject.reporting.task.context import CLUSTERERS
from mlproject.reporting.task.partitions import cluster_name, match_clusters

__all__ = [
    "clusterer_table",
    "comparison_figure",
    "contingency_figure",
    "genre_table",
    "purity_table",
    "silhouette_table",
]

Rows = Sequence[Mapping[str, Any]]
Records = Sequence[Mapping[str, Any]]


def comparison_figure(
    title: str, rows: Rows, note: str, *, height: float, width: float = 9.0, legend: Sequence[Artist] = ()
) -> Figure:
    """Return an empty figure that names the corpora and numbers of tracks of some rows of a leaderboard."""
    corpora = sorted({str(row["corpus"]) for row in rows})
    tracks = sorted({row["tracks"] for row in rows if row["tracks"] is not None})
    corpus = "demo corpus (synthetic)" if corpora == ["demo"] else f"{plain(', '.join(corpora))} corpus"
    subtitle = f"{corpus} · {' or '.join(map(str, tracks))} tracks"
    return new_figure(Heading(title, subtitle), width=width, height=height, note=note, legend=legend)


def clusterer_table(rows: Rows, records: Records) -> Figure:
    """Draw the AMI of every clusterer on every representation; without labels, the silhouette in its own space."""
    metric = "ami" if any(row["ami"] is not None for row in rows) else "silhouette"
    clusterers = list(dict.fromkeys(name for one in records for name in one["scores"]))
    values = _table([[one["scores"].get(name, {}).get(metric) for name in clusterers] for one in records])
    note = (
        "AMI with the genres, one seed. n/a: not defined, or not computed. A star: the genre reached the vectors."
        if metric == "ami"
        else "Silhouette of each partition in its own space, which never ranks representations."
    )
    figure = comparison_figure("Every clusterer on every representation", rows, note, height=3 + 0.36 * len(values))
    axes = figure.subplots()
    _heat(figure, axes, values, cmap="Blues", label=metric.upper(), limits=(0.0, None))
    label_axes(axes, x="clusterer", y="representation")
    axes.set_xticks(range(len(clusterers)), [CLUSTERERS.get(name, name) for name in clusterers])
    axes.set_yticks(range(len(records)), [_starred(one) for one in records])
    return figure


def purity_table(rows: Rows, records: Records) -> Figure:
    """Draw which genres each run finds: purity by genre of its primary partition."""
    by_genre = [(one, one["purity_by_genre"][one["primary_clusterer"]]) for one in records]
    kept = [(one, found) for one, found in by_genre if found]
    genres = sorted({genre for _, found in kept for genre in found})
    values = _table([[found.get(genre) for genre in genres] for _, found in kept])
    note = (
        "Share of a genre's tracks that lie in clusters where it is the most frequent genre; 0: it leads no cluster. "
        "A star: the genre reached the vectors."
    )
    figure = comparison_figure("Which genres does each run find?", rows, note, height=3.2 + 0.36 * len(values))
    axes = figure.subplots()
    _heat(figure, axes, values, cmap="Blues", label="purity", limits=(0.0, 1.0))
    label_axes(axes, x="genre", y="representation")
    axes.set_xticks(range(len(genres)), [plain(genre) for genre in genres], rotation=40, ha="right")
    axes.set_yticks(range(len(kept)), [_starred(one) for one, _ in kept])
    return figure


def genre_table(rows: Rows, name: str, labels: np.ndarray, genres: np.ndarray) -> Figure:
    """Draw how the tracks of each genre spread over the clusters of the best label-free run."""
    counts, clusters, names = contingency(labels, genres)
    matched = match_clusters(labels, genres)
    rest = [cluster for cluster in clusters.tolist() if cluster not in matched]
    order = [*matched, *rest]
    note = "Tracks. Clusters stand in the order of the genres that they match best, one to one (Hungarian method)."
    figure = comparison_figure(f"Genres in the clusters of {plain(name)}", rows, note, height=6.4)
    axes = figure.subplots()
    table = counts[np.searchsorted(clusters, order)].T.astype(float)
    _heat(figure, axes, table, cmap="Blues", label="tracks", limits=(0.0, None), digits=0)
    label_axes(axes, x="cluster", y="genre")
    axes.set_xticks(range(len(order)), [cluster_name(cluster) for cluster in order])
    axes.set_yticks(range(len(names)), [plain(genre) for genre in names])
    return figure


def contingency_figure(title: str, subtitle: str, sides: tuple[str, str], labels: tuple[np.ndarray, ...]) -> Figure:
    """Draw how the clusters of one run spread over those of another, on the tracks that both have."""
    counts, first, second = contingency(*labels)
    note = "Tracks. Two runs that find the same groups have one full cell in each row and column."
    figure = new_figure(Heading(title, subtitle), height=6.0, note=note)
    axes = figure.subplots()
    _heat(figure, axes, counts.astype(float), cmap="Blues", label="tracks", limits=(0.0, None), digits=0)
    label_axes(axes, x=f"cluster of {plain(sides[1], limit=40)}", y=f"cluster of {plain(sides[0], limit=40)}")
    axes.set_xticks(range(len(second)), [cluster_name(int(one)) for one in second])
    axes.set_yticks(range(len(first)), [cluster_name(int(one)) for one in first])
    return figure


def silhouette_table(rows: Rows, silhouettes: Mapping[str, Mapping[str, float | None]]) -> Figure:
    """Draw the silhouette of every run's partition in every run's space, the true genres among the partitions."""
    spaces = list(next(iter(silhouettes.values())))
    values = _table([[by_space[space] for space in spaces] for by_space in silhouettes.values()])
    note = (
        "A column is one space: only within it do silhouettes compare. On the diagonal stands what a model says of "
        "itself. The last row is that of the true genres: where it is lower than the clusters', a high silhouette says "
        "nothing about genre."
    )
    size = 3.2 + 0.42 * len(values)
    title = "Silhouette of every partition in every space"
    figure = comparison_figure(title, rows, note, height=size, width=max(9.0, size + 3))
    axes = figure.subplots()
    limit = float(np.nanmax(np.abs(values), initial=0.1))
    _heat(figure, axes, values, cmap="RdBu", label="silhouette, -1 to 1", limits=(-limit, limit))
    label_axes(axes, x="space in which distances are taken", y="partition")
    axes.set_xticks(range(len(spaces)), [plain(space) for space in spaces], rotation=40, ha="right")
    axes.set_yticks(range(len(values)), [plain(partition) for partition in silhouettes])
    return figure


def _heat(
    figure: Figure,
    axes: Axes,
    values: np.ndarray,
    *,
    cmap: str,
    label: str,
    limits: tuple[float, float | None],
    digits: int = 2,
) -> None:
    """Draw numbers as colours with the numbers in them."""
    image = axes.imshow(values, cmap=cmap, vmin=limits[0], vmax=limits[1], aspect="auto")
    figure.colorbar(image, ax=axes, label=label, pad=0.02)
    top = limits[1] if limits[1] is not None else float(np.nanmax(values, initial=0.1))
    for (row, column), value in np.ndenumerate(values):
        text = "n/a" if not np.isfinite(value) else f"{value:.0f}" if digits == 0 else number(float(value))
        colour = "white" if abs(value) > 0.6 * top else INK
        axes.text(column, row, text, ha="center", va="center", size=8.5, color=colour)


def _table(rows: Sequence[Sequence[float | None]]) -> np.ndarray:
    return np.array([[np.nan if value is None else value for value in row] for row in rows], dtype=float)


def _starred(record: Mapping[str, Any]) -> str:
    return plain(record["task"]) + ("" if record["representation"] == "label-free" else " *")
