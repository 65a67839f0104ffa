"""Metrics of a partition that need no labels, in the space it was made in or in any other.

In a model's own space they say how well the model separates what it made, and never rank representations; only one and
the same space for all partitions compares them.
"""

from collections.abc import Mapping

import numpy as np
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score, pairwise_distances, silhouette_score

from mlproject.evaluation.metrics import INTERNAL_METRICS

__all__ = ["INTERNAL_METRICS", "internal_metrics", "silhouette", "silhouette_matrix"]


def internal_metrics(latent: np.ndarray, labels: np.ndarray) -> dict[str, float | None]:
    """Compute silhouette, Calinski-Harabasz and Davies-Bouldin of vectors, shape (n_tracks, n_columns).

    Fewer than two clusters, or as many as tracks, leave all of them None; the labels have shape (n_tracks,).
    """
    if not 2 <= len(np.unique(labels)) < len(labels):
        return dict.fromkeys(INTERNAL_METRICS)
    scores = (silhouette_score, calinski_harabasz_score, davies_bouldin_score)
    return {name: float(score(latent, labels)) for name, score in zip(INTERNAL_METRICS, scores, strict=True)}


def silhouette(values: np.ndarray, labels: np.ndarray, *, metric: str = "euclidean") -> float | None:
    """Return the silhouette, as scikit-learn computes it; None with fewer than two clusters, or as many as tracks."""
    if not 2 <= len(np.unique(labels)) < len(labels):
        return None
    return float(silhouette_score(values, labels, metric=metric))


def silhouette_matrix(
    spaces: Mapping[str, np.ndarray], partitions: Mapping[str, np.ndarray]
) -> dict[str, dict[str, float | None]]:
    """Take the silhouette of every partition in every space; None for one with noise or fewer than two clusters.

    Spaces have shape (n_tracks, n_columns), partitions (n_tracks,), -1 is noise; all are of the same tracks in the same
    order.
    """
    # (n_tracks, n_tracks) per space, once for all partitions
    distances = {name: pairwise_distances(vectors) for name, vectors in spaces.items()}
    return {
        partition: {
            space: None if -1 in labels.tolist() else silhouette(distances[space], labels, metric="precomputed")
            for space in spaces
        }
        for partition, labels in partitions.items()
    }
