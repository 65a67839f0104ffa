"""One task and PCA + K-Means over seeds and subsamples, paired: same tracks, same seed of the clusterer."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from sklearn.metrics import adjusted_rand_score

from mlproject.config.evaluation import EvaluationConfig
from mlproject.evaluation.retrieval import retrieval_chance, retrieval_scores
from mlproject.evaluation.scores import score_labels
from mlproject.evaluation.significance import CLAIMED
from mlproject.evaluation.uncertainty import Difference, draw_subsamples, paired_difference, sampling_variance
from mlproject.experiment.fit import partition
from mlproject.seeding import generator

__all__ = ["Method", "Replication", "Retrieval", "replicate", "retrieve", "stability", "subsample_rows", "with_seed"]

Progress = Callable[[Iterable[Any]], Iterable[Any]]


@dataclass(frozen=True)
class Method:
    """One of the two that are compared: its latent of each seed, and the clusterer that partitions it."""

    latents: list[np.ndarray]
    clusterer: str

    def partition(self, seed: int, evaluation: EvaluationConfig, rows: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Partition the latent of one seed, or some of its rows, with that seed's clusterer."""
        labels, _ = partition(self.clusterer, self.latents[seed][rows], with_seed(evaluation, seed))
        return labels


@dataclass(frozen=True)
class Replication:
    """Scores of both methods."""

    # (n_seeds, n_metrics): on all tracks; NaN where a metric is undefined. Columns as in `CLAIMED`.
    task: np.ndarray
    baseline: np.ndarray
    partitions: list[np.ndarray]  # (n_tracks,): the task's, one per seed
    # (n_subsamples, n_metrics): task minus baseline.
    reclustered: np.ndarray
    rescored: np.ndarray
    subsample_seeds: np.ndarray  # (n_subsamples,): seed of each subsample
    share: float  # of the tracks in a subsample, on average
    n_units: int  # what subsamples were drawn from: number of artists, or of tracks where artists are not known
    clustering_sd: float  # of AMI over seeds of the clusterer, on the latent of the first training seed

    def differences(self) -> dict[str, Difference]:
        """Return the paired difference to the baseline by metric, those left out that are undefined anywhere."""
        by_metric = {}
        for i, name in enumerate(CLAIMED):
            # (n_seeds,), (n_subsamples,), (n_subsamples,): the task minus the baseline, one metric
            columns = (self.task - self.baseline)[:, i], self.reclustered[:, i], self.rescored[:, i]
            if all(np.isfinite(column).all() for column in columns):
                by_metric[name] = paired_difference(
                    *columns, self.subsample_seeds, share=self.share, n_units=self.n_units
                )
        return by_metric

    def spread(self) -> dict[str, float]:
        """Return the standard deviation of AMI from each source, kept apart: seeds, clusterer alone, tracks."""
        # Column 0 is AMI, the first of CLAIMED.
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
    task: Method,
    baseline: Method,
    genres: np.ndarray,
    groups: np.ndarray | None,
    evaluation: EvaluationConfig,
    *,
    progress: Progress = iter,
) -> Replication:
    """Cluster and score both methods on all tracks and on subsamples.

    Their latents are of the same tracks in the same order. `genres` and `groups`, the artist of each track, have shape
    (n_tracks,); `progress` wraps the subsamples.
    """
    seeds = range(evaluation.seeds)
    task_partitions = [task.partition(seed, evaluation) for seed in seeds]
    baseline_partitions = [baseline.partition(seed, evaluation) for seed in seeds]
    draws = subsample_rows(len(genres), groups, evaluation)
    reclustered, rescored, shares = [], [], []
    # Subsamples take turns with the seeds, so that each seed has as many, or one more.
    subsample_seeds = np.arange(evaluation.subsamples) % evaluation.seeds
    for seed, rows in progress(list(zip(subsample_seeds.tolist(), draws, strict=True))):
        drawn, k = genres[rows], evaluation.n_clusters
        # Clustered anew on the subsample: (n_metrics,), the difference of both methods on the same tracks.
        labels = task.partition(seed, evaluation, rows), baseline.partition(seed, evaluation, rows)
        reclustered.append(_claims(labels[0], drawn, k) - _claims(labels[1], drawn, k))
        # The partition of all tracks, cut down to the subsample; a cluster may be missing there, so any number counts.
        cut = task_partitions[seed][rows], baseline_partitions[seed][rows]
        rescored.append(_claims(cut[0], drawn, None) - _claims(cut[1], drawn, None))
        shares.append(len(rows) / len(genres))
    # The clusterer's seeds alone, on one latent.
    reseeded = [partition(task.clusterer, task.latents[0], with_seed(evaluation, seed))[0] for seed in seeds]
    return Replication(
        task=np.stack([_claims(labels, genres, evaluation.n_clusters) for labels in task_partitions]),
        baseline=np.stack([_claims(labels, genres, evaluation.n_clusters) for labels in baseline_partitions]),
        partitions=task_partitions,
        reclustered=np.stack(reclustered),
        rescored=np.stack(rescored),
        subsample_seeds=subsample_seeds,
        share=float(np.mean(shares)),
        n_units=len(genres) if groups is None else len(np.unique(groups)),
        clustering_sd=float(np.std([_claims(labels, genres, None)[0] for labels in reseeded], ddof=1)),
    )


