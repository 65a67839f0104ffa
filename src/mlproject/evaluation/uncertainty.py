"""How sure a difference of scores is: seeds, subsamples of tracks, and the standard error that both give.

A bootstrap with replacement would be biased: copies of a track fall into one cluster. Tracks are drawn without
replacement instead, whole artists at a time where artists are known.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy import stats

__all__ = ["Difference", "draw_subsamples", "paired_difference", "sampling_variance"]


class Difference(NamedTuple):
    """A paired difference of one metric."""

    estimate: float  # mean over seeds, on all tracks
    standard_error: float  # of the estimate, from seeds and from the sampling of tracks
    degrees: float  # degrees of freedom of its t distribution
    p_value: float  # two-sided, of no difference; in [0, 1]

    def interval(self, level: float) -> tuple[float, float]:
        """Return the interval that has the given error rate, such as 0.05."""
        half = float(stats.t.ppf(1 - level / 2, self.degrees)) * self.standard_error if self.standard_error else 0.0
        return self.estimate - half, self.estimate + half


def draw_subsamples(
    n_tracks: int, *, share: float, n_draws: int, rng: np.random.Generator, groups: np.ndarray | None = None
) -> Iterator[np.ndarray]:
    """Draw a share of the tracks, in (0, 1), without replacement; yield their rows, ascending.

    With `groups`, the artist of each track, shape (n_tracks,), groups are drawn whole, in random order, as many as come
    nearest to the share, and never all of them. One group alone cannot be divided: tracks are drawn then.
    """
    size = max(2, round(share * n_tracks))
    units = np.arange(n_tracks) if groups is None else groups
    _, group_of, sizes = np.unique(units, return_inverse=True, return_counts=True)
    if len(sizes) < 2:
        group_of, sizes = np.arange(n_tracks), np.ones(n_tracks, dtype=np.int64)
    for _ in range(n_draws):
        order = rng.permutation(len(sizes))
        # Tracks that the first 1, 2, ... groups hold; the last group is never taken, so that something is left out.
        held = np.cumsum(sizes[order])[:-1]
        yield np.flatnonzero(np.isin(group_of, order[: int(np.argmin(np.abs(held - size))) + 1]))


def sampling_variance(
    reclustered: np.ndarray, rescored: np.ndarray, seeds: np.ndarray, *, share: float, n_units: int
) -> tuple[float, int]:
    """Estimate how much a difference varies with the choice of tracks.

    Two estimates, of which the larger one counts. Differences of *re-clustered* subsamples vary with the tracks and
    with the clusterer's local optima, as those of independent samples do; where the partition hardly moves, they vary
    too little, for subsamples overlap. The variance of *re-scored* ones, the partition of all tracks cut down to the
    subsample, times m / (n - m), is that of a statistic that is linear in the tracks (D. N. Politis, J. P. Romano,
    M. Wolf, *Subsampling*, 1999, section 2.3), and blind to the clusterer. In simulations
    with K-Means the larger one gave standard errors of 1.0 to 1.5 times the true ones, and intervals that cover 93 to
    100 % where 95 % were asked for: rather too wide than too narrow.

    Parameters
    ----------
    reclustered, rescored : ndarray of shape (n_draws,)
        Difference on each subsample.
    seeds : ndarray of shape (n_draws,)
        Seed of each subsample; only the variation within a seed counts.
    share : float
        m / n, in (0, 1).
    n_units : int
        What was drawn from: number of artists, or of tracks where artists are not known.

    Returns
    -------
    variance : float
    degrees : int
        Its degrees of freedom: those of the draws, but no more than the units have.
    """
    degrees = max(1, min(len(seeds) - len(np.unique(seeds)), n_units - 1))
    # m / (n - m) = share / (1 - share): a subsample without replacement varies by that much less than the whole.
    scaled = _within(rescored, seeds) * share / (1 - share)
    return max(_within(reclustered, seeds), scaled), degrees


def paired_difference(
    by_seed: np.ndarray, reclustered: np.ndarray, rescored: np.ndarray, seeds: np.ndarray, *, share: float, n_units: int
) -> Difference:
    """Put seeds and subsamples together.

    The variance is that of the mean over seeds plus that of the sampling; its degrees of freedom are F. E.
    Satterthwaite's, *An approximate distribution of estimates of variance components*, 1946.

    Parameters
    ----------
    by_seed : ndarray of shape (n_seeds,)
        Difference on all tracks, one per seed; at least two.
    reclustered, rescored, seeds : ndarray of shape (n_draws,)
        See `sampling_variance`, also for the others.
    """
    sampling, draws = sampling_variance(reclustered, rescored, seeds, share=share, n_units=n_units)
    training = float(np.var(by_seed, ddof=1)) / len(by_seed)
    estimate, variance = float(np.mean(by_seed)), training + sampling
    if variance == 0:
        return Difference(estimate, 0.0, float(draws), float(estimate == 0))
    # Satterthwaite: (a + b)**2 / (a**2 / df_a + b**2 / df_b)
    degrees = variance**2 / (training**2 / (len(by_seed) - 1) + sampling**2 / draws)
    p_value = 2 * float(stats.t.sf(abs(estimate) / np.sqrt(variance), degrees))
    return Difference(estimate, float(np.sqrt(variance)), float(degrees), p_value)


def _within(values: np.ndarray, seeds: np.ndarray) -> float:
    """Variance around the mean of each seed, pooled."""
    distinct = np.unique(seeds)
    squares = sum(float(((values[seeds == seed] - values[seeds == seed].mean()) ** 2).sum()) for seed in distinct)
    # One degree of freedom goes to each mean.
    return squares / (len(values) - len(distinct))
