"""One task on one seed: blocks -> model -> partitions -> scores, beside PCA + K-Means on the same tracks."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from mlproject.clustering import make_clusterer
from mlproject.config import EvaluationConfig, TaskConfig
from mlproject.errors import ConfigError, TooFewTracksError
from mlproject.evaluation.scores import difference, score_partition
from mlproject.experiment.design import Design, TaskInputs, build_design, usable_rows
from mlproject.models.autoencoder import Autoencoder, OnEpoch
from mlproject.models.joint import JointRepresentation
from mlproject.models.principal_components import PrincipalComponents
from mlproject.seeding import integer_seed

__all__ = [
    "Representation",
    "TaskResult",
    "build_model",
    "check_enough_tracks",
    "fit_representation",
    "run_task",
]

# Sums over threads depend on their number: a fixed one gives the same bits on any number of cores.
THREADS = 2

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
    label_derived : tuple of str
        Blocks in `latent`, or in what it was computed from, that are derived from labels.
    seconds : dict of str to float
        Wall time of ``train`` and of each clusterer.
    notes : tuple of str
        What the clusterers had to say about their result.
    """

    latent: np.ndarray
    partitions: dict[str, np.ndarray]
    scores: Scores
    model: JointRepresentation
    label_derived: tuple[str, ...]
    seconds: dict[str, float]
    notes: tuple[str, ...] = ()

    @property
    def label_informed(self) -> bool:
        """Whether a label-derived block reached the vectors."""
        return bool(self.label_derived)


@dataclass(frozen=True)
class TaskResult:
    """A task's representation beside the baseline's, on identical tracks.

    Attributes
    ----------
    rows : ndarray of shape (n_tracks,)
        Rows of the corpus that were used.
    genres : ndarray of shape (n_tracks,) of str, or None
    design : Design
        What the model was fitted to.
    task, baseline : Representation
        The same object for the baseline itself.
    delta : dict of str to dict
        Scores minus the baseline's, by clusterer.
    """

    rows: np.ndarray
    genres: np.ndarray | None
    design: Design
    task: Representation
    baseline: Representation
    delta: Scores = field(default_factory=dict)

    @property
    def loss_curve(self) -> np.ndarray | None:
        """Loss by epoch, shape (n_epochs,), or None for a model without one."""
        curve: np.ndarray | None = getattr(self.task.model.encoder_, "loss_curve_", None)
        return curve


