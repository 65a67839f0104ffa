"""One task on one seed: blocks -> model -> partitions -> scores, beside PCA + K-Means on the same tracks."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from mlproject.clustering import make_clusterer
from mlproject.config import EvaluationConfig, TaskConfig
from mlproject.errors import ConfigError, TooFewTracksError
from mlproject.evaluation.scores import difference, score_genres, score_partition
from mlproject.experiment.design import Design, TaskInputs, block_widths, build_design, require_inputs, usable_rows
from mlproject.models.autoencoder import Autoencoder, OnEpoch
from mlproject.models.joint import JointRepresentation
from mlproject.models.principal_components import PrincipalComponents
from mlproject.seeding import integer_seed

__all__ = [
    "Representation",
    "TaskResult",
    "build_model",
    "check_task",
    "fit_representation",
    "run_task",
]

# Sums over threads depend on their number: a fixed one gives the same bits on any number of cores.
THREADS = 2
REFERENCE = "kmeans"

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
        Blocks in `latent`, or in what it was computed from, that are derived from labels.
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
        Scores minus those of the baseline under the same clusterer.
    remarks : tuple of str
        What a reader of the scores should know.
    """

    rows: np.ndarray
    genres: np.ndarray | None
    design: Design
    task: Representation
    baseline: Representation
    delta: Scores = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    def reference(self) -> dict[str, float | None]:
        """Return the scores of PCA + K-Means, which everything is compared with."""
        return self.baseline.scores[REFERENCE]

    def gain(self, clusterer: str) -> dict[str, float | None]:
        """Return the scores of one clusterer's partition minus those of PCA + K-Means."""
        return difference(self.task.scores[clusterer], self.reference())

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

    Raises
    ------
    NotApplicableError
        If the corpus lacks an input that the task names.
    TooFewTracksError
        If there are fewer tracks than clusters or components.
    """
    rows = check_task(task, baseline, evaluation, inputs)
    design = build_design(task.blocks, inputs, rows)
    genres = None if inputs.genres is None else inputs.genres[rows]
    own = fit_representation(task, evaluation, design, genres, on_epoch=on_epoch)
    reference = own
    if task != baseline or REFERENCE not in evaluation.clusterers:
        clusterers = tuple(dict.fromkeys([*evaluation.clusterers, REFERENCE]))
        also_kmeans = evaluation.model_copy(update={"clusterers": clusterers})
        reference = fit_representation(baseline, also_kmeans, build_design(baseline.blocks, inputs, rows), genres)
    delta = {name: difference(own.scores[name], reference.scores[name]) for name in own.scores}
    return TaskResult(rows, genres, design, own, reference, delta, _remarks(evaluation, design, genres))


def _remarks(evaluation: EvaluationConfig, design: Design, genres: np.ndarray | None) -> tuple[str, ...]:
    """Say what a reader of the scores should know about the corpus."""
    remarks = []
    n_genres = evaluation.n_clusters if genres is None else len(np.unique(genres))
    if n_genres != evaluation.n_clusters:
        remarks.append(f"{evaluation.n_clusters} clusters for {n_genres} genres (evaluation.n_clusters)")
    if design.lyrics_coverage is not None and design.lyrics_coverage < 1:
        share = f"{design.lyrics_coverage:.0%} of the tracks have words"
        remarks.append(f"only {share}: the clusters may tell who has words rather than which")
    return tuple(remarks)


def check_task(task: TaskConfig, baseline: TaskConfig, evaluation: EvaluationConfig, inputs: TaskInputs) -> np.ndarray:
    """Check that a task and the baseline can work on the inputs; return the rows that both can use.

    Raises
    ------
    NotApplicableError
        If the corpus lacks an input that the task names.
    TooFewTracksError
        If there are fewer tracks than the clusterers or a model need; the message names all that are in the way.
    ConfigError
        If a model asks for more principal components than a block has columns.
    """
    rows = np.intersect1d(usable_rows(task.blocks, inputs), usable_rows(baseline.blocks, inputs))
    require_inputs(task.blocks, inputs)
    needs = {"evaluation.n_clusters": evaluation.n_clusters + 1}
    if {"spectral", "dbscan"} & set(evaluation.clusterers):
        needs["evaluation.n_neighbors"] = evaluation.n_neighbors + 1
    for config, place in ((task, "the task"), (baseline, "conf/tasks/baseline.yaml")):
        needs |= _components(config, place, block_widths(config.blocks, inputs))
    lacking = [f"{key} needs {need}" for key, need in needs.items() if need > len(rows)]
    if lacking:
        raise TooFewTracksError(
            f"{len(rows)} usable tracks are too few: {', '.join(lacking)}; lower these or add music"
        )
    return rows


def _components(task: TaskConfig, place: str, widths: dict[str, int]) -> dict[str, int]:
    """Map the keys that set numbers of principal components to these numbers, as many tracks as they need."""
    asked = {"lyrics": ("model.lyrics_dim", task.model.lyrics_dim)}
    if task.model.name == "pca":
        asked["audio"] = ("model.latent_dim", task.model.latent_dim)
    needs = {}
    for block in asked.keys() & widths.keys():
        key, components = asked[block]
        if components > widths[block]:
            raise ConfigError(
                f"{key}={components} of {place}, but the block {block!r} has {widths[block]} columns; lower it"
            )
        needs[f"{key} of {place}"] = components
    return needs


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
    by_genre = dict[str, dict[str, float] | None]()
    for name in evaluation.clusterers:
        start = time.perf_counter()
        partitions[name], said = _partition(name, latent, evaluation)
        seconds[name] = time.perf_counter() - start
        notes += said
        scores[name] = score_partition(latent, partitions[name], genres, n_clusters=evaluation.n_clusters)
        by_genre[name] = score_genres(partitions[name], genres, n_clusters=evaluation.n_clusters)
    informed = design.matrix.label_derived
    return Representation(latent, partitions, scores, by_genre, model, informed, seconds, tuple(notes))


def _partition(name: str, latent: np.ndarray, evaluation: EvaluationConfig) -> tuple[np.ndarray, list[str]]:
    clusterer = make_clusterer(
        name,
        n_clusters=evaluation.n_clusters,
        n_init=evaluation.n_init,
        n_neighbors=evaluation.n_neighbors,
        random_state=integer_seed(evaluation.clustering_seed, "clustering", name),
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", category=UserWarning)
        labels = clusterer.fit_predict(latent).astype(np.int32)
    return labels, [f"{name}: {str(warning.message).split('.')[0]}" for warning in caught]
