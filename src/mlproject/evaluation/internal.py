"""Metrics of a partition in the space it was made in. They need no labels, and never rank representations."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score, silhouette_score

__all__ = ["INTERNAL_METRICS", "internal_metrics"]

INTERNAL_METRICS = ("silhouette", "calinski_harabasz", "davies_bouldin")


def internal_metrics(latent: np.ndarray, labels: np.ndarray) -> dict[str, float | None]:
    """Compute silhouette, Calinski-Harabasz and Davies-Bouldin as scikit-learn does.

    Parameters
    ----------
    latent : ndarray of shape (n_tracks, n_columns)
        The vectors that were clustered.
    labels : ndarray of shape (n_tracks,)
        Cluster of each track.

    Returns
    -------
    dict of str to float or None
        None where there are fewer than two clusters, or as many as tracks.
    """
    if not 2 <= len(np.unique(labels)) < len(labels):
        return dict.fromkeys(INTERNAL_METRICS)
    scores = (silhouette_score, calinski_harabasz_score, davies_bouldin_score)
    return {name: float(score(latent, labels)) for name, score in zip(INTERNAL_METRICS, scores, strict=True)}
