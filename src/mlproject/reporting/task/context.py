"""What every figure of a task says about it: whose tracks, how many, and whether labels reached its vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from mlproject.experiment.fit import Representation
from mlproject.experiment.run_task import TaskResult
from mlproject.models.projections import tsne_map, umap_map
from mlproject.reporting.style import BASELINE_COLOUR, TASK_COLOUR, Heading, new_figure, plain
from mlproject.seeding import integer_seed

__all__ = ["CLUSTERERS", "METRICS", "Side", "Subject"]

CLUSTERERS = {"kmeans": "K-Means", "agglomerative": "agglomerative", "spectral": "spectral", "dbscan": "DBSCAN"}
METRICS = {
    "ami": "AMI",
    "nmi": "NMI",
    "ari": "ARI",
    "purity": "purity",
    "silhouette": "silhouette",
    "calinski_harabasz": "Calinski-Harabasz",
    "davies_bouldin": "Davies-Bouldin",
}


class Side(NamedTuple):
    """One representation of a comparison: what it is called, its colour and its values."""

    label: str
    colour: str
    values: Representation


@dataclass(frozen=True)
class Subject:
    """A task's result and how to speak of it.

    Attributes
    ----------
    result : TaskResult
    name, corpus : str
        Of the task and of the kind of corpus.
    primary : str
        The clusterer whose partition maps and tables show.
    seed : int
        Of what figures draw by chance.
    """

    result: TaskResult
    name: str
    corpus: str
    primary: str
    seed: int

    @property
    def genres(self) -> np.ndarray | None:
        """Genre of each track, None without labels."""
        return self.result.genres

    @property
    def genre_names(self) -> list[str]:
        """Genres in order of their names, empty without labels."""
        return [] if self.genres is None else [str(name) for name in np.unique(self.genres)]

    @property
    def clusterer(self) -> str:
        """Name of the primary clusterer as people write it."""
        return CLUSTERERS.get(self.primary, self.primary)

    @property
    def sides(self) -> tuple[Side, ...]:
        """The task and the PCA baseline; the baseline alone where it is the task."""
        task = Side(plain(self.name), TASK_COLOUR, self.result.task)
        if self.result.task is self.result.baseline:
            return (task,)
        return task, Side("PCA baseline", BASELINE_COLOUR, self.result.baseline)

    @cached_property
    def places(self) -> dict[str, list[np.ndarray]]:
        """Maps by method, ``tsne`` and ``umap``: an array of shape (n_tracks, 2) for each side."""
        methods = {"tsne": tsne_map, "umap": umap_map}
        return {
            name: [project(side.values.latent, seed=integer_seed(self.seed, "figures", name)) for side in self.sides]
            for name, project in methods.items()
        }

    def figure(
        self, title: str, *, note: str = "", height: float = 7.0, legend: Sequence[Artist] = (), of_task: bool = True
    ) -> Figure:
        """Return an empty figure that names the task, the corpus and the number of tracks.

        Parameters
        ----------
        title : str
            What is drawn.
        note : str, default=""
            Small print.
        height : float, default=7.0
            Inches.
        legend : sequence of Artist, optional
            Labelled, for a legend under the heading.
        of_task : bool, default=True
            Whether the task itself is shown, which says so if it is not label-free.
        """
        corpus = "demo corpus (synthetic)" if self.corpus == "demo" else f"{plain(self.corpus)} corpus"
        subtitle = f"{plain(self.name, limit=40)} · {corpus} · {len(self.result.rows)} tracks"
        heading = Heading(title, subtitle, self._warning() if of_task else "")
        return new_figure(heading, height=height, note=note, legend=legend)

    def _warning(self) -> str:
        if self.result.label_use == "label-informed":
            blocks = ", ".join(self.result.task.label_derived)
            return f"LABEL-INFORMED: genre reached the clustered vector (blocks: {blocks})"
        return "LABEL-SUSPECT: a block alone tells the genre" if self.result.label_use == "label-suspect" else ""
