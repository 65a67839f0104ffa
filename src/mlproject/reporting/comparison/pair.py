"""Two runs beside each other: what was set differently, what came out, which groups they share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mlproject.reporting.comparison.comparison import Compared
from mlproject.reporting.comparison.heatmaps import contingency_figure
from mlproject.reporting.style import MARKERS, NOISE, Heading, label_axes, mark, new_figure, plain

__all__ = ["agreement", "differing", "draw_pair", "paired_scores", "shared_partitions"]

METHODS = {"umap": "UMAP", "tsne": "t-SNE"}


def differing(first: Mapping[str, str], second: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """List the parameters that differ, with both values; one that a run has not is a dash."""
    names = sorted(first.keys() | second.keys())
    values = [(name, first.get(name, "–"), second.get(name, "–")) for name in names]
    return [row for row in values if row[1] != row[2]]


def paired_scores(first: Compared, second: Compared) -> list[tuple[str, float | None, float | None]]:
    """List each score of the primary clusterers, first and second."""
    own, other = (run.scores["scores"][run.scores["primary_clusterer"]] for run in (first, second))
    return [(name, own.get(name), other.get(name)) for name in dict.fromkeys([*own, *other])]


def shared_partitions(first: Compared, second: Compared) -> tuple[np.ndarray, np.ndarray]:
    """Return both runs' clusters of the tracks that both have, in one order."""
    common = first.assignments.index.intersection(second.assignments.index).sort_values()
    own, other = (run.assignments.loc[common, run.scores["primary_clusterer"]].to_numpy() for run in (first, second))
    return own, other


def agreement(first: Compared, second: Compared) -> tuple[int, float | None]:
    """Return the number of tracks that both have, and the adjusted Rand index of their partitions of these."""
    from sklearn.metrics import adjusted_rand_score

    own, other = shared_partitions(first, second)
    return len(own), float(adjusted_rand_score(own, other)) if len(own) else None


def draw_pair(first: Compared, second: Compared) -> Iterator[tuple[str, Figure]]:
    """Draw both runs' maps, and how the clusters of the one spread over those of the other.

    Yields
    ------
    str, Figure
        File stem and figure: ``maps`` where both have any, ``contingency`` where they share tracks.
    """
    if all((run.folder / "maps.parquet").exists() for run in (first, second)):
        yield "maps", maps(first, second)
    own, other = shared_partitions(first, second)
    if len(own):
        subtitle = f"{len(own)} tracks that both have"
        names = (first.name, second.name)
        yield "contingency", contingency_figure("One partition against the other", subtitle, names, (own, other))


def maps(first: Compared, second: Compared) -> Figure:
    """Draw both maps of both runs, each by its own clusters."""
    import pandas as pd

    note = (
        "Each row is a run, marked by its own clusters: the marks of one row say nothing of the other. Positions and "
        "distances between groups have no meaning; clusters were found in the vectors, not on the map."
    )
    heading = Heading("Maps of two runs", f"{plain(first.name, limit=40)} above, {plain(second.name, limit=40)} below")
    figure = new_figure(heading, height=8.4, note=note)
    for row, run in zip(figure.subplots(2, 2), (first, second), strict=True):
        places = pd.read_parquet(run.folder / "maps.parquet")
        labels = run.assignments[run.scores["primary_clusterer"]].to_numpy()
        for axes, (method, name) in zip(row, METHODS.items(), strict=True):
            _scatter(axes, places[[f"{method}_x", f"{method}_y"]].to_numpy(), labels)
            label_axes(axes, x=f"{name} 1", y=f"{name} 2", title=f"{plain(run.name, limit=30)}: {name}")
            axes.set(xticks=[], yticks=[])
    return figure


def _scatter(axes: Axes, points: np.ndarray, labels: np.ndarray) -> None:
    for cluster in np.unique(labels).tolist():
        style, members = (NOISE if cluster < 0 else mark(cluster)), points[labels == cluster]
        size = 18 * MARKERS.get(style.marker, 1.0)
        axes.scatter(members[:, 0], members[:, 1], s=size, c=style.colour, marker=style.marker)
