"""What a study has gained: the chosen task beside the default and PCA + K-Means, over seeds and subsamples."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from joblib import Parallel, delayed

from mlproject.config.evaluation import EvaluationConfig
from mlproject.config.tasks import TaskConfig
from mlproject.evaluation.significance import Verdict, judge
from mlproject.experiment.design_matrix import Design
from mlproject.experiment.evaluate_task import artist_groups, mean_scores
from mlproject.experiment.fit import fit_model
from mlproject.experiment.requirements import check_evaluation
from mlproject.experiment.resampling import Method, Replication, replicate, with_seed
from mlproject.experiment.run_task import BASELINE_CLUSTERER
from mlproject.tuning.proposals import THREADS
from mlproject.tuning.study_spec import StudySpec
from mlproject.tuning.trial import Objective

__all__ = ["CHOSEN", "DEFAULT", "PCA", "FinalComparison", "judge_study"]

DEFAULT, CHOSEN, PCA = "default", "chosen", "PCA + K-Means"


class FinalComparison(NamedTuple):
    """Means over seeds, and paired differences that are corrected together."""

    scores: dict[str, dict[str, float | None]]  # of `DEFAULT`, `CHOSEN` and `PCA`, by metric
    # By method, what it is compared with, and metric: estimate and verdict.
    differences: dict[tuple[str, str, str], tuple[float, Verdict]]
    by_artist: bool  # whether subsamples were drawn by artist


def judge_study(spec: StudySpec, chosen: TaskConfig, objective: Objective, *, n_jobs: int) -> FinalComparison:
    """Train default and chosen once per seed, and compare them with one another and with PCA + K-Means.

    Raises as `mlproject.experiment.evaluate_task.evaluate_task`; `n_jobs` are processes.
    """
    evaluation, inputs = spec.evaluation, objective.inputs
    check_evaluation(spec.task, spec.baseline, evaluation, inputs)
    genres, groups = objective.genres, artist_groups(inputs, objective.rows, evaluation)
    assert genres is not None
    methods = _trained({DEFAULT: spec.task, CHOSEN: chosen}, objective, evaluation, n_jobs)
    methods[PCA] = Method([objective.baseline_latent] * evaluation.seeds, BASELINE_CLUSTERER)
    pairs = [(DEFAULT, PCA), (CHOSEN, PCA), (CHOSEN, DEFAULT)]
    replications: list[Replication] = Parallel(n_jobs)(
        delayed(replicate)(methods[first], methods[second], genres, groups, evaluation) for first, second in pairs
    )
    differences = {
        (*pair, metric): difference
        for pair, replication in zip(pairs, replications, strict=True)
        for metric, difference in replication.differences().items()
    }
    # All differences of the table are corrected together: three pairs, three metrics.
    verdicts = judge(differences, level=evaluation.level)
    scores = {name: _mean(method, genres, evaluation) for name, method in methods.items()}
    joined = {key: (difference.estimate, verdicts[key]) for key, difference in differences.items()}
    return FinalComparison(scores, joined, groups is not None)


def _trained(
    tasks: Mapping[str, TaskConfig], objective: Objective, evaluation: EvaluationConfig, n_jobs: int
) -> dict[str, Method]:
    # One job per training; their order does not matter, since each has its own seed.
    keys = [(name, seed) for name in tasks for seed in range(evaluation.seeds)]
    fits: list[np.ndarray] = Parallel(n_jobs)(
        delayed(_latent)(tasks[name], with_seed(evaluation, seed), objective.trained) for name, seed in keys
    )
    latents = dict(zip(keys, fits, strict=True))
    seeds = range(evaluation.seeds)
    return {name: Method([latents[name, seed] for seed in seeds], evaluation.primary) for name in tasks}


def _latent(task: TaskConfig, evaluation: EvaluationConfig, design: Design) -> np.ndarray:
    return fit_model(task, evaluation, design, threads=THREADS)[1]


def _mean(method: Method, genres: np.ndarray, evaluation: EvaluationConfig) -> dict[str, float | None]:
    partitions = [method.partition(seed, evaluation) for seed in range(evaluation.seeds)]
    return mean_scores(method.latents, partitions, genres, evaluation.n_clusters)
