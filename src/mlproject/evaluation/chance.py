"""What scores come out by chance: random labels for external metrics, a latent without structure for the silhouette."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from mlproject.evaluation.internal import silhouette
from mlproject.evaluation.scores import EXTERNAL_METRICS, score_external

__all__ = ["Level", "chance_levels", "silhouette_nulls"]


class Level(NamedTuple):
    """Mean and 97.5th percentile of a score under chance."""

    mean: float
    upper: float


def chance_levels(
    genres: np.ndarray, *, n_clusters: int, rng: np.random.Generator, n_draws: int = 200
) -> dict[str, Level]:
    """Score random partitions of the same tracks: each track falls into any cluster with equal probability.

    `genres` have shape (n_tracks,); the levels are by external metric.
    """
    # Scores of independent labels: what a partition reaches that knows nothing of the genres.
    draws = [score_external(rng.integers(n_clusters, size=len(genres)), genres) for _ in range(n_draws)]
    values = {name: np.array([draw[name] for draw in draws]) for name in EXTERNAL_METRICS}
    return {name: Level(float(column.mean()), float(np.quantile(column, 0.975))) for name, column in values.items()}


def silhouette_nulls(
    latent: np.ndarray, cluster: Callable[[np.ndarray], np.ndarray], *, rng: np.random.Generator, n_draws: int = 5
) -> dict[str, float]:
    """Cluster a latent of shape (n_tracks, n_columns) that has no clusters, and take its silhouette.

    Returns
    -------
    dict of str to float
        Mean silhouette with the columns permuted, each on its own (``permuted``), and of a Gaussian with the mean and
        covariance of the latent (``gaussian``). Noise has a silhouette too: .33 in two dimensions, .03 in 32.
    """
    covariance = np.atleast_2d(np.cov(latent, rowvar=False))
    nulls: dict[str, Callable[[], np.ndarray]] = {
        # Each column keeps its own values and loses its dependence on the others.
        "permuted": lambda: rng.permuted(latent, axis=0),
        "gaussian": lambda: rng.multivariate_normal(
            latent.mean(axis=0), covariance, len(latent), method="eigh", check_valid="ignore"
        ),  # rounding leaves large covariances with eigenvalues slightly below zero
    }
    means = {}
    for name, draw in nulls.items():
        drawn = (draw().astype(latent.dtype) for _ in range(n_draws))
        found = [silhouette(values, cluster(values)) for values in drawn]
        defined = [value for value in found if value is not None]
        means[name] = float(np.mean(defined)) if defined else float("nan")
    return means
