"""What scores come out by chance: random labels for external metrics, structureless vectors for the silhouette."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from sklearn.metrics import silhouette_score

from mlproject.evaluation.scores import EXTERNAL_METRICS, score_external

__all__ = ["Level", "chance_levels", "silhouette_nulls"]


class Level(NamedTuple):
    """Mean and 97.5th percentile of a score under chance."""

    mean: float
    upper: float


def chance_levels(
    genres: np.ndarray, *, n_clusters: int, rng: np.random.Generator, n_draws: int = 200
) -> dict[str, Level]:
    """Score random partitions of the same tracks into the same number of clusters.

    Parameters
    ----------
    genres : ndarray of shape (n_tracks,)
    n_clusters : int
        Each track falls into one of them with equal probability.
    rng : numpy.random.Generator
    n_draws : int, default=200

    Returns
    -------
    dict of str to Level
        By external metric.
    """
    draws = [score_external(rng.integers(n_clusters, size=len(genres)), genres) for _ in range(n_draws)]
    values = {name: np.array([draw[name] for draw in draws]) for name in EXTERNAL_METRICS}
    return {name: Level(float(found.mean()), float(np.quantile(found, 0.975))) for name, found in values.items()}


def silhouette_nulls(
    latent: np.ndarray,
    cluster: Callable[[np.ndarray], np.ndarray],
    *,
    rng: np.random.Generator,
    n_draws: int = 5,
) -> dict[str, float]:
    """Cluster vectors that have no clusters, and take their silhouette.

    Parameters
    ----------
    latent : ndarray of shape (n_tracks, n_columns)
    cluster : callable
        Vectors to partition, as the task's clusterer makes it.
    rng : numpy.random.Generator
    n_draws : int, default=5

    Returns
    -------
    dict of str to float
        Mean silhouette with the columns permuted, each on its own (``permuted``), and of a Gaussian with the mean and
        covariance of the vectors (``gaussian``). Noise has a silhouette too: .33 in two dimensions, .03 in 32.
    """
    covariance = np.atleast_2d(np.cov(latent, rowvar=False))
    nulls: dict[str, Callable[[], np.ndarray]] = {
        "permuted": lambda: rng.permuted(latent, axis=0),
        "gaussian": lambda: rng.multivariate_normal(
            latent.mean(axis=0), covariance, len(latent), method="eigh", check_valid="ignore"
        ),  # rounding leaves large covariances with eigenvalues slightly below zero
    }
    return {name: _mean_silhouette(draw, cluster, n_draws, latent.dtype) for name, draw in nulls.items()}


def _mean_silhouette(
    draw: Callable[[], np.ndarray], cluster: Callable[[np.ndarray], np.ndarray], n_draws: int, dtype: np.dtype
) -> float:
    found = []
    for _ in range(n_draws):
        vectors = draw().astype(dtype)
        labels = cluster(vectors)
        if 2 <= len(np.unique(labels)) < len(labels):
            found.append(silhouette_score(vectors, labels))
    return float(np.mean(found)) if found else float("nan")
