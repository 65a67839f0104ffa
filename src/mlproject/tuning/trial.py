"""One trial: a training, a clustering, its criteria and its scores. Data and common space are prepared once."""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from mlproject.config.evaluation import EvaluationConfig
from mlproject.config.study import StudyConfig
from mlproject.config.tasks import TaskConfig
from mlproject.errors import ConfigError, TrainingError
from mlproject.evaluation.internal import internal_metrics
from mlproject.evaluation.label_free import CommonSpace
from mlproject.evaluation.scores import score_labels, score_partition
from mlproject.evaluation.uncertainty import draw_subsamples
from mlproject.experiment.design_matrix import Design, TaskInputs, build_design, rotated
from mlproject.experiment.fit import fit_model, loss_curve_of, partition
from mlproject.experiment.label_audit import LabelUse, find_design_leaks, label_sources, label_use_of
from mlproject.experiment.requirements import check_task
from mlproject.experiment.run_task import BASELINE_CLUSTERER
from mlproject.models.factory import encoder_class
from mlproject.seeding import generator
from mlproject.threads import limit_threads
from mlproject.tuning.objectives import CRITERIA, OBJECTIVES
from mlproject.tuning.proposals import THREADS
from mlproject.tuning.requirements import check_common_space

__all__ = ["Objective", "TrialResult", "criteria_of"]


@dataclass(frozen=True)
class TrialResult:
    """The result of a trial."""

    criteria: dict[str, float | None]  # by name, of `mlproject.tuning.objectives.CRITERIA`
    scores: dict[str, float | None]  # of the partition; label-free objectives do not see them
    # Scores against the genres on the half of the tracks that an oracle sees, and on the other one.
    tuning: dict[str, float | None]
    held_out: dict[str, float | None]
    loss_curve: list[float] = field(default_factory=list)  # by epoch
    # Of ``train``, ``cluster`` and ``criteria``; no part of the trial's result.
    seconds: dict[str, float] = field(default_factory=dict)

    def values(self, config: StudyConfig) -> list[float]:
        """Return the study's objectives; one that is undefined for this trial is a `ConfigError`."""
        values = []
        for name in config.objective:
            value = (self.tuning if OBJECTIVES[name].oracle else self.criteria).get(name)
            if value is None or not np.isfinite(value):
                raise ConfigError(f"the objective {name} is undefined: the partition or the model has none")
            values.append(float(value))
        return values