def run_task(
    task: TaskConfig,
    baseline: TaskConfig,
    evaluation: EvaluationConfig,
    inputs: TaskInputs,
    *,
    on_epoch: OnEpoch | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> TaskResult:
    """Train, cluster and score one task, and PCA + K-Means on the same tracks.

    Parameters
    ----------
    task, baseline : TaskConfig
        Equal for the baseline itself, which is then computed once.
    evaluation : EvaluationConfig
    inputs : TaskInputs
    on_epoch : callable, optional
        Called with epoch and loss; returning True ends the training.
    say : callable, optional
        Told what begins.

    Raises
    ------
    NotApplicableError
        If the corpus lacks an input that the task names.
    TooFewTracksError
        If there are fewer tracks than clusters or components.
    """
    rows = np.intersect1d(usable_rows(task.blocks, inputs), usable_rows(baseline.blocks, inputs))
    design = build_design(task.blocks, inputs, rows)
    for config in (task, baseline):
        check_enough_tracks(config, evaluation, len(rows))
    check_enough_columns(task, design)
    genres = None if inputs.genres is None else inputs.genres[rows]
    say("training")
    own = fit_representation(task, evaluation, design, genres, on_epoch=on_epoch)
    reference = own
    if task != baseline:
        say("the PCA baseline")
        reference = fit_representation(baseline, evaluation, build_design(baseline.blocks, inputs, rows), genres)
    delta = {name: difference(own.scores[name], reference.scores[name]) for name in own.scores}
    return TaskResult(rows, genres, design, own, reference, delta)


def check_enough_tracks(task: TaskConfig, evaluation: EvaluationConfig, n_tracks: int) -> None:
    """Raise `TooFewTracksError` if a model or a clusterer could not work on so few tracks."""
    needs = {
        "evaluation.n_clusters": evaluation.n_clusters + 1,
        "evaluation.n_neighbors": evaluation.n_neighbors + 1,
        "model.latent_dim": task.model.latent_dim if task.model.name == "pca" else 2,
        "model.lyrics_dim": task.model.lyrics_dim if task.blocks.lyrics else 2,
    }
    key = max(needs, key=lambda name: needs[name])
    if n_tracks < needs[key]:
        raise TooFewTracksError(
            f"{n_tracks} usable tracks; {key} needs at least {needs[key]}: "
            f"add music (tracks_per_genre, root) or lower {key}"
        )


def check_enough_columns(task: TaskConfig, design: Design) -> None:
    """Raise `ConfigError` if a model asks for more principal components than a block has columns."""
    asked = {"lyrics": ("model.lyrics_dim", task.model.lyrics_dim)}
    if task.model.name == "pca":
        asked["audio"] = ("model.latent_dim", task.model.latent_dim)
    for block, (start, end) in design.matrix.columns.items():
        key, components = asked.get(block, ("", 0))
        if components > end - start:
            raise ConfigError(f"{key}={components}, but the block {block!r} has {end - start} columns; lower {key}")


def build_model(
    task: TaskConfig, evaluation: EvaluationConfig, design: Design, on_epoch: OnEpoch | None = None
) -> JointRepresentation:
    """Return the unfitted model that a task file describes."""
    settings = task.model.model_dump(exclude={"name", "lyrics_dim"})
    encoder: Any
    if task.model.name == "pca":
        encoder = PrincipalComponents(**settings)
    else:
        encoder = Autoencoder(**settings, random_state=integer_seed(evaluation.seed, "training"), on_epoch=on_epoch)
    return JointRepresentation(
        encoder, blocks=dict(design.matrix.columns), lyrics_dim=task.model.lyrics_dim, fusion=task.fusion
    )


def fit_representation(
    task: TaskConfig,
    evaluation: EvaluationConfig,
    design: Design,
    genres: np.ndarray | None,
    *,
    on_epoch: OnEpoch | None = None,
) -> Representation:
    """Fit a task's model, cluster its vectors and score the partitions."""
    with threadpool_limits(THREADS):
        return _fit_and_cluster(build_model(task, evaluation, design, on_epoch), evaluation, design, genres)


def _fit_and_cluster(
    model: JointRepresentation, evaluation: EvaluationConfig, design: Design, genres: np.ndarray | None
) -> Representation:
    seconds, start = {}, time.perf_counter()
    model.fit(design.matrix.values)
    latent = model.transform(design.matrix.values)
    seconds["train"] = time.perf_counter() - start
    partitions, scores, notes = dict[str, np.ndarray](), Scores(), list[str]()
    for name in evaluation.clusterers:
        start = time.perf_counter()
        partitions[name], said = _partition(name, latent, evaluation)
        seconds[name] = time.perf_counter() - start
        notes += said
        scores[name] = score_partition(latent, partitions[name], genres, n_clusters=evaluation.n_clusters)
    return Representation(latent, partitions, scores, model, design.matrix.label_derived, seconds, tuple(notes))


def _partition(name: str, latent: np.ndarray, evaluation: EvaluationConfig) -> tuple[np.ndarray, list[str]]:
    clusterer = make_clusterer(
        name,
        n_clusters=evaluation.n_clusters,
        n_init=evaluation.n_init,
        n_neighbors=evaluation.n_neighbors,
        random_state=integer_seed(evaluation.seed, "clustering", name),
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", category=UserWarning)
        labels = clusterer.fit_predict(latent).astype(np.int32)
    return labels, [f"{name}: {str(warning.message).split('.')[0]}" for warning in caught]
