"""What a task is worth: seeds, subsamples, controls, audit, calibration, put together on one load of the data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mlproject.config import EvaluationConfig, TaskConfig
from mlproject.errors import ConfigError, NotApplicableError, TooFewTracksError
from mlproject.evaluation.chance import Level, chance_levels, silhouette_nulls
from mlproject.evaluation.scores import EXTERNAL_METRICS, score_external, score_partition
from mlproject.evaluation.spaces import block_shares, silhouette_matrix
from mlproject.experiment.controls import Control, controls_of, probe_partition
from mlproject.experiment.design_matrix import TaskInputs, build_design
from mlproject.experiment.diagnosis import Diagnosis, diagnose
from mlproject.experiment.fit import THREADS, fit_model, limit_threads, partition
from mlproject.experiment.label_audit import Audit, find_design_leaks, label_sources, labels_change_vectors
from mlproject.experiment.requirements import check_task, clustering_needs
from mlproject.experiment.resampling import (
    Progress,
    Replication,
    Side,
    replicate,
    stability,
    subsample_rows,
    with_seed,
)
from mlproject.experiment.run_task import REFERENCE
from mlproject.seeding import generator, integer_seed

__all__ = [
    "ControlScores",
    "TaskEvaluation",
    "artist_groups",
    "check_evaluation",
    "evaluate_task",
    "mean_scores",
]

PROBE = "supervised probe"
Scores = dict[str, float | None]


@dataclass(frozen=True)
class ControlScores:
    """External scores of one control, a mean over its seeds; `supervised` marks a ceiling that has seen genres."""

    name: str
    meaning: str
    scores: Scores
    supervised: bool = False


@dataclass(frozen=True)
class TaskEvaluation:
    """All that `evaluate` finds out about a task.

    Attributes
    ----------
    rows : ndarray of shape (n_tracks,)
        Rows of the corpus that were used.
    groups_known : bool
        Whether subsamples were drawn by artist.
    replication : Replication
        Seeds and subsamples of the task and of PCA + K-Means.
    scores, baseline : dict of str to float or None
        Means over seeds of all external scores and the silhouette.
    filtered, filtered_baseline : dict of str to float or None, or None
        The same without tracks that have a known fault; None where no such track is in use.
    stability : dict of str to float or None
        Seed-to-seed ARI of ``task`` and ``baseline``.
    audit : Audit
    controls : tuple of ControlScores
    chance : dict of str to Level
        By external metric.
    silhouette_null : dict of str to float
        See `mlproject.evaluation.chance.silhouette_nulls`.
    silhouettes : dict
        By partition and space.
    shares : dict of str to float
        Of the squared distance, by block.
    diagnosis : Diagnosis
        What only some models have.
    """

    rows: np.ndarray
    groups_known: bool
    replication: Replication
    scores: Scores
    baseline: Scores
    filtered: Scores | None
    filtered_baseline: Scores | None
    stability: dict[str, float | None]
    audit: Audit
    controls: tuple[ControlScores, ...]
    chance: dict[str, Level]
    silhouette_null: dict[str, float]
    silhouettes: dict[str, dict[str, float | None]]
    shares: dict[str, float]
    diagnosis: Diagnosis


def evaluate_task(
    task: TaskConfig,
    baseline: TaskConfig,
    evaluation: EvaluationConfig,
    inputs: TaskInputs,
    *,
    progress: Callable[[str, int], Progress] = lambda _, __: iter,
) -> TaskEvaluation:
    """Train a task once a seed, and ask what its scores are worth.

    Parameters
    ----------
    task, baseline : TaskConfig
    evaluation : EvaluationConfig
    inputs : TaskInputs
        With genres: without them there is nothing to evaluate against.
    progress : callable
        Takes what is done and how many there are of it; returns a wrapper of an iterable.

    Raises
    ------
    ConfigError
        If there are fewer than two subsamples a seed.
    NotApplicableError
        If the corpus lacks labels, or an input that the task names.
    TooFewTracksError
        If there are fewer tracks than clusters or components.
    """
    check_evaluation(task, baseline, evaluation, inputs)
    with limit_threads(THREADS):
        return _Evaluator(task, baseline, evaluation, inputs, progress).evaluate()


def check_evaluation(
    task: TaskConfig, baseline: TaskConfig, evaluation: EvaluationConfig, inputs: TaskInputs
) -> np.ndarray:
    """Check that a task can be evaluated on the inputs, see `evaluate_task`; return the rows that are used."""
    if evaluation.subsamples < 2 * evaluation.seeds:
        raise ConfigError(
            f"evaluation.subsamples={evaluation.subsamples} for {evaluation.seeds} seeds; two for each seed are needed"
        )
    if inputs.genres is None:
        raise NotApplicableError("an evaluation compares with genres, and the corpus has no labels")
    rows = check_task(task, baseline, evaluation, inputs)
    smallest = int(evaluation.subsample_share * len(rows))
    for key, need in clustering_needs(evaluation).items():
        if need > smallest:
            raise TooFewTracksError(
                f"subsamples of {smallest} tracks are too few: {key} needs {need}; lower it, raise "
                "evaluation.subsample_share or add music"
            )
    return rows


def artist_groups(inputs: TaskInputs, rows: np.ndarray, evaluation: EvaluationConfig) -> np.ndarray | None:
    """Artist of each track; None where there is nothing to draw by: one artist, or draws that would be too small."""
    if inputs.artists is None or len(np.unique(inputs.artists[rows])) < 2:
        return None
    artists = np.asarray(inputs.artists[rows])
    smallest = min(len(drawn) for drawn in subsample_rows(len(rows), artists, evaluation))
    return artists if smallest >= max(clustering_needs(evaluation).values()) else None


class _Evaluator:
    """The steps of `evaluate_task`, which share the tracks, the design and the vectors of each seed."""

    def __init__(
        self,
        task: TaskConfig,
        baseline: TaskConfig,
        evaluation: EvaluationConfig,
        inputs: TaskInputs,
        progress: Callable[[str, int], Progress],
    ) -> None:
        assert inputs.genres is not None
        self.config, self.evaluation, self.inputs, self.progress = task, evaluation, inputs, progress
        self.rows = check_evaluation(task, baseline, evaluation, inputs)
        self.genres = inputs.genres[self.rows]
        self.groups = artist_groups(inputs, self.rows, evaluation)
        self.design = build_design(task.blocks, inputs, self.rows)
        _, reference = fit_model(baseline, evaluation, build_design(baseline.blocks, inputs, self.rows))
        self.baseline = Side([reference] * evaluation.seeds, REFERENCE)

    def evaluate(self) -> TaskEvaluation:
        seeds = self.progress("seeds", self.evaluation.seeds)(range(self.evaluation.seeds))
        fits = [fit_model(self.config, with_seed(self.evaluation, seed), self.design) for seed in seeds]
        task = Side([vectors for _, vectors in fits], self.evaluation.primary)
        subsamples = self.progress("subsamples", self.evaluation.subsamples)
        replication = replicate(task, self.baseline, self.genres, self.groups, self.evaluation, progress=subsamples)
        others = [self.baseline.partition(seed, self.evaluation) for seed in range(self.evaluation.seeds)]
        filtered, filtered_baseline = (self._filtered(side) for side in (task, self.baseline))
        return TaskEvaluation(
            rows=self.rows,
            groups_known=self.groups is not None,
            replication=replication,
            scores=mean_scores(task.vectors, replication.partitions, self.genres, self.evaluation.n_clusters),
            baseline=mean_scores(self.baseline.vectors, others, self.genres, self.evaluation.n_clusters),
            filtered=filtered,
            filtered_baseline=filtered_baseline,
            stability={"task": stability(replication.partitions), "baseline": stability(others)},
            audit=self._audit(task.vectors[0]),
            controls=tuple(self._controls(task)),
            chance=chance_levels(self.genres, n_clusters=self.evaluation.n_clusters, rng=self._rng("chance")),
            silhouette_null=self._silhouette_null(task.vectors[0]),
            silhouettes=self._silhouettes(task, replication),
            shares=block_shares(task.vectors[0], fits[0][0].widths_),
            diagnosis=diagnose(self.config, self.evaluation, self.design, self.genres, self.groups),
        )

    def _rng(self, name: str) -> np.random.Generator:
        return generator(self.evaluation.clustering_seed, name)

    def _filtered(self, side: Side) -> Scores | None:
        """Cluster and score the tracks without a known fault alone."""
        if self.inputs.faulty is None or not self.inputs.faulty[self.rows].any():
            return None
        sound = np.flatnonzero(~self.inputs.faulty[self.rows])
        if len(sound) < max(clustering_needs(self.evaluation).values()):
            return None
        partitions = [side.partition(seed, self.evaluation, sound) for seed in range(self.evaluation.seeds)]
        vectors = [one[sound] for one in side.vectors]
        return mean_scores(vectors, partitions, self.genres[sound], self.evaluation.n_clusters)

    def _audit(self, vectors: np.ndarray) -> Audit:
        derived = label_sources(self.config, self.design)
        changed = labels_change_vectors(
            self.config,
            self.evaluation,
            self.inputs,
            self.rows,
            vectors,
            lambda design: fit_model(self.config, self.evaluation, design)[1],
        )
        return Audit(derived, changed, find_design_leaks(self.design, self.genres, self.evaluation))

    def _controls(self, task: Side) -> Iterator[ControlScores]:
        seeds = [with_seed(self.evaluation, seed) for seed in range(self.evaluation.control_seeds)]
        found = controls_of(self.config, self.design, self.genres)
        for control in self.progress("controls", len(found))(found):
            vectors = [self._control_vectors(control, seed) for seed in seeds]
            side = Side(vectors, self.evaluation.primary)
            partitions = [side.partition(seed, self.evaluation) for seed in range(len(seeds))]
            scores = mean_scores(vectors, partitions, self.genres, self.evaluation.n_clusters)
            yield ControlScores(control.name, control.meaning, scores)
        seed = integer_seed(self.evaluation.clustering_seed, "probe")
        predicted = probe_partition(task.vectors[0], self.genres, self.groups, seed=seed)
        ceiling: Scores = dict.fromkeys(EXTERNAL_METRICS)
        if predicted is not None:
            ceiling = dict(score_external(predicted, self.genres))
        yield ControlScores(PROBE, "a ceiling: what the vectors tell to one who knows the genres", ceiling, True)

    def _control_vectors(self, control: Control, seed: EvaluationConfig) -> np.ndarray:
        rng = generator(seed.clustering_seed, "control", control.name)
        return control.vectors(lambda config, design: fit_model(config, seed, design)[1], rng)

    def _silhouette_null(self, vectors: np.ndarray) -> dict[str, float]:
        def cluster(values: np.ndarray) -> np.ndarray:
            return partition(self.evaluation.primary, values, self.evaluation)[0]

        return silhouette_nulls(vectors, cluster, rng=self._rng("silhouette null"))

    def _silhouettes(self, task: Side, replication: Replication) -> dict[str, dict[str, float | None]]:
        spaces = {"this task": task.vectors[0], "PCA": self.baseline.vectors[0]}
        partitions = {
            "this task": replication.partitions[0],
            "PCA + K-Means": self.baseline.partition(0, self.evaluation),
            "true genres": self.genres,
        }
        return silhouette_matrix(spaces, partitions)


def mean_scores(
    vectors: Sequence[np.ndarray], partitions: Sequence[np.ndarray], genres: np.ndarray, n_clusters: int
) -> Scores:
    """Average the scores of several seeds; None where any of them is undefined."""
    pairs = zip(vectors, partitions, strict=True)
    found = [score_partition(values, labels, genres, n_clusters=n_clusters) for values, labels in pairs]
    columns = {name: [one[name] for one in found] for name in found[0]}
    return {name: None if None in column else float(np.mean(column)) for name, column in columns.items()}  # type: ignore[arg-type]
