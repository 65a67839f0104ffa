"""One task on one seed: blocks -> model -> partitions -> scores, beside PCA + K-Means on the same tracks."""

from dataclasses import dataclass, field

import numpy as np

from mlproject.config.evaluation import EvaluationConfig
from mlproject.config.tasks import TaskConfig
from mlproject.evaluation.chance import Level, chance_levels
from mlproject.evaluation.label_leakage import Finding
from mlproject.evaluation.scores import difference
from mlproject.experiment.design_matrix import Design, TaskInputs, build_design
from mlproject.experiment.fit import Representation, Scores, fit_representation, loss_curve_of
from mlproject.experiment.label_audit import LabelUse, find_design_leaks, label_use_of
from mlproject.experiment.requirements import check_task
from mlproject.models.encoder import OnEpoch
from mlproject.seeding import generator

__all__ = ["BASELINE_CLUSTERER", "TaskResult", "run_task"]

BASELINE_CLUSTERER = "kmeans"


@dataclass(frozen=True)
class TaskResult:
    """A task's representation beside the baseline's, on identical tracks."""

    rows: np.ndarray  # (n_tracks,): rows of the corpus that were used
    genres: np.ndarray | None  # (n_tracks,)
    design: Design  # what the model was fitted to
    # One and the same object where the task is the baseline itself.
    task: Representation
    baseline: Representation
    delta: Scores = field(default_factory=dict)  # scores minus those of the baseline under the same clusterer
    # What random partitions of these tracks score, by external metric; empty without genres.
    chance: dict[str, Level] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()  # what the values of blocks that are declared label-free give away
    remarks: tuple[str, ...] = ()  # what a reader of the scores should know

    @property
    def label_use(self) -> LabelUse:
        """Whether the vectors are label-free, label-informed or label-suspect."""
        return label_use_of(self.task.label_derived, self.findings)

    def baseline_scores(self) -> dict[str, float | None]:
        """Return the scores of PCA + K-Means, which everything is compared with."""
        return self.baseline.scores[BASELINE_CLUSTERER]

    def gain(self, clusterer: str) -> dict[str, float | None]:
        """Return the scores of one clusterer's partition minus those of PCA + K-Means."""
        return difference(self.task.scores[clusterer], self.baseline_scores())

    @property
    def loss_curve(self) -> np.ndarray | None:
        """Loss by epoch, shape (n_epochs,), or None for a model without one."""
        return loss_curve_of(self.task.model)


def run_task(
    task: TaskConfig,
    baseline: TaskConfig,
    evaluation: EvaluationConfig,
    inputs: TaskInputs,
    *,
    on_epoch: OnEpoch | None = None,
) -> TaskResult:
    """Train, cluster and score one task, and PCA + K-Means on the same tracks.

    For the baseline itself both configurations are equal, and it is computed once. `on_epoch` is called with epoch and
    loss; returning True ends the training. Raises what `mlproject.experiment.requirements.check_task` raises.
    """
    rows = check_task(task, baseline, evaluation, inputs)
    design = build_design(task.blocks, inputs, rows)
    genres = None if inputs.genres is None else inputs.genres[rows]
    fitted = fit_representation(task, evaluation, design, genres, on_epoch=on_epoch)
    beside = fitted
    if task != baseline or BASELINE_CLUSTERER not in evaluation.clusterers:
        # The baseline's own clusterer is always among them, whatever the task is clustered by.
        clusterers = tuple(dict.fromkeys([*evaluation.clusterers, BASELINE_CLUSTERER]))
        also_kmeans = evaluation.model_copy(update={"clusterers": clusterers})
        beside = fit_representation(baseline, also_kmeans, build_design(baseline.blocks, inputs, rows), genres)
    delta = {name: difference(fitted.scores[name], beside.scores[name]) for name in fitted.scores}
    rng = generator(evaluation.clustering_seed, "chance")
    chance = {} if genres is None else chance_levels(genres, n_clusters=evaluation.n_clusters, rng=rng)
    findings, remarks = find_design_leaks(design, genres, evaluation), _remarks(evaluation, design, genres)
    return TaskResult(rows, genres, design, fitted, beside, delta, chance, findings, remarks)


def _remarks(evaluation: EvaluationConfig, design: Design, genres: np.ndarray | None) -> tuple[str, ...]:
    """Say what a reader of the scores should know about the corpus."""
    remarks = []
    n_genres = evaluation.n_clusters if genres is None else len(np.unique(genres))
    if n_genres != evaluation.n_clusters:
        remarks.append(f"{evaluation.n_clusters} clusters for {n_genres} genres (evaluation.n_clusters)")
    if design.more is not None:
        n, many = len(design.more), len(design.more) != 1
        remarks.append(
            f"{n} more {'tracks have' if many else 'track has'} the task's features, not the baseline's: trained on "
            f"all, clustered and compared on the {len(design.matrix.values)} that both can use"
        )
    if design.lyrics_coverage is not None and design.lyrics_coverage < 1:
        share = f"{design.lyrics_coverage:.0%} of the tracks have words"
        remarks.append(f"only {share}: the clusters may say who has words rather than which")
    return tuple(remarks)
