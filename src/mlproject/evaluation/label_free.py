"""What speaks for a partition without any label: criteria that a study may optimise.

None of them sees a genre, and none is a score: docs/studies.md tells how well each one tracks AMI.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from sklearn.metrics import adjusted_rand_score, pairwise_distances, silhouette_score

__all__ = ["CommonSpace", "subsample_stability"]

Cluster = Callable[[np.ndarray], np.ndarray]


class CommonSpace:
    """One fixed space in which the partitions of all models are looked at.

    A silhouette in a model's own space rewards small spaces; in a space that none of the models made, it compares them.

    Parameters
    ----------
    vectors : ndarray of shape (n_tracks, n_columns)
        Such as the principal components of the audio.
    rng : numpy.random.Generator
        Draws the permutations of the null.
    n_neighbors : int, default=10
    n_permutations : int, default=3
    """

    def __init__(
        self, vectors: np.ndarray, *, rng: np.random.Generator, n_neighbors: int = 10, n_permutations: int = 3
    ) -> None:
        self._distances = pairwise_distances(vectors)
        others = self._distances + np.diag(np.full(len(vectors), np.inf))
        self._near = np.argsort(others, axis=1, kind="stable")[:, : min(n_neighbors, len(vectors) - 1)]
        self._orders = [rng.permutation(len(vectors)) for _ in range(n_permutations)]

    def silhouette_excess(self, labels: np.ndarray) -> float | None:
        """Return the silhouette minus that of the same clusters dealt out to other tracks, in [-2, 2].

        Parameters
        ----------
        labels : ndarray of shape (n_tracks,)

        Returns
        -------
        float or None
            None with fewer than two clusters, or as many as tracks.
        """
        if not 2 <= len(np.unique(labels)) < len(labels):
            return None
        null = np.mean([self._silhouette(labels[order]) for order in self._orders])
        return self._silhouette(labels) - float(null)

    def neighbours_together(self, labels: np.ndarray) -> float:
        """Return how much more often than by chance near tracks share a cluster, in [-1, 1]."""
        together = float((labels[self._near] == labels[:, None]).mean())
        _, counts = np.unique(labels, return_counts=True)
        return together - float(((counts / len(labels)) ** 2).sum())

    def _silhouette(self, labels: np.ndarray) -> float:
        return float(silhouette_score(self._distances, labels, metric="precomputed"))


def subsample_stability(
    vectors: np.ndarray, cluster: Cluster, *, rng: np.random.Generator, n_pairs: int = 3, share: float = 0.8
) -> float:
    """Cluster pairs of random subsamples and return the mean ARI of each pair where it overlaps, in [-1, 1].

    Parameters
    ----------
    vectors : ndarray of shape (n_tracks, n_columns)
    cluster : callable
        Vectors to labels.
    rng : numpy.random.Generator
    n_pairs : int, default=3
    share : float, default=0.8
        Of the tracks in a subsample, drawn without replacement.
    """
    n_tracks, size = len(vectors), round(share * len(vectors))
    found = []
    for _ in range(n_pairs):
        rows = [np.sort(rng.choice(n_tracks, size, replace=False)) for _ in range(2)]
        labels = [cluster(vectors[drawn]) for drawn in rows]
        both = np.intersect1d(rows[0], rows[1])
        overlap = [part[np.searchsorted(drawn, both)] for part, drawn in zip(labels, rows, strict=True)]
        found.append(adjusted_rand_score(*overlap))
    return float(np.mean(found))
