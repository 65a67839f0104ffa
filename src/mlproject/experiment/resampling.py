"""One task and PCA + K-Means over seeds and subsamples, paired: same tracks, same seed of the clusterer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from sklearn.metrics import adjusted_rand_score

from mlproject.config import EvaluationConfig
from mlproject.evaluation.scores import score_labels
from mlproject.evaluation.significance import CLAIMED
from mlproject.evaluation.uncertainty import Difference, draw_subsamples, paired_difference, sampling_variance
from mlproject.experiment.fit import partition
from mlproject.seeding import generator

__all__ = ["Replication", "Side", "replicate", "stability", "subsample_rows", "with_seed"]

Progress = Callable[[Iterable[Any]], Iterable[Any]]


@dataclass(frozen=True)
class Side:
    """One of the two that are compared: its vectors of each seed, and the clusterer that partitions them."""

    vectors: list[np.ndarray]
    clusterer: str

    def partition(self, seed: int, evaluation: EvaluationConfig, rows: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Partition the vectors of one seed, or some of their rows, with that seed's clusterer."""
        labels, _ = partition(self.clusterer, self.vectors[seed][rows], with_seed(evaluation, seed))
        return labels


@dataclass(frozen=True)
class Replication:
    """Scores of both sides.

    Attributes
    ----------
    task, baseline : ndarray of shape (n_seeds, n_metrics)
        On all tracks; NaN where a metric is undefined. Columns as in `CLAIMED`.
    partitions : list of ndarray of shape (n_tracks,)
        The task's, one a seed.
    reclustered, rescored : ndarray of shape (n_subsamples, n_metrics)
        Task minus baseline.
    subsample_seeds : ndarray of shape (n_subsamples,)
        Seed of each subsample.
    share : float
        Of the tracks in a subsample, on average.
    n_units : int
        What subsamples were drawn from: number of artists, or of tracks where artists are not known.
    clustering_sd : float
        Of AMI over seeds of the clusterer, on the vectors of the first training seed.
    """

    task: np.ndarray
    baseline: np.ndarray
    partitions: list[np.ndarray]
    reclustered: np.ndarray
    rescored: np.ndarray
    subsample_seeds: np.ndarray
    share: float
    n_units: int
    clustering_sd: float

    def differences(self) -> dict[str, Difference]:
        """Return the paired difference to the baseline by metric, those left out that are undefined anywhere."""
        found = {}
        for i, name in enumerate(CLAIMED):
            columns = (self.task - self.baseline)[:, i], self.reclustered[:, i], self.rescored[:, i]
            if all(np.isfinite(column).all() for column in columns):
                found[name] = paired_difference(*columns, self.subsample_seeds, share=self.share, n_units=self.n_units)
        return found

    def spread(self) -> dict[str, float]:
        """Return the standard deviation of AMI from each source, kept apart: seeds, clusterer alone, tracks."""
        sampling, _ = sampling_variance(
            self.reclustered[:, 0], self.rescored[:, 0], self.subsample_seeds, share=self.share, n_units=self.n_units
        )
        return {
            "training and clustering seeds": float(self.task[:, 0].std(ddof=1)),
            "clustering seeds alone": self.clustering_sd,
            "difference, sampling of tracks": float(np.sqrt(sampling)),
        }


def with_seed(evaluation: EvaluationConfig, index: int) -> EvaluationConfig:
    """Return the evaluation of one replication; the first one is that of `mlproject.experiment.run_task.run_task`."""
    seeds = {"seed": evaluation.seed + index, "clustering_seed": evaluation.clustering_seed + index}
    return evaluation.model_copy(update=seeds)


def replicate(
    task: Side,
    baseline: Side,
    genres: np.ndarray,
    groups: np.ndarray | None,
    evaluation: EvaluationConfig,
    *,
    progress: Progress = iter,
) -> Replication:
    """Cluster and score both sides on all tracks and on subsamples.

    Parameters
    ----------
    task, baseline : Side
        Vectors of the same tracks in the same order.
    genres : ndarray of shape (n_tracks,)
    groups : ndarray of shape (n_tracks,) or None
        Artist of each track.
    evaluation : EvaluationConfig
        Number of seeds and of subsamples, their share.
    progress : callable
        Wraps the subsamples.
    """
    seeds = range(evaluation.seeds)
    own = [task.partition(seed, evaluation) for seed in seeds]
    other = [baseline.partition(seed, evaluation) for seed in seeds]
    draws = subsample_rows(len(genres), groups, evaluation)
    reclustered, rescored, sizes = [], [], []
    subsample_seeds = np.arange(evaluation.subsamples) % evaluation.seeds
    for seed, rows in progress(list(zip(subsample_seeds.tolist(), draws, strict=True))):
        some, k = genres[rows], evaluation.n_clusters
        labels = task.partition(seed, evaluation, rows), baseline.partition(seed, evaluation, rows)
        reclustered.append(_claims(labels[0], some, k) - _claims(labels[1], some, k))
        rescored.append(_claims(own[seed][rows], some, None) - _claims(other[seed][rows], some, None))
        sizes.append(len(rows) / len(genres))
    again = [partition(task.clusterer, task.vectors[0], with_seed(evaluation, seed))[0] for seed in seeds]
    return Replication(
        task=np.stack([_claims(labels, genres, evaluation.n_clusters) for labels in own]),
        baseline=np.stack([_claims(labels, genres, evaluation.n_clusters) for labels in other]),
        partitions=own,
        reclustered=np.stack(reclustered),
        rescored=np.stack(rescored),
        subsample_seeds=subsample_seeds,
        share=float(np.mean(sizes)),
        n_units=len(genres) if groups is None else len(np.unique(groups)),
        clustering_sd=float(np.std([_claims(labels, genres, None)[0] for labels in again], ddof=1)),
    )


def _claims(labels: np.ndarray, genres: np.ndarray, n_clusters: int | None) -> np.ndarray:
    scores = score_labels(labels, genres, n_clusters=n_clusters)
    return np.array([scores[name] for name in CLAIMED], dtype=np.float64)  # None becomes NaN


def subsample_rows(n_tracks: int, groups: np.ndarray | None, evaluation: EvaluationConfig) -> Iterator[np.ndarray]:
    """Draw the subsamples of an evaluation, the same ones for every task on the same tracks."""
    rng = generator(evaluation.clustering_seed, "subsamples")
    share, n_draws = evaluation.subsample_share, evaluation.subsamples
    return draw_subsamples(n_tracks, share=share, n_draws=n_draws, rng=rng, groups=groups)


def stability(partitions: list[np.ndarray]) -> float | None:
    """Return the mean ARI of two seeds' partitions: 1 if the seed does not matter. It may still be irrelevant."""
    pairs = [adjusted_rand_score(one, other) for one, other in combinations(partitions, 2)]
    return float(np.mean(pairs)) if pairs else None
