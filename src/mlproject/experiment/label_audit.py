"""Did a label reach the latent? By construction, by permuting labels, and by what the values give away."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from mlproject.config.evaluation import EvaluationConfig
from mlproject.config.tasks import TaskConfig
from mlproject.evaluation.label_leakage import Finding, find_leaks
from mlproject.experiment.design_matrix import Design, TaskInputs, build_design
from mlproject.features.blocks import Block
from mlproject.seeding import generator, integer_seed

__all__ = ["Audit", "LabelUse", "find_design_leaks", "label_sources", "label_use_of", "labels_change_latent"]

TUNING = "choice of hyper-parameters"

LabelUse = Literal["label-free", "label-informed", "label-suspect"]


@dataclass(frozen=True)
class Audit:
    """What is known of a representation's labels."""

    label_derived: tuple[str, ...]  # what is a function of the labels, by construction; see `label_sources`
    # Whether the latent changes when the labels are permuted; None where there are no labels.
    labels_change_latent: bool | None
    findings: tuple[Finding, ...]  # what the values of the other blocks give away

    @property
    def label_use(self) -> LabelUse:
        """The verdict: a latent that changes with the labels is label-informed, whatever the blocks declare."""
        if self.labels_change_latent:
            return "label-informed"
        return label_use_of(self.label_derived, self.findings)


def label_sources(task: TaskConfig, design: Design) -> tuple[str, ...]:
    """Name all ways in which the genres have reached a task: blocks that are derived from them, and its choice."""
    return (*design.matrix.label_derived, *((TUNING,) if task.tuned_on_labels else ()))


def label_use_of(label_derived: tuple[str, ...], findings: tuple[Finding, ...]) -> LabelUse:
    """Return whether a latent is label-informed, label-suspect or label-free."""
    if label_derived:
        return "label-informed"
    return "label-suspect" if any(finding.red for finding in findings) else "label-free"


def find_design_leaks(design: Design, genres: np.ndarray | None, evaluation: EvaluationConfig) -> tuple[Finding, ...]:
    """Look at every block that is declared label-free; see `mlproject.evaluation.label_leakage.find_leaks`."""
    if genres is None or len(np.unique(genres)) < 2:
        return ()
    findings: list[Finding] = []
    seed = integer_seed(evaluation.clustering_seed, "audit")
    for name in design.matrix.columns:
        if name not in design.matrix.label_derived:  # the others are label-informed by declaration
            block = Block(name, design.matrix.block(name))
            findings += find_leaks(block, genres, n_clusters=evaluation.n_clusters, seed=seed, audio=name == "audio")
    return tuple(findings)


def labels_change_latent(
    task: TaskConfig,
    evaluation: EvaluationConfig,
    inputs: TaskInputs,
    rows: np.ndarray,
    latent: np.ndarray,
    latent_of: Callable[[Design], np.ndarray],
) -> bool | None:
    """Permute the labels where the task reads them, rebuild every block, fit again: does a bit of the latent differ?

    `latent`, of shape (n_tracks, n_columns), is that of the true labels; `latent_of` fits the task's model to a design
    with the same seed. The evaluation's seed draws the permutation. None without labels.
    """
    if inputs.genres is None:
        return None
    # Every block is built anew from permuted labels, so that a text that is joined by genre moves with them.
    shuffled = generator(evaluation.clustering_seed, "audit", "permutation").permutation(inputs.genres)
    permuted = build_design(task.blocks, replace(inputs, genres=shuffled), rows)
    return not np.array_equal(latent, latent_of(permuted))
