"""What a study proposes: a batch of trials from the results of those before, whoever computes it.

`propose` is a function of the spec and of the finished batches alone. So any process can make the next batch,
a study that was interrupted continues as if it had not been, and a finished one can be replayed.
"""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import optuna
from optuna.samplers import BaseSampler, GridSampler, RandomSampler, TPESampler
from optuna.trial import FrozenTrial, TrialState

from mlproject.config.study import StudyConfig
from mlproject.config.tasks import TaskConfig
from mlproject.seeding import integer_seed
from mlproject.threads import limit_threads
from mlproject.tuning.objectives import directions
from mlproject.tuning.space import grid_of, grid_size, initial_point, suggest

__all__ = ["SAMPLER_ARGUMENTS", "THREADS", "batch_of", "propose", "quiet", "total_trials"]

THREADS = 1  # of a worker, of which there may be as many as cores; sums over threads depend on their number
# What each sampler is made with, beside its seed; recorded with a study.
SAMPLER_ARGUMENTS: dict[str, dict[str, Any]] = {
    "tpe": {"n_startup_trials": 10, "n_ei_candidates": 24, "constant_liar": True},
    "random": {},
    "grid": {},
}


def total_trials(config: StudyConfig) -> int:
    """Return how many trials the study has in all; a grid has no more than its points."""
    return min(config.trials, grid_size(config.space)) if config.sampler == "grid" else config.trials


def batch_of(number: int, config: StudyConfig) -> int:
    """Return the batch that a trial belongs to."""
    return number // config.batch_size


def propose(config: StudyConfig, task: TaskConfig, finished: Sequence[FrozenTrial]) -> list[FrozenTrial]:
    """Propose the next batch: waiting trials, with parameters and what the sampler keeps for itself.

    The last batch may be cut short by the number of trials; a study with more trials has the same ones first. `task`,
    as its file has it, is the first trial where it lies in the space and the sampler is no grid. `finished` are all
    trials of the batches before, in their order.
    """
    batch = batch_of(len(finished), config)
    first, end = batch * config.batch_size, (batch + 1) * config.batch_size
    past = finished[:first]  # a batch that was cut short is proposed again as a whole
    with quiet(), limit_threads(THREADS):
        study = optuna.create_study(directions=directions(config), sampler=_sampler(config, batch))
        study.add_trials([_bare(trial, trial.state, trial.values) for trial in past])
        # Only the first batch may start from the task as it is; a grid has its own points.
        start = initial_point(task, config.space)
        if batch == 0 and start is not None and config.sampler != "grid":
            study.enqueue_trial(start)
        for _ in range(first, end):
            suggest(study.ask(), config.space)
        # The sampler has seen the whole batch as running trials; those that are stored already are cut off below.
        asked = study.get_trials(deepcopy=False)[first:]
    return [_bare(trial, TrialState.WAITING) for trial in asked[len(finished) - first : total_trials(config) - first]]


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Optuna's log and its remarks on experimental arguments away from the user."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
            yield
    finally:
        optuna.logging.set_verbosity(before)


def _sampler(config: StudyConfig, batch: int) -> BaseSampler:
    arguments = SAMPLER_ARGUMENTS[config.sampler]
    if config.sampler == "grid":  # its order of points must be the same in all batches
        return GridSampler(grid_of(config.space), seed=integer_seed(config.seed, "sampler"))
    seed = integer_seed(config.seed, "sampler", batch)  # of its own per batch: no state is carried between processes
    if config.sampler == "tpe":
        conditional = any(span.when for span in config.space.values())
        return TPESampler(seed=seed, multivariate=True, group=conditional, **arguments)
    return RandomSampler(seed=seed)


def _bare(trial: FrozenTrial, state: TrialState, values: Sequence[float] | None = None) -> FrozenTrial:
    """Return what a sampler may know of a trial."""
    return optuna.trial.create_trial(
        state=state,
        values=values,
        params=trial.params,
        distributions=trial.distributions,
        system_attrs=trial.system_attrs,
    )
