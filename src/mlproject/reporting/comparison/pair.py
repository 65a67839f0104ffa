"""Two runs beside each other: what was set differently, what came out, which groups they share."""

from collections.abc import Iterator, Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sklearn.metrics import adjusted_rand_score

from mlproject.reporting.comparison.heatmaps import contingency_figure
from mlproject.reporting.style import MARKERS, NOISE, PROJECTIONS, Heading, label_axes, mark, new_figure, plain
from mlproject.results.compared_run import ComparedRun

__all__ = ["agreement", "differing", "draw_pair", "paired_scores", "shared_partitions"]


def differing(first: Mapping[str, str], second: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """List the parameters that differ, with both values; one that a run has not is a dash."""
    names = sorted(first.keys() | second.keys())
    values = [(name, first.get(name, "–"), second.get(name, "–")) for name in names]
    return [row for row in values if row[1] != row[2]]


def paired_scores(first: ComparedRun, second: ComparedRun) -> list[tuple[str, float | None, float | None]]:
    """List each score of the primary clusterers, first and second: means over seeds if both were evaluated."""
    alike = (first.evaluated is None) == (second.evaluated is None)  # a mean is not compared with one training
    scores = [run.scores if alike else run.task.record.primary_scores for run in (first, second)]
    return [(name, scores[0].get(name), scores[1].get(name)) for name in dict.fromkeys([*scores[0], *scores[1]])]


def shared_partitions(first: ComparedRun, second: ComparedRun) -> tuple[np.ndarray, np.ndarray]:
    """Return both runs' clusters of the tracks that both have, in one order."""
    tables = first.task.assignments, second.task.assignments
    common = tables[0].index.intersection(tables[1].index).sort_values()
    rows = [table.index.get_indexer(common) for table in tables]  # places of the shared tracks in each table
    return first.task.partition()[rows[0]], second.task.partition()[rows[1]]


def agreement(first: ComparedRun, second: ComparedRun) -> tuple[int, float | None]:
    """Return the number of tracks that both have, and the adjusted Rand index of their partitions of these."""
    partitions = shared_partitions(first, second)
    n_shared = len(partitions[0])
    return n_shared, float(adjusted_rand_score(*partitions)) if n_shared else None


def draw_pair(first: ComparedRun, second: ComparedRun) -> Iterator[tuple[str, Figure]]:
    """Draw ``projections`` where both runs have any, ``contingency`` where they share tracks; yield stem and figure."""
    if first.task.projections is not None and second.task.projections is not None:
        yield "projections", projections_of_both(first, second)
    partitions = shared_partitions(first, second)
    if n_shared := len(partitions[0]):
        names, subtitle = (first.name, second.name), f"{n_shared} tracks that both have"
        yield "contingency", contingency_figure("One partition against the other", subtitle, names, partitions)


def projections_of_both(first: ComparedRun, second: ComparedRun) -> Figure:
    """Draw both projections of both runs, each by its own clusters."""
    note = (
        "Each row is a run, marked by its own clusters: the marks of one row say nothing of the other. Positions and "
        "distances between groups have no meaning; clusters were found in the vectors, not in the projection."
    )
    subtitle = f"{plain(first.name, limit=40)} above, {plain(second.name, limit=40)} below"
    figure = new_figure(Heading("Projections of two runs", subtitle), height=8.4, note=note)
    for row, run in zip(figure.subplots(2, 2), (first, second), strict=True):
        places = run.task.projections
        assert places is not None
        for axes, (method, name) in zip(row, PROJECTIONS.items(), strict=True):
            _scatter(axes, places[[f"{method}_x", f"{method}_y"]].to_numpy(), run.task.partition())
            label_axes(axes, x=f"{name} 1", y=f"{name} 2", title=f"{plain(run.name, limit=30)}: {name}")
            axes.set(xticks=[], yticks=[])
    return figure


def _scatter(axes: Axes, points: np.ndarray, labels: np.ndarray) -> None:
    for cluster in np.unique(labels).tolist():
        (colour, marker), (x, y) = NOISE if cluster < 0 else mark(cluster), points[labels == cluster].T
        axes.scatter(x, y, s=18 * MARKERS.get(marker, 1.0), c=colour, marker=marker)
