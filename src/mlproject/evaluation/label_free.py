"""Criteria of a partition that need no label, which a study may optimise.

None of them sees a genre, and none is a score: docs/studies.md shows how well each one tracks AMI.
"""

import numpy as np
from sklearn.metrics import pairwise_distances, silhouette_score

__all__ = ["CommonSpace"]


class CommonSpace:
    """One fixed space, shape (n_tracks, n_columns), such as PCA's, in which partitions of all models are measured.

    A silhouette in a model's own space rewards small spaces; in a space that none of the models made, it compares them.
    `rng` draws the permutations of the null.
    """

    def __init__(
        self, latent: np.ndarray, *, rng: np.random.Generator, n_neighbors: int = 10, n_permutations: int = 3
    ) -> None:
        self._distances = pairwise_distances(latent)
        # A track is no neighbour of its own; (n_tracks, n_neighbors), nearest first.
        to_others = self._distances + np.diag(np.full(len(latent), np.inf))
        self._near = np.argsort(to_others, axis=1, kind="stable")[:, : min(n_neighbors, len(latent) - 1)]
        self._orders = [rng.permutation(len(latent)) for _ in range(n_permutations)]

    def silhouette_excess(self, labels: np.ndarray) -> float | None:
        """Return the silhouette minus that of the same clusters after a permutation of the tracks, in [-2, 2].

        None with fewer than two clusters, or as many as tracks; the labels have shape (n_tracks,).
        """
        if not 2 <= len(np.unique(labels)) < len(labels):
            return None
        null = np.mean([self._silhouette(labels[order]) for order in self._orders])
        return self._silhouette(labels) - float(null)

    def neighbours_together(self, labels: np.ndarray) -> float:
        """Return how much more often than by chance near tracks share a cluster, in [-1, 1]."""
        together = float((labels[self._near] == labels[:, None]).mean())
        # Two tracks drawn at random share a cluster of share q with probability q**2.
        _, counts = np.unique(labels, return_counts=True)
        return together - float(((counts / len(labels)) ** 2).sum())

    def _silhouette(self, labels: np.ndarray) -> float:
        return float(silhouette_score(self._distances, labels, metric="precomputed"))
