"""One task on one seed: blocks -> model -> partitions -> scores, beside PCA + K-Means on the same tracks."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from mlproject.config import EvaluationConfig, TaskConfig
from mlproject.evaluation.chance import Level, chance_levels
from mlproject.evaluation.label_leakage import Finding
from mlproject.evaluation.scores import difference
from mlproject.experiment.design_matrix import Design, TaskInputs, build_design
from mlproject.experiment.fit import Representation, Scores, fit_representation
from mlproject.experiment.label_audit import LabelUse, find_design_leaks, label_use_of
from mlproject.experiment.requirements import check_task
from mlproject.models.autoencoder import OnEpoch
from mlproject.seeding import generator

__all__ = ["REFERENCE", "TaskResult", "run_task"]

REFERENCE = "kmeans"


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
    chance : dict of str to Level
        What random partitions of these tracks score, by external metric; empty without genres.
    findings : tuple of Finding
        What the values of blocks that are declared label-free give away.
    remarks : tuple of str
        What a reader of the scores should know.
    """

    rows: np.ndarray
    genres: np.ndarray | None
    design: Design
    task: Representation
    baseline: Representation
    delta: Scores = field(default_factory=dict)
    chance: dict[str, Level] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def label_use(self) -> LabelUse:
        """Whether the vectors are label-free, label-informed or label-suspect."""
        return label_use_of(self.task.label_derived, self.findings)

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
    return TaskResult(
        rows,
        genres,
        design,
        own,
        reference,
        delta,
        _chance(evaluation, genres),
        find_design_leaks(design, genres, evaluation),
        _remarks(evaluation, design, genres),
    )


def _chance(evaluation: EvaluationConfig, genres: np.ndarray | None) -> dict[str, Level]:
    if genres is None:
        return {}
    return chance_levels(genres, n_clusters=evaluation.n_clusters, rng=generator(evaluation.clustering_seed, "chance"))


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
