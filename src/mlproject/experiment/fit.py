"""A design -> vectors, partitions of them, and scores: what a task and its baseline do alike."""

import time
import warnings
from dataclasses import dataclass

import numpy as np

from mlproject.clustering.clusterers import make_clusterer
from mlproject.config.evaluation import EvaluationConfig
from mlproject.config.tasks import TaskConfig
from mlproject.evaluation.scores import score_genres, score_partition
from mlproject.experiment.design_matrix import Design
from mlproject.experiment.label_audit import label_sources
from mlproject.models.encoder import OnEpoch
from mlproject.models.factory import make_encoder
from mlproject.models.fusion import FusedRepresentation
from mlproject.seeding import integer_seed
from mlproject.threads import limit_threads

__all__ = ["Representation", "Scores", "build_model", "fit_model", "fit_representation", "loss_curve_of", "partition"]

# Sums over threads depend on their number: a fixed one gives the same bits on any number of cores. Clusterers gain
# nothing from a second one on a thousand tracks, and wait for it where cores are busy.
THREADS, CLUSTERING_THREADS = 2, 1

Scores = dict[str, dict[str, float | None]]


@dataclass(frozen=True)
class Representation:
    """Vectors of all tracks, the partitions of them, and their scores."""

    latent: np.ndarray  # (n_tracks, n_columns): float32; what was clustered
    partitions: dict[str, np.ndarray]  # (n_tracks,): by clusterer; -1 is noise
    scores: Scores  # by clusterer and metric
    genre_purity: dict[str, dict[str, float] | None]  # by clusterer and genre
    model: FusedRepresentation  # fitted
    label_derived: tuple[str, ...]  # how labels reached `latent`, or what it was computed from
    seconds: dict[str, float]  # wall time of ``train`` and of each clusterer
    notes: tuple[str, ...] = ()  # warnings of the clusterers about their result


def build_model(
    task: TaskConfig, evaluation: EvaluationConfig, design: Design, on_epoch: OnEpoch | None = None
) -> FusedRepresentation:
    """Return the unfitted model that a task file describes."""
    encoder = make_encoder(
        task.model.name,
        task.model.encoder_settings(),
        frame_shape=design.frame_shape,
        rotation_scale=design.rotation_scale,
        random_state=integer_seed(evaluation.seed, "training"),
        on_epoch=on_epoch,
    )
    blocks = dict(design.matrix.columns)
    return FusedRepresentation(encoder, blocks=blocks, lyrics_dim=task.model.lyrics_dim, fusion=task.fusion)


def fit_model(
    task: TaskConfig,
    evaluation: EvaluationConfig,
    design: Design,
    *,
    on_epoch: OnEpoch | None = None,
    threads: int = THREADS,
) -> tuple[FusedRepresentation, np.ndarray]:
    """Fit a task's model; return it and its vectors, bit for bit the same for the same number of threads."""
    with limit_threads(threads):  # fit and transform alike: both sum over columns
        model = build_model(task, evaluation, design, on_epoch).fit(design.training_rows)
        return model, model.transform(design.matrix.values)


def loss_curve_of(model: FusedRepresentation) -> np.ndarray | None:
    """Return the loss of a fitted model by epoch, shape (n_epochs,); None for one that does not train by epochs."""
    curve: np.ndarray | None = model.encoder_.loss_curve_ if model.encoder_.trains else None
    return curve


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
        partitions[name], warned = partition(name, latent, evaluation)
        seconds[name] = time.perf_counter() - start
        notes += warned
        with limit_threads(CLUSTERING_THREADS):
            scores[name] = score_partition(latent, partitions[name], genres, n_clusters=evaluation.n_clusters)
        by_genre[name] = score_genres(partitions[name], genres, n_clusters=evaluation.n_clusters)
    sources = label_sources(task, design)
    return Representation(latent, partitions, scores, by_genre, model, sources, seconds, tuple(notes))


def partition(name: str, latent: np.ndarray, evaluation: EvaluationConfig) -> tuple[np.ndarray, list[str]]:
    """Partition vectors with the named clusterer; return labels (-1 is noise) and the clusterer's warnings."""
    clusterer = make_clusterer(
        name,
        n_clusters=evaluation.n_clusters,
        n_init=evaluation.n_init,
        n_neighbors=evaluation.n_neighbors,
        random_state=integer_seed(evaluation.clustering_seed, "clustering", name),
    )
    # A clusterer's warning, such as a graph that is not connected, belongs to its result.
    with warnings.catch_warnings(record=True) as caught, limit_threads(CLUSTERING_THREADS):
        warnings.simplefilter("always", category=UserWarning)
        warnings.filterwarnings("ignore", message="The spectral clustering API has changed")  # no word on the result
        labels = clusterer.fit_predict(latent).astype(np.int32)
    return labels, [f"{name}: {str(warning.message).split('.')[0]}" for warning in caught]
