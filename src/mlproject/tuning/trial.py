"""One trial: a training, a clustering, what speaks for it, and its scores. Data and common space are prepared once."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from sklearn.metrics import adjusted_rand_score

from mlproject.config import EvaluationConfig, StudyConfig, TaskConfig
from mlproject.errors import ConfigError
from mlproject.evaluation.internal import internal_metrics
from mlproject.evaluation.label_free import CommonSpace, subsample_stability
from mlproject.evaluation.scores import score_labels, score_partition
from mlproject.evaluation.uncertainty import draw_subsamples
from mlproject.experiment.design_matrix import TaskInputs, build_design, rotated
from mlproject.experiment.fit import fit_model, limit_threads, partition
from mlproject.experiment.label_audit import LabelUse, find_design_leaks, label_sources, label_use_of
from mlproject.experiment.requirements import check_task, clustering_needs
from mlproject.experiment.run_task import REFERENCE
from mlproject.models.factory import takes_rotated
from mlproject.seeding import generator
from mlproject.tuning.objectives import CRITERIA, LABEL_FREE, OBJECTIVES
from mlproject.tuning.proposals import THREADS
from mlproject.tuning.requirements import check_common_space

__all__ = ["Laboratory", "Outcome", "Pruned", "criteria_of"]

SUBSAMPLE = 0.8  # share of the tracks in a subsample of the stability
REPORTS = 10  # losses that a pruner sees of a training: one a tenth of its epochs

ShouldEnd = Callable[[dict[int, float]], bool]


class Pruned(Exception):
    """A training that was ended early; holds its losses by tenths of its epochs."""

    def __init__(self, losses: dict[int, float]) -> None:
        super().__init__(f"ended after {max(losses)} tenths of its epochs")
        self.losses = losses


@dataclass(frozen=True)
class Outcome:
    """What a trial came to.

    Attributes
    ----------
    criteria : dict of str to float or None
        By name, of `mlproject.tuning.objectives.CRITERIA`.
    scores : dict of str to float or None
        Of the partition; label-free objectives do not see them.
    tuning, held_out : dict of str to float or None
        Scores against the genres on the half of the tracks that an oracle sees, and on the other one.
    loss_curve : list of float
        By epoch.
    losses : dict of int to float
        What the pruner saw, by tenths of the epochs.
    seconds : dict of str to float
        Of ``train``, ``cluster`` and ``criteria``; no part of the trial's result.
    """

    criteria: dict[str, float | None]
    scores: dict[str, float | None]
    tuning: dict[str, float | None]
    held_out: dict[str, float | None]
    loss_curve: list[float] = field(default_factory=list)
    losses: dict[int, float] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def values(self, config: StudyConfig) -> list[float]:
        """Return the study's objectives.

        Raises
        ------
        ConfigError
            If one of them is undefined for this trial.
        """
        found = []
        for name in config.objective:
            value = (self.tuning if OBJECTIVES[name].oracle else self.criteria).get(name)
            if value is None or not np.isfinite(value):
                raise ConfigError(f"the objective {name} is undefined: the partition or the model has none")
            found.append(float(value))
        return found

    def as_record(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


class Laboratory:
    """All that the trials of one study share on one worker.

    Parameters
    ----------
    task, baseline : TaskConfig
    evaluation : EvaluationConfig
    inputs : TaskInputs

    Attributes
    ----------
    rows : ndarray of shape (n_tracks,)
        Rows of the corpus that are used.
    genres : ndarray of shape (n_tracks,) or None
    trained : Design
        What trials are fitted to; see `mlproject.experiment.design_matrix.rotated`.
    reference_vectors : ndarray of shape (n_tracks, n_components)
        Of the baseline.
    reference : dict of str to float or None
        Scores of PCA + K-Means on the same tracks.
    """

    def __init__(
        self, task: TaskConfig, baseline: TaskConfig, evaluation: EvaluationConfig, inputs: TaskInputs
    ) -> None:
        self.evaluation, self.inputs, self._task = evaluation, inputs, task
        self.rows = check_task(task, baseline, evaluation, inputs)
        check_common_space(baseline, inputs)
        with limit_threads(THREADS):  # on any number of cores the same bits
            self._prepare(baseline)

    def _prepare(self, baseline: TaskConfig) -> None:
        task, evaluation, inputs = self._task, self.evaluation, self.inputs
        self._design = build_design(task.blocks, inputs, self.rows)
        self.trained = rotated(self._design) if takes_rotated(task.model.name) else self._design
        self.genres = None if inputs.genres is None else inputs.genres[self.rows]
        self._half = _tuning_half(inputs, self.rows, evaluation)
        design = build_design(baseline.blocks, inputs, self.rows)
        _, self.reference_vectors = fit_model(baseline, evaluation, design, threads=THREADS)
        labels, _ = partition(REFERENCE, self.reference_vectors, evaluation)
        self.reference = self._scores(self.reference_vectors, labels)
        self._common = CommonSpace(self.reference_vectors, rng=generator(evaluation.clustering_seed, "study", "null"))

    @property
    def label_use(self) -> LabelUse:
        """Whether a label reaches the vectors, whatever the trial."""
        with limit_threads(THREADS):
            findings = find_design_leaks(self._design, self.genres, self.evaluation)
        return label_use_of(label_sources(self._task, self._design), findings)

    def run(
        self,
        task: TaskConfig,
        *,
        criteria: Collection[str] = tuple(CRITERIA),
        should_end: ShouldEnd | None = None,
    ) -> Outcome:
        """Train and cluster a task and look at what came out.

        Parameters
        ----------
        task : TaskConfig
        criteria : collection of str
            Which to take; the others are None. All by default.
        should_end : callable, optional
            Gets the losses so far after each tenth of the training; True raises `Pruned`.
        """
        report = _Reporter(getattr(task.model, "epochs", None), should_end)

        def on_epoch(epoch: int, loss: float) -> bool:  # scikit-learn clones objects, but no functions
            return report(epoch, loss)

        start = time.perf_counter()
        model, vectors = fit_model(task, self.evaluation, self.trained, threads=THREADS, on_epoch=on_epoch)
        if report.ended:
            raise Pruned(report.losses)
        trained = time.perf_counter()
        labels, _ = partition(self.evaluation.primary, vectors, self.evaluation)
        clustered = time.perf_counter()
        curve = getattr(model.encoder_, "loss_curve_", None)
        losses = [] if curve is None else [float(loss) for loss in curve]
        with limit_threads(THREADS):
            found = criteria_of(vectors, labels, losses, criteria, common=self._common, evaluation=self.evaluation)
            scores = self._scores(vectors, labels)
        looked = time.perf_counter()
        return Outcome(
            found,
            scores,
            self._half_scores(labels, self._half),
            self._half_scores(labels, ~self._half),
            losses,
            report.losses,
            {"train": trained - start, "cluster": clustered - trained, "criteria": looked - clustered},
        )

    def _scores(self, vectors: np.ndarray, labels: np.ndarray) -> dict[str, float | None]:
        return score_partition(vectors, labels, self.genres, n_clusters=self.evaluation.n_clusters)

    def _half_scores(self, labels: np.ndarray, rows: np.ndarray) -> dict[str, float | None]:
        if self.genres is None:
            return {}
        return dict(score_labels(labels[rows], self.genres[rows], n_clusters=None))


def criteria_of(
    vectors: np.ndarray,
    labels: np.ndarray,
    losses: list[float],
    wanted: Collection[str],
    *,
    common: CommonSpace,
    evaluation: EvaluationConfig,
) -> dict[str, float | None]:
    """Take label-free criteria of a partition: no genre is among the arguments, nor in what they hold.

    Parameters
    ----------
    vectors : ndarray of shape (n_tracks, n_columns)
        What was clustered.
    labels : ndarray of shape (n_tracks,)
    losses : list of float
        By epoch; empty for a model without any.
    wanted : collection of str
        Which to take; the others are None.
    common : CommonSpace
    evaluation : EvaluationConfig
    """
    quick = evaluation.model_copy(update={"n_init": 1})

    def cluster(values: np.ndarray) -> np.ndarray:
        return partition(evaluation.primary, values, quick)[0]

    def stability() -> float | None:
        if SUBSAMPLE * len(vectors) <= max(clustering_needs(evaluation).values()):
            return None
        rng = generator(evaluation.clustering_seed, "study", "stability")
        return subsample_stability(vectors, cluster, rng=rng, share=SUBSAMPLE)

    take: dict[str, Callable[[], float | None]] = {
        "stability": stability,
        "agreement": lambda: float(adjusted_rand_score(labels, partition("agglomerative", vectors, evaluation)[0])),
        "common_silhouette": lambda: common.silhouette_excess(labels),
        "neighbours": lambda: common.neighbours_together(labels),
        "silhouette": lambda: internal_metrics(vectors, labels)["silhouette"] if -1 not in labels else None,
        "reconstruction": lambda: losses[-1] if losses else None,
        "latent_size": lambda: float(vectors.shape[1]),
    }
    take["label_free"] = take[LABEL_FREE]
    return {name: take[name]() if name in wanted else None for name in CRITERIA}


def _tuning_half(inputs: TaskInputs, rows: np.ndarray, evaluation: EvaluationConfig) -> np.ndarray:
    """Draw the tracks that an oracle sees, half of them, whole artists where they are known; the mask of them."""
    groups = None if inputs.artists is None else np.asarray(inputs.artists[rows])
    rng = generator(evaluation.clustering_seed, "study", "halves")
    half = np.zeros(len(rows), dtype=bool)
    half[next(draw_subsamples(len(rows), share=0.5, n_draws=1, rng=rng, groups=groups))] = True
    return half


class _Reporter:
    """Listens to a training's epochs, and ends it when it is told to."""

    def __init__(self, epochs: int | None, should_end: ShouldEnd | None) -> None:
        self.every = max(1, (epochs or 1) // REPORTS)
        self.should_end = should_end
        self.losses: dict[int, float] = {}
        self.ended = False

    def __call__(self, epoch: int, loss: float) -> bool:
        if self.should_end is None or epoch % self.every:
            return False
        self.losses[epoch // self.every] = float(loss)
        self.ended = self.should_end(self.losses)
        return self.ended
