"""Tables of numbers over several runs, drawn: clusterers, genres, silhouettes."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from mlproject.evaluation.external import contingency, match_clusters
from mlproject.evaluation.metrics import metric_label
from mlproject.reporting.comparison.leaderboard import Row
from mlproject.reporting.formatting import clusterer_label
from mlproject.reporting.style import Heading, cluster_name, corpus_name, heat_table, new_figure, plain
from mlproject.results.compared_run import ComparedRun

__all__ = [
    "clusterer_table",
    "comparison_figure",
    "contingency_figure",
    "genre_table",
    "purity_table",
    "silhouette_table",
]

Rows = Sequence[Row]
Runs = Sequence[ComparedRun]


def comparison_figure(
    title: str, rows: Rows, note: str, *, height: float, width: float = 9.0, legend: Sequence[Artist] = ()
) -> Figure:
    """Return an empty figure that names the corpora and numbers of tracks of some rows of a leaderboard."""
    corpora = ", ".join(sorted({row.corpus for row in rows}))
    tracks = sorted({row.n_tracks for row in rows if row.n_tracks is not None})
    subtitle = f"{corpus_name(corpora)} · {' or '.join(map(str, tracks))} tracks"
    return new_figure(Heading(title, subtitle), width=width, height=height, note=note, legend=legend)


def clusterer_table(rows: Rows, runs: Runs) -> Figure:
    """Draw the AMI of every clusterer on every representation; without labels, the silhouette in its own space."""
    metric = "ami" if any(row.scores.get("ami") is not None for row in rows) else "silhouette"
    scores = [run.task.record.scores for run in runs]
    clusterers = list(dict.fromkeys(name for by_clusterer in scores for name in by_clusterer))
    values = np.array([[one.get(name, {}).get(metric) for name in clusterers] for one in scores], dtype=float)
    note = (
        "AMI with the genres in one training of each, not the mean over seeds. n/a: not defined, or not computed. A "
        "star: the genre reached the vectors."
        if metric == "ami"
        else "Silhouette of each partition in its own space, which never ranks representations."
    )
    figure = comparison_figure("Every clusterer on every representation", rows, note, height=3 + 0.36 * len(values))
    names = list(map(_starred, runs)), list(map(clusterer_label, clusterers))
    heat_table(figure, values, *names, labels=("clusterer", "representation", metric_label(metric)))
    return figure


def purity_table(rows: Rows, runs: Runs) -> Figure:
    """Draw which genres each run finds: purity by genre of its primary partition."""
    by_run = [(run, run.task.record.purity_by_genre[run.task.record.clusterer]) for run in runs]
    known = [(run, purities) for run, purities in by_run if purities]
    genres = sorted({genre for _, purities in known for genre in purities})
    values = np.array([[purities.get(genre) for genre in genres] for _, purities in known], dtype=float)
    note = (
        "Share of a genre's tracks that lie in clusters where it is the most frequent genre, in one training; 0: it "
        "leads no cluster. A star: the genre reached the vectors."
    )
    figure = comparison_figure("Which genres does each run find?", rows, note, height=3.2 + 0.36 * len(values))
    names = [_starred(run) for run, _ in known], list(map(plain, genres))
    heat_table(figure, values, *names, labels=("genre", "representation", "purity"), limits=(0.0, 1.0), tilted=True)
    return figure


def genre_table(rows: Rows, name: str, labels: np.ndarray, genres: np.ndarray) -> Figure:
    """Draw how the tracks of each genre spread over the clusters of the best label-free run."""
    counts, clusters, names = contingency(labels, genres)
    matched = match_clusters(labels, genres)
    rest = [cluster for cluster in clusters.tolist() if cluster not in matched]  # noise and surplus clusters
    order = [*matched, *rest]
    note = "Tracks. Clusters stand in the order of the genres that they match best, one to one (Hungarian method)."
    figure = comparison_figure(f"Genres in the clusters of {plain(name)}", rows, note, height=6.4)
    table = counts[np.searchsorted(clusters, order)].T.astype(float)  # (n_genres, n_clusters), columns by matched genre
    ticks = list(map(plain, names)), list(map(cluster_name, order))
    heat_table(figure, table, *ticks, labels=("cluster", "genre", "tracks"), whole=True)
    return figure


def contingency_figure(title: str, subtitle: str, names: tuple[str, str], labels: tuple[np.ndarray, ...]) -> Figure:
    """Draw how the clusters of one run spread over those of another, on the tracks that both have."""
    counts, *clusters = contingency(*labels)
    note = "Tracks. Two runs that find the same groups have one full cell in each row and column."
    figure = new_figure(Heading(title, subtitle), height=6.0, note=note)
    first, second = (list(map(cluster_name, numbers.tolist())) for numbers in clusters)
    x, y = (f"cluster of {plain(name, limit=40)}" for name in reversed(names))  # the first run stands upright
    heat_table(figure, counts.astype(float), first, second, labels=(x, y, "tracks"), whole=True)
    return figure


def silhouette_table(rows: Rows, silhouettes: Mapping[str, Mapping[str, float | None]]) -> Figure:
    """Draw the silhouette of every run's partition in every run's space, the true genres among the partitions."""
    spaces = list(next(iter(silhouettes.values())))
    values = np.array([[by_space[space] for space in spaces] for by_space in silhouettes.values()], dtype=float)
    note = (
        "A column is one space: only within it do silhouettes compare. On the diagonal stands what a model says of "
        "itself. The last row is that of the true genres: where it is lower than the clusters', a high silhouette says "
        "nothing about genre."
    )
    size = 3.2 + 0.42 * len(values)  # a square of cells
    title = "Silhouette of every partition in every space"
    figure = comparison_figure(title, rows, note, height=size, width=max(9.0, size + 3))
    limit = float(np.nanmax(np.abs(values), initial=0.1))  # symmetric, so that white is zero
    labels = ("space in which distances are taken", "partition", "silhouette, -1 to 1")
    names = list(map(plain, silhouettes)), list(map(plain, spaces))
    heat_table(figure, values, *names, labels=labels, cmap="RdBu", limits=(-limit, limit), tilted=True)
    return figure


def _starred(run: ComparedRun) -> str:
    return plain(run.name) + ("" if run.task.record.label_use == "label-free" else " *")