@dataclass(frozen=True)
class Objective:
    """What the trials of one study share on one worker; `run` evaluates one of them."""

    task: TaskConfig  # as its file has it; trials change its hyper-parameters
    evaluation: EvaluationConfig
    inputs: TaskInputs
    rows: np.ndarray  # (n_tracks,): rows of the corpus that are used
    genres: np.ndarray | None  # (n_tracks,) or None
    tuning_half: np.ndarray  # (n_tracks,): tracks whose genres an oracle sees
    design: Design
    trained: Design  # what trials are fitted to; see `mlproject.experiment.design_matrix.rotated`
    baseline_latent: np.ndarray  # (n_tracks, n_components)
    baseline_scores: dict[str, float | None]  # scores of PCA + K-Means on the same tracks
    common: CommonSpace  # the baseline's, which label-free criteria are taken in

    @classmethod
    def prepare(cls, task: TaskConfig, baseline: TaskConfig, evaluation: EvaluationConfig, inputs: TaskInputs) -> Self:
        """Build the design, rotate wide audio once, fit and score the baseline; raises as `check_study` does."""
        rows = check_task(task, baseline, evaluation, inputs)
        check_common_space(baseline, inputs)
        genres = None if inputs.genres is None else inputs.genres[rows]
        with limit_threads(THREADS):  # on any number of cores the same bits
            design = build_design(task.blocks, inputs, rows)
            beside = build_design(baseline.blocks, inputs, rows)
            _, latent = fit_model(baseline, evaluation, beside, threads=THREADS)
            labels, _ = partition(BASELINE_CLUSTERER, latent, evaluation)
            return cls(
                task=task,
                evaluation=evaluation,
                inputs=inputs,
                rows=rows,
                genres=genres,
                tuning_half=_tuning_half(inputs, rows, evaluation),
                design=design,
                trained=rotated(design) if encoder_class(task.model.name).takes_rotated else design,
                baseline_latent=latent,
                baseline_scores=score_partition(latent, labels, genres, n_clusters=evaluation.n_clusters),
                common=CommonSpace(latent, rng=generator(evaluation.clustering_seed, "study", "null")),
            )

    @property
    def label_use(self) -> LabelUse:
        """Whether a label reaches the latent, whatever the trial."""
        with limit_threads(THREADS):
            findings = find_design_leaks(self.design, self.genres, self.evaluation)
        return label_use_of(label_sources(self.task, self.design), findings)

    def run(self, task: TaskConfig, *, criteria: Collection[str] = tuple(CRITERIA)) -> TrialResult:
        """Train and cluster a task, and score the partition; criteria that are not named are None."""
        start = time.perf_counter()
        model, latent = fit_model(task, self.evaluation, self.trained, threads=THREADS)
        if not np.isfinite(latent).all():  # weights that are finite may still overflow what they encode
            raise TrainingError("the latent left the finite numbers; lower learning_rate")
        trained = time.perf_counter()
        labels, _ = partition(self.evaluation.primary, latent, self.evaluation)
        clustered = time.perf_counter()
        curve = loss_curve_of(model)  # plain floats from here on: a result is stored as JSON
        losses = [] if curve is None else [float(loss) for loss in curve]
        with limit_threads(THREADS):
            taken = criteria_of(latent, labels, losses, criteria, common=self.common)
            scores = score_partition(latent, labels, self.genres, n_clusters=self.evaluation.n_clusters)
        scored = time.perf_counter()
        return TrialResult(
            criteria=taken,
            scores=scores,
            tuning=self._half_scores(labels, self.tuning_half),
            held_out=self._half_scores(labels, ~self.tuning_half),
            loss_curve=losses,
            seconds={"train": trained - start, "cluster": clustered - trained, "criteria": scored - clustered},
        )

    def _half_scores(self, labels: np.ndarray, rows: np.ndarray) -> dict[str, float | None]:
        if self.genres is None:
            return {}
        return dict(score_labels(labels[rows], self.genres[rows], n_clusters=None))


def criteria_of(
    latent: np.ndarray, labels: np.ndarray, losses: list[float], criteria: Collection[str], *, common: CommonSpace
) -> dict[str, float | None]:
    """Take label-free criteria of a partition: no genre is among the arguments, nor in what they hold.

    `latent`, of shape (n_tracks, n_columns), is what was clustered; `losses` are by epoch, empty for a model without
    any. Criteria that are not named are None.
    """
    # Callables, so that only the criteria that are asked for are computed.
    take: dict[str, Callable[[], float | None]] = {
        "common_silhouette": lambda: common.silhouette_excess(labels),
        "neighbours": lambda: common.neighbours_together(labels),
        "silhouette": lambda: internal_metrics(latent, labels)["silhouette"] if -1 not in labels else None,
        "reconstruction": lambda: losses[-1] if losses else None,
        "latent_size": lambda: float(latent.shape[1]),
    }
    return {name: take[name]() if name in criteria else None for name in CRITERIA}


def _tuning_half(inputs: TaskInputs, rows: np.ndarray, evaluation: EvaluationConfig) -> np.ndarray:
    """Draw the tracks that an oracle sees, half of them, whole artists where they are known; the mask of them."""
    groups = None if inputs.artists is None else np.asarray(inputs.artists[rows])
    rng = generator(evaluation.clustering_seed, "study", "halves")
    half = np.zeros(len(rows), dtype=bool)
    half[next(draw_subsamples(len(rows), share=0.5, n_draws=1, rng=rng, groups=groups))] = True
    return half
