"""Did a label reach the vectors? By construction, by permuting labels, and by what the values give away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from mlproject.config import EvaluationConfig, TaskConfig
from mlproject.evaluation.label_leakage import Finding, find_leaks
from mlproject.experiment.design_matrix import Design, TaskInputs, build_design
from mlproject.features.blocks import Block
from mlproject.seeding import generator, integer_seed

__all__ = ["Audit", "LabelUse", "find_design_leaks", "label_sources", "label_use_of", "labels_change_vectors"]

TUNING = "choice of hyper-parameters"

LabelUse = Literal["label-free", "label-informed", "label-suspect"]


@dataclass(frozen=True)
class Audit:
    """What is known of a representation's labels.

    Attributes
    ----------
    label_derived : tuple of str
        What is a function of the labels, by construction; see `label_sources`.
    labels_change_vectors : bool or None
        Whether the vectors change when the labels are permuted; None where there are no labels.
    findings : tuple of Finding
        What the values of the other blocks give away.
    """

    label_derived: tuple[str, ...]
    labels_change_vectors: bool | None
    findings: tuple[Finding, ...]

    @property
    def label_use(self) -> LabelUse:
        """The verdict: vectors that change with the labels are label-informed, whatever the blocks declare."""
        if self.labels_change_vectors:
            return "label-informed"
        return label_use_of(self.label_derived, self.findings)


def label_sources(task: TaskConfig, design: Design) -> tuple[str, ...]:
    """Name all ways in which the genres have reached a task: blocks that are derived from them, and its choice."""
    return (*design.matrix.label_derived, *((TUNING,) if task.tuned_on_labels else ()))


def label_use_of(label_derived: tuple[str, ...], findings: tuple[Finding, ...]) -> LabelUse:
    """Tell label-informed, label-suspect and label-free vectors apart."""
    if label_derived:
        return "label-informed"
    return "label-suspect" if any(finding.red for finding in findings) else "label-free"


def find_design_leaks(design: Design, genres: np.ndarray | None, evaluation: EvaluationConfig) -> tuple[Finding, ...]:
    """Look at every block that is declared label-free; see `mlproject.evaluation.label_leakage.find_leaks`."""
    if genres is None or len(np.unique(genres)) < 2:
        return ()
    found: list[Finding] = []
    seed = integer_seed(evaluation.clustering_seed, "audit")
    for name, (start, end) in design.matrix.columns.items():
        if name not in design.matrix.label_derived:
            block = Block(name, design.matrix.values[:, start:end])
            found += find_leaks(block, genres, n_clusters=evaluation.n_clusters, seed=seed, audio=name == "audio")
    return tuple(found)


def labels_change_vectors(
    task: TaskConfig,
    evaluation: EvaluationConfig,
    inputs: TaskInputs,
    rows: np.ndarray,
    vectors: np.ndarray,
    vectors_of: Callable[[Design], np.ndarray],
) -> bool | None:
    """Permute the labels where the task reads them, rebuild every block and fit again.

    Parameters
    ----------
    task : TaskConfig
    evaluation : EvaluationConfig
        Its seed draws the permutation.
    inputs : TaskInputs
    rows : ndarray of shape (n_tracks,)
    vectors : ndarray of shape (n_tracks, n_columns)
        Those of the true labels.
    vectors_of : callable
        Fits the task's model to a design, with the seed of `vectors`, and returns its vectors.

    Returns
    -------
    bool or None
        Whether a single bit of the vectors differs; None without labels.
    """
    if inputs.genres is None:
        return None
    shuffled = generator(evaluation.clustering_seed, "audit", "permutation").permutation(inputs.genres)
    other = build_design(task.blocks, replace(inputs, genres=shuffled), rows)
    return not np.array_equal(vectors, vectors_of(other))
