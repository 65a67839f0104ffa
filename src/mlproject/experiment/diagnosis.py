"""What only some models have: the hygiene of variational encoders, and what a condition does to one."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from sklearn.model_selection import KFold, StratifiedKFold

from mlproject.config import CvaeConfig, EvaluationConfig, TaskConfig
from mlproject.config.models import VARIATIONAL
from mlproject.errors import NotApplicableError
from mlproject.experiment.conditioning import ConditioningReport, conditioning_report
from mlproject.experiment.design_matrix import Design
from mlproject.experiment.fit import build_model
from mlproject.models.vae_diagnostics import Hygiene, measure_hygiene
from mlproject.seeding import integer_seed

__all__ = ["Diagnosis", "diagnose"]


@dataclass(frozen=True)
class Diagnosis:
    """Findings on one kind of model; None where they do not apply."""

    hygiene: Hygiene | None = None
    conditioning: ConditioningReport | None = None


def diagnose(
    task: TaskConfig, evaluation: EvaluationConfig, design: Design, genres: np.ndarray, groups: np.ndarray | None
) -> Diagnosis:
    """Fit a variational encoder to four fifths of the tracks and measure it on the rest, stratified by genre.

    Where a genre has fewer than five tracks, the rest is a larger part; where one has a single track, it is drawn as it
    comes. A report on conditioning that too few tracks or artists of a genre do not allow is left out.

    Parameters
    ----------
    task : TaskConfig
    evaluation : EvaluationConfig
    design : Design
    genres : ndarray of shape (n_tracks,)
    groups : ndarray of shape (n_tracks,) or None
        Artist of each track.
    """
    if not isinstance(task.model, VARIATIONAL):
        return Diagnosis()
    seed = integer_seed(evaluation.seed, "diagnosis")
    _, counts = np.unique(genres, return_counts=True)
    kind, n_splits = (StratifiedKFold, int(min(5, counts.min()))) if counts.min() > 1 else (KFold, 5)
    kept, held_out = next(kind(n_splits, shuffle=True, random_state=seed).split(genres, genres))
    values = design.matrix.values
    encoder = build_model(task, evaluation, design).fit(values[kept]).encoder_
    hygiene = measure_hygiene(encoder, values[kept], values[held_out])
    if not isinstance(task.model, CvaeConfig) or "genre" not in design.matrix.columns:
        return Diagnosis(hygiene)
    with suppress(NotApplicableError):
        return Diagnosis(hygiene, conditioning_report(task.model, design.matrix, genres, groups, seed=seed))
    return Diagnosis(hygiene)
