"""Silhouettes across spaces: every partition in every space, the true genres among the partitions.

A silhouette in a model's own space says how well the model separates what it made; only one and the same space for all
partitions compares them. What each block weighs in the distances of a space is told here too.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from sklearn.metrics import pairwise_distances, silhouette_score

__all__ = ["block_shares", "silhouette_matrix"]


def silhouette_matrix(
    spaces: Mapping[str, np.ndarray], partitions: Mapping[str, np.ndarray]
) -> dict[str, dict[str, float | None]]:
    """Take the silhouette of every partition in every space.

    Parameters
    ----------
    spaces : mapping of str to ndarray of shape (n_tracks, n_columns)
        Vectors of the same tracks in the same order.
    partitions : mapping of str to ndarray of shape (n_tracks,)
        Partitions of these tracks, -1 is noise.

    Returns
    -------
    dict of str to (dict of str to float or None)
        By partition and space; None for a partition with noise or fewer than two clusters.
    """
    distances = {name: pairwise_distances(vectors) for name, vectors in spaces.items()}
    return {
        partition: {space: _silhouette(distances[space], labels) for space in spaces}
        for partition, labels in partitions.items()
    }


def block_shares(latent: np.ndarray, widths: Mapping[str, int]) -> dict[str, float]:
    """Return each block's share of the mean squared distance between two tracks, in [0, 1].

    Parameters
    ----------
    latent : ndarray of shape (n_tracks, n_columns)
    widths : mapping of str to int
        Columns of each block, in their order.

    Notes
    -----
    The mean squared distance of two rows is twice the total variance, so a block's share is that of its variance.
    """
    variance = latent.astype(np.float64).var(axis=0)
    ends = np.cumsum(list(widths.values()))
    total = float(variance.sum()) or 1.0
    parts = zip(widths, np.split(variance, ends[:-1]), strict=True)
    return {name: float(part.sum()) / total for name, part in parts}


def _silhouette(distances: np.ndarray, labels: np.ndarray) -> float | None:
    names, codes = np.unique(labels, return_inverse=True)
    if -1 in names.tolist():
        return None
    if not 2 <= codes.max(initial=0) + 1 < len(codes):
        return None
    return float(silhouette_score(distances, codes, metric="precomputed"))
