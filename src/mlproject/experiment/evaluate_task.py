"""What a task is worth: seeds, subsamples, controls, audit and calibration, from one load of the data."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.model_selection import KFold

from mlproject.config.evaluation import EvaluationConfig
from mlproject.config.tasks import TaskConfig
from mlproject.evaluation.block_shares import block_shares
from mlproject.evaluation.chance import Level, chance_levels, silhouette_nulls
from mlproject.evaluation.folds import stratified_folds
from mlproject.evaluation.internal import silhouette_matrix
from mlproject.evaluation.scores import EXTERNAL_METRICS, score_external, score_partition
from mlproject.evaluation.supervised_reference import predicted_genres
from mlproject.experiment.conditioning import ConditioningReport, conditioning_of
from mlproject.experiment.controls import Control, controls_of
from mlproject.experiment.design_matrix import Design, TaskInputs, build_design
from mlproject.experiment.fit import THREADS, build_model, fit_model, partition
from mlproject.experiment.label_audit import Audit, find_design_leaks, label_sources, labels_change_latent
from mlproject.experiment.requirements import check_evaluation, clustering_needs
from mlproject.experiment.resampling import (
    Method,
    Replication,
    Retrieval,
    replicate,
    retrieve,
    stability,
    subsample_rows,
    with_seed,
)
from mlproject.experiment.run_task import BASELINE_CLUSTERER
from mlproject.models.factory import encoder_class
from mlproject.models.vae_diagnostics import VaeDiagnostics, measure_vae_diagnostics
from mlproject.seeding import generator, integer_seed
from mlproject.threads import limit_threads

__all__ = ["ControlScores", "TaskEvaluation", "artist_groups", "evaluate_task", "mean_scores", "vae_diagnostics_of"]

REFERENCE = "supervised reference"
REFERENCE_MEANING = "what a classifier that was taught the genres finds in the latent"
Scores = dict[str, float | None]
Progress = Callable[[str, int], Callable[[Iterable[Any]], Iterable[Any]]]


@dataclass(frozen=True)
class ControlScores:
    """External scores of one control, a mean over its seeds; `supervised` marks one that has seen genres."""

    name: str
    meaning: str
    scores: Scores
    supervised: bool = False


@dataclass(frozen=True)
class TaskEvaluation:
    """What an evaluation measures of a task."""

    rows: np.ndarray  # (n_tracks,): rows of the corpus that were used
    groups_known: bool  # whether subsamples were drawn by artist
    replication: Replication  # seeds and subsamples of the task and of PCA + K-Means
    retrieval: dict[str, Retrieval]  # by metric; empty where no track has another artist's of its genre
    # Means over seeds of all external scores and the silhouette.
    scores: Scores
    baseline: Scores
    # The same without tracks that have a known fault; None where no such track is in use.
    filtered: Scores | None
    filtered_baseline: Scores | None
    stability: dict[str, float | None]  # seed-to-seed ARI of ``task`` and ``baseline``
    audit: Audit
    controls: tuple[ControlScores, ...]
    chance: dict[str, Level]  # by external metric
    silhouette_null: dict[str, float]  # see `mlproject.evaluation.chance.silhouette_nulls`
    silhouettes: dict[str, dict[str, float | None]]  # by partition and space
    shares: dict[str, float]  # of the squared distance, by block
    vae_diagnostics: VaeDiagnostics | None  # None for encoders that are not variational
    # None for encoders without a condition, and where there are too few tracks or artists of a genre.
    conditioning: ConditioningReport | None


def evaluate_task(
    task: TaskConfig,
    baseline: TaskConfig,
    evaluation: EvaluationConfig,
    inputs: TaskInputs,
    *,
    progress: Progress = lambda _, __: iter,
) -> TaskEvaluation:
    """Train a task once per seed, and measure what its scores are worth; `inputs` need genres.

    `progress` takes what is done and how many there are of it, and returns a wrapper of an iterable. Raises what
    `mlproject.experiment.requirements.check_evaluation` raises.
    """
    with limit_threads(THREADS):
        rows = check_evaluation(task, baseline, evaluation, inputs)
        assert inputs.genres is not None
        design = build_design(task.blocks, inputs, rows)
        _, latent = fit_model(baseline, evaluation, build_design(baseline.blocks, inputs, rows))
        # PCA draws no random numbers, so all seeds share one latent and differ by the clusterer alone.
        beside = Method([latent] * evaluation.seeds, BASELINE_CLUSTERER)
        groups = artist_groups(inputs, rows, evaluation)
        return _evaluate(_Inputs(task, evaluation, inputs, rows, inputs.genres[rows], groups, design, beside, progress))


def artist_groups(inputs: TaskInputs, rows: np.ndarray, evaluation: EvaluationConfig) -> np.ndarray | None:
    """Artist of each track; None where there is nothing to draw by: one artist, or draws that would be too small."""
    if inputs.artists is None or len(np.unique(inputs.artists[rows])) < 2:
        return None
    artists = np.asarray(inputs.artists[rows])
    # Whole artists make subsamples of unequal sizes; the smallest must still hold enough tracks to cluster.
    smallest = min(len(drawn) for drawn in subsample_rows(len(rows), artists, evaluation))
    return artists if smallest >= max(clustering_needs(evaluation).values()) else None


@dataclass(frozen=True)
class _Inputs:
    """What all steps of an evaluation share."""

    config: TaskConfig
    evaluation: EvaluationConfig
    inputs: TaskInputs
    rows: np.ndarray
    genres: np.ndarray
    groups: np.ndarray | None
    design: Design
    baseline: Method
    progress: Progress

    @property
    def seeds(self) -> range:
        return range(self.evaluation.seeds)


def _evaluate(given: _Inputs) -> TaskEvaluation:
    evaluation, genres, n_clusters = given.evaluation, given.genres, given.evaluation.n_clusters
    seeds = given.progress("seeds", evaluation.seeds)(given.seeds)
    fits = [fit_model(given.config, with_seed(evaluation, seed), given.design) for seed in seeds]
    task = Method([latent for _, latent in fits], evaluation.primary)
    subsamples = given.progress("subsamples", evaluation.subsamples)
    replication = replicate(task, given.baseline, genres, given.groups, evaluation, progress=subsamples)
    baseline_partitions = [given.baseline.partition(seed, evaluation) for seed in given.seeds]
    filtered, filtered_baseline = (_filtered(given, method) for method in (task, given.baseline))
    return TaskEvaluation(
        rows=given.rows,
        groups_known=given.groups is not None,
        replication=replication,
        retrieval=_retrieval(given, task),
        scores=mean_scores(task.latents, replication.partitions, genres, n_clusters),
        baseline=mean_scores(given.baseline.latents, baseline_partitions, genres, n_clusters),
        filtered=filtered,
        filtered_baseline=filtered_baseline,
        stability={"task": stability(replication.partitions), "baseline": stability(baseline_partitions)},
        audit=_audit(given, task.latents[0]),
        controls=(*_controls(given), _supervised_reference(given, task.latents[0])),
        chance=chance_levels(genres, n_clusters=n_clusters, rng=generator(evaluation.clustering_seed, "chance")),
        silhouette_null=silhouette_nulls(
            task.latents[0],
            lambda values: partition(evaluation.primary, values, evaluation)[0],
            rng=generator(evaluation.clustering_seed, "silhouette null"),
        ),
        silhouettes=silhouette_matrix(
            {"this task": task.latents[0], "PCA": given.baseline.latents[0]},
            {"this task": replication.partitions[0], "PCA + K-Means": baseline_partitions[0], "true genres": genres},
        ),
        shares=block_shares(task.latents[0], fits[0][0].widths_),
        vae_diagnostics=vae_diagnostics_of(given.config, evaluation, given.design, genres),
        conditioning=conditioning_of(given.config, evaluation, given.design, genres, given.groups),
    )


def _retrieval(given: _Inputs, task: Method) -> dict[str, Retrieval]:
    artists = None if given.inputs.artists is None else given.inputs.artists[given.rows]
    progress = given.progress("retrieval", given.evaluation.subsamples)
    return retrieve(task, given.baseline, given.genres, artists, given.groups, given.evaluation, progress=progress)


def _filtered(given: _Inputs, method: Method) -> Scores | None:
    """Cluster and score the tracks without a known fault alone; None where there are no faults, or too few tracks."""
    if given.inputs.faulty is None or not given.inputs.faulty[given.rows].any():
        return None
    sound = np.flatnonzero(~given.inputs.faulty[given.rows])
    if len(sound) < max(clustering_needs(given.evaluation).values()):
        return None
    partitions = [method.partition(seed, given.evaluation, sound) for seed in given.seeds]
    latents = [latent[sound] for latent in method.latents]
    return mean_scores(latents, partitions, given.genres[sound], given.evaluation.n_clusters)


def _audit(given: _Inputs, latent: np.ndarray) -> Audit:
    def latent_of(design: Design) -> np.ndarray:
        return fit_model(given.config, given.evaluation, design)[1]

    changed = labels_change_latent(given.config, given.evaluation, given.inputs, given.rows, latent, latent_of)
    findings = find_design_leaks(given.design, given.genres, given.evaluation)
    return Audit(label_sources(given.config, given.design), changed, findings)


def _controls(given: _Inputs) -> Iterator[ControlScores]:
    seeds = [with_seed(given.evaluation, seed) for seed in range(given.evaluation.control_seeds)]
    controls = controls_of(given.config, given.design, given.genres)
    for control in given.progress("controls", len(controls))(controls):
        latents = [_control_latent(control, seed) for seed in seeds]
        method = Method(latents, given.evaluation.primary)
        partitions = [method.partition(seed, given.evaluation) for seed in range(len(seeds))]
        scores = mean_scores(latents, partitions, given.genres, given.evaluation.n_clusters)
        yield ControlScores(control.name, control.meaning, scores)


def _control_latent(control: Control, seed: EvaluationConfig) -> np.ndarray:
    rng = generator(seed.clustering_seed, "control", control.name)
    return control.latent(lambda config, design: fit_model(config, seed, design)[1], rng)


def _supervised_reference(given: _Inputs, latent: np.ndarray) -> ControlScores:
    """Score the genres that a classifier predicts from the latent, as if they were a partition."""
    seed = integer_seed(given.evaluation.clustering_seed, REFERENCE)
    predicted = predicted_genres(latent, given.genres, given.groups, seed=seed)
    scores: Scores = dict.fromkeys(EXTERNAL_METRICS)
    if predicted is not None:
        scores |= score_external(predicted, given.genres)
    return ControlScores(REFERENCE, REFERENCE_MEANING, scores, supervised=True)


def vae_diagnostics_of(
    task: TaskConfig, evaluation: EvaluationConfig, design: Design, genres: np.ndarray
) -> VaeDiagnostics | None:
    """Fit a variational encoder to about four fifths of the tracks and measure it on the rest, stratified by genre.

    Where a genre has fewer than five tracks, the rest is a larger part; where one has a single track, the split is not
    stratified. None for other encoders.
    """
    if not encoder_class(task.model.name).variational:
        return None
    seed = integer_seed(evaluation.seed, "diagnosis")
    folds = stratified_folds(genres, seed=seed) or list(KFold(5, shuffle=True, random_state=seed).split(genres))
    train, held_out = folds[0]
    values = design.matrix.values
    encoder = build_model(task, evaluation, design).fit(values[train]).encoder_
    return measure_vae_diagnostics(encoder, values[train], values[held_out])


def mean_scores(
    latents: Sequence[np.ndarray], partitions: Sequence[np.ndarray], genres: np.ndarray, n_clusters: int
) -> Scores:
    """Average the scores of several seeds; None where any of them is undefined."""
    pairs = zip(latents, partitions, strict=True)
    by_seed = [score_partition(latent, labels, genres, n_clusters=n_clusters) for latent, labels in pairs]
    columns = {name: [scores[name] for scores in by_seed] for name in by_seed[0]}
    return {name: None if None in column else float(np.mean(column)) for name, column in columns.items()}  # type: ignore[arg-type]
