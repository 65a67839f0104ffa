"""A design -> vectors, partitions of them, and scores: what a task and its baseline do alike."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from threadpoolctl import ThreadpoolController

from mlproject.clustering import make_clusterer
from mlproject.config import EvaluationConfig, TaskConfig
from mlproject.evaluation.scores import score_genres, score_partition
from mlproject.experiment.design_matrix import Design
from mlproject.experiment.label_audit import label_sources
from mlproject.models.autoencoder import OnEpoch
from mlproject.models.factory import make_encoder
from mlproject.models.fusion import JointRepresentation
from mlproject.seeding import integer_seed

__all__ = ["Representation", "Scores", "build_model", "fit_model", "fit_representation", "limit_threads", "partition"]

# Sums over threads depend on their number: a fixed one gives the same bits on any number of cores. Clusterers gain
# nothing from a second one on a thousand tracks, and wait for it where cores are busy.
THREADS, CLUSTERING_THREADS = 2, 1

Scores = dict[str, dict[str, float | None]]


@dataclass(frozen=True)
class Representation:
    """Vectors of all tracks, the partitions of them, and their scores.

    Attributes
    ----------
    latent : ndarray of shape (n_tracks, n_columns)
        float32; what was clustered.
    partitions : dict of str to ndarray of shape (n_tracks,)
        By clusterer; -1 is noise.
    scores : dict of str to dict
        By clusterer and metric.
    model : JointRepresentation
        Fitted.
    genre_purity : dict of str to (dict of str to float) or None
        By clusterer and genre.
    label_derived : tuple of str
        How labels reached `latent`, or what it was computed from.
    seconds : dict of str to float
        Wall time of ``train`` and of each clusterer.
    notes : tuple of str
        What the clusterers had to say about their result.
    """

    latent: np.ndarray
    partitions: dict[str, np.ndarray]
    scores: Scores
    genre_purity: dict[str, dict[str, float] | None]
    model: JointRepresentation
    label_derived: tuple[str, ...]
    seconds: dict[str, float]
    notes: tuple[str, ...] = ()

    @property
    def label_informed(self) -> bool:
        """Whether a label-derived block reached the vectors."""
        return bool(self.label_derived)


@cache
def _pools() -> ThreadpoolController:
    """Find the thread pools of the libraries that are loaded; doing so costs more than a small K-Means."""
    return ThreadpoolController()


def limit_threads(limit: int) -> Any:
    """Return a context in which numerical libraries use so many threads."""
    return _pools().limit(limits=limit)


def build_model(
    task: TaskConfig, evaluation: EvaluationConfig, design: Design, on_epoch: OnEpoch | None = None
) -> JointRepresentation:
    """Return the unfitted model that a task file describes."""
    settings = task.model.model_dump(exclude={"name", "lyrics_dim"})
    encoder = make_encoder(
        task.model.name,
        settings,
        frame_shape=design.frame_shape,
        rotation_scale=design.rotation_scale,
        random_state=integer_seed(evaluation.seed, "training"),
        on_epoch=on_epoch,
    )
    return JointRepresentation(
        encoder, blocks=dict(design.matrix.columns), lyrics_dim=task.model.lyrics_dim, fusion=task.fusion
    )


def fit_model(
    task: TaskConfig,
    evaluation: EvaluationConfig,
    design: Design,
    *,
    on_epoch: OnEpoch | None = None,
    threads: int = THREADS,
) -> tuple[JointRepresentation, np.ndarray]:
    """Fit a task's model; return it and its vectors, bit for bit the same for the same number of threads."""
    with limit_threads(threads):
        model = build_model(task, evaluation, design, on_epoch).fit(design.matrix.values)
        return model, model.transform(design.matrix.values)


def fit_representation(
    task: TaskConfig,
    evaluation: EvaluationConfig,
    design: Design,
    genres: np.ndarray | None,
    *,
    on_epoch: OnEpoch | None = None,
) -> Representation:
    """Fit a task's model, cluster its vectors and score the partitions."""
    seconds, start = {}, time.perf_counter()
    model, latent = fit_model(task, evaluation, design, on_epoch=on_epoch)
    seconds["train"] = time.perf_counter() - start
    partitions, scores, notes = dict[str, np.ndarray](), Scores(), list[str]()
    by_genre = dict[str, dict[str, float] | None]()
    for name in evaluation.clusterers:
        start = time.perf_counter()
        partitions[name], said = partition(name, latent, evaluation)
        seconds[name] = time.perf_counter() - start
        notes += said
        with limit_threads(CLUSTERING_THREADS):
            scores[name] = score_partition(latent, partitions[name], genres, n_clusters=evaluation.n_clusters)
        by_genre[name] = score_genres(partitions[name], genres, n_clusters=evaluation.n_clusters)
    return Representation(
        latent, partitions, scores, by_genre, model, label_sources(task, design), seconds, tuple(notes)
    )


def partition(name: str, latent: np.ndarray, evaluation: EvaluationConfig) -> tuple[np.ndarray, list[str]]:
    """Partition vectors with the named clusterer; return labels (-1 is noise) and what the clusterer had to say."""
    clusterer = make_clusterer(
        name,
        n_clusters=evaluation.n_clusters,
        n_init=evaluation.n_init,
        n_neighbors=evaluation.n_neighbors,
        random_state=integer_seed(evaluation.clustering_seed, "clustering", name),
    )
    with warnings.catch_warnings(record=True) as caught, limit_threads(CLUSTERING_THREADS):
        warnings.simplefilter("always", category=UserWarning)
        labels = clusterer.fit_predict(latent).astype(np.int32)
    return labels, [f"{name}: {str(warning.message).split('.')[0]}" for warning in caught]