@dataclass(frozen=True)
class Retrieval:
    """One retrieval metric: means over seeds of both methods, what a random order scores, and the difference."""

    task: float
    baseline: float
    chance: float
    difference: Difference


def retrieve(
    task: Method,
    baseline: Method,
    genres: np.ndarray,
    artists: np.ndarray | None,
    groups: np.ndarray | None,
    evaluation: EvaluationConfig,
    *,
    progress: Progress = iter,
) -> dict[str, Retrieval]:
    """Score both methods as retrieval systems, on all tracks and on the subsamples of `replicate`.

    A track is compared with those of other `artists`, shape (n_tracks,); for the others see `replicate`. Empty where
    no track has another artist's of its genre, on all tracks or in a subsample.
    """

    def scored(seed: int, rows: np.ndarray) -> np.ndarray:
        artist = None if artists is None else artists[rows]
        both = [retrieval_scores(method.latents[seed][rows], genres[rows], artist) for method in (task, baseline)]
        return np.array([list(scores.values()) for scores in both], dtype=np.float64)  # (2, n_metrics); None: NaN

    everything = np.arange(len(genres))
    by_seed = np.stack([scored(seed, everything) for seed in range(evaluation.seeds)])  # (n_seeds, 2, n_metrics)
    seeds = np.arange(evaluation.subsamples) % evaluation.seeds
    draws = list(subsample_rows(len(genres), groups, evaluation))
    drawn = np.stack([scored(seed, rows) for seed, rows in progress(list(zip(seeds.tolist(), draws, strict=True)))])
    if not (np.isfinite(by_seed).all() and np.isfinite(drawn).all()):
        return {}
    shares, n_units = [len(rows) / len(genres) for rows in draws], len(genres) if groups is None else len(set(groups))
    means, gains = by_seed.mean(axis=0), drawn[:, 0] - drawn[:, 1]
    found = {}
    for i, (name, chance) in enumerate(retrieval_chance(genres, artists).items()):
        by = (by_seed[:, 0] - by_seed[:, 1])[:, i], gains[:, i], gains[:, i]  # there is nothing to cluster anew
        difference = paired_difference(*by, seeds, share=float(np.mean(shares)), n_units=n_units)
        found[name] = Retrieval(float(means[0, i]), float(means[1, i]), float(chance or 0.0), difference)
    return found


def _claims(labels: np.ndarray, genres: np.ndarray, n_clusters: int | None) -> np.ndarray:
    scores = score_labels(labels, genres, n_clusters=n_clusters)
    return np.array([scores[name] for name in CLAIMED], dtype=np.float64)  # None becomes NaN


def subsample_rows(n_tracks: int, groups: np.ndarray | None, evaluation: EvaluationConfig) -> Iterator[np.ndarray]:
    """Draw the subsamples of an evaluation, the same ones for every task on the same tracks."""
    rng = generator(evaluation.clustering_seed, "subsamples")
    share, n_draws = evaluation.subsample_share, evaluation.subsamples
    return draw_subsamples(n_tracks, share=share, n_draws=n_draws, rng=rng, groups=groups)


def stability(partitions: list[np.ndarray]) -> float:
    """Return the mean ARI of two seeds' partitions: 1 if the seed does not matter. It may still be irrelevant."""
    return float(np.mean([adjusted_rand_score(first, second) for first, second in combinations(partitions, 2)]))
