"""What a study has won: the chosen task beside the default and PCA + K-Means, over seeds and subsamples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from joblib import Parallel, delayed

from mlproject.config import EvaluationConfig, TaskConfig
from mlproject.evaluation.significance import Verdict, judge
from mlproject.experiment.evaluate_task import artist_groups, check_evaluation, mean_scores
from mlproject.experiment.fit import fit_model
from mlproject.experiment.resampling import Replication, Side, replicate, with_seed
from mlproject.experiment.run_task import REFERENCE
from mlproject.tuning.proposals import THREADS
from mlproject.tuning.study_spec import Plan
from mlproject.tuning.trial import Laboratory

__all__ = ["CHOSEN", "DEFAULT", "PCA", "StudyVerdict", "judge_study"]

DEFAULT, CHOSEN, PCA = "default", "chosen", "PCA + K-Means"


class StudyVerdict(NamedTuple):
    """Means over seeds, and paired differences that are corrected together.

    Attributes
    ----------
    scores : dict of str to dict
        Of `DEFAULT`, `CHOSEN` and `PCA`, by metric.
    differences : dict of (str, str, str) to (float, Verdict)
        By side, what it is compared with, and metric: estimate and verdict.
    by_artist : bool
        Whether subsamples were drawn by artist.
    """

    scores: dict[str, dict[str, float | None]]
    differences: dict[tuple[str, str, str], tuple[float, Verdict]]
    by_artist: bool


def judge_study(plan: Plan, chosen: TaskConfig, laboratory: Laboratory, *, n_jobs: int) -> StudyVerdict:
    """Train default and chosen once a seed, and compare them with one another and with PCA + K-Means.

    Parameters
    ----------
    plan : Plan
    chosen : TaskConfig
    laboratory : Laboratory
    n_jobs : int
        Processes.

    Raises
    ------
    ConfigError, NotApplicableError, TooFewTracksError
        As `mlproject.experiment.evaluate_task.evaluate_task`.
    """
    evaluation, inputs = plan.evaluation, laboratory.inputs
    check_evaluation(plan.task, plan.baseline, evaluation, inputs)
    genres, groups = laboratory.genres, artist_groups(inputs, laboratory.rows, evaluation)
    assert genres is not None
    sides = _sides({DEFAULT: plan.task, CHOSEN: chosen}, laboratory, evaluation, n_jobs)
    sides[PCA] = Side([laboratory.reference_vectors] * evaluation.seeds, REFERENCE)
    pairs = [(DEFAULT, PCA), (CHOSEN, PCA), (CHOSEN, DEFAULT)]
    found: list[Replication] = Parallel(n_jobs)(
        delayed(replicate)(sides[one], sides[other], genres, groups, evaluation) for one, other in pairs
    )
    differences = {
        (*pair, metric): difference
        for pair, replication in zip(pairs, found, strict=True)
        for metric, difference in replication.differences().items()
    }
    verdicts = judge(differences, level=evaluation.level)
    scores = {name: _mean(side, genres, evaluation) for name, side in sides.items()}
    joined = {key: (difference.estimate, verdicts[key]) for key, difference in differences.items()}
    return StudyVerdict(scores, joined, groups is not None)


def _sides(
    tasks: Mapping[str, TaskConfig], laboratory: Laboratory, evaluation: EvaluationConfig, n_jobs: int
) -> dict[str, Side]:
    keys = [(name, seed) for name in tasks for seed in range(evaluation.seeds)]
    fits: list[np.ndarray] = Parallel(n_jobs)(
        delayed(_vectors)(tasks[name], with_seed(evaluation, seed), laboratory.trained) for name, seed in keys
    )
    found = dict(zip(keys, fits, strict=True))
    seeds = range(evaluation.seeds)
    return {name: Side([found[name, seed] for seed in seeds], evaluation.primary) for name in tasks}


def _vectors(task: TaskConfig, evaluation: EvaluationConfig, design: Any) -> np.ndarray:
    return fit_model(task, evaluation, design, threads=THREADS)[1]


def _mean(side: Side, genres: np.ndarray, evaluation: EvaluationConfig) -> dict[str, float | None]:
    partitions = [side.partition(seed, evaluation) for seed in range(evaluation.seeds)]
    return mean_scores(side.vectors, partitions, genres, evaluation.n_clusters)
