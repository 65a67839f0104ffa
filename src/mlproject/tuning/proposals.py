"""What a study proposes: a generation of trials from the results of those before, whoever computes it.

`propose` is a function of the plan and of the finished generations alone. So any process can make the next generation,
a study that was interrupted goes on as if it had not been, and a finished one can be replayed.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import optuna
from optuna.samplers import BaseSampler, CmaEsSampler, GPSampler, GridSampler, RandomSampler, TPESampler
from optuna.trial import FrozenTrial, TrialState

from mlproject.config import StudyConfig, TaskConfig
from mlproject.experiment.fit import limit_threads
from mlproject.seeding import integer_seed
from mlproject.tuning.objectives import directions
from mlproject.tuning.space import grid_of, grid_size, initial_point, suggest

__all__ = ["SAMPLER_ARGUMENTS", "THREADS", "generation_of", "propose", "pruning_step", "quiet", "total_trials"]

THREADS = 1  # of a worker, of which there may be as many as cores; sums over threads depend on their number
# What each sampler is made with, beside its seed; recorded with a study.
SAMPLER_ARGUMENTS: dict[str, dict[str, Any]] = {
    "tpe": {"n_startup_trials": 10, "n_ei_candidates": 24, "constant_liar": True},
    "random": {},
    "gp": {"n_startup_trials": 10, "deterministic_objective": False},
    "cmaes": {"n_startup_trials": 1, "warn_independent_sampling": False},
    "grid": {},
}


def total_trials(config: StudyConfig) -> int:
    """Return how many trials the study has in all; a grid has no more than its points."""
    return min(config.trials, grid_size(config.space)) if config.sampler == "grid" else config.trials


def generation_of(number: int, config: StudyConfig) -> int:
    """Return the generation that a trial belongs to."""
    return number // config.generation_size


def propose(config: StudyConfig, task: TaskConfig, finished: Sequence[FrozenTrial]) -> list[FrozenTrial]:
    """Propose the next generation.

    Parameters
    ----------
    config : StudyConfig
    task : TaskConfig
        The task as its file has it: the first trial, where it lies in the space and the sampler is no grid.
    finished : sequence of FrozenTrial
        All trials of the generations before, in their order.

    Returns
    -------
    list of FrozenTrial
        Waiting, with parameters and what the sampler keeps for itself. The last generation may be cut short by the
        number of trials; a study with more trials has the same ones first.
    """
    generation = generation_of(len(finished), config)
    first, end = generation * config.generation_size, (generation + 1) * config.generation_size
    past = finished[:first]  # a generation that was cut short is proposed again as a whole
    with quiet(), limit_threads(THREADS):
        study = optuna.create_study(directions=directions(config), sampler=_sampler(config, generation))
        study.add_trials([_bare(trial, trial.state, trial.values) for trial in past])
        start = initial_point(task, config.space)
        if generation == 0 and start is not None and config.sampler != "grid":
            study.enqueue_trial(start)
        for _ in range(first, end):
            suggest(study.ask(), config.space)
        asked = study.get_trials(deepcopy=False)[first:]
    return [_bare(trial, TrialState.WAITING) for trial in asked[len(finished) - first : total_trials(config) - first]]


def pruning_step(config: StudyConfig, past: Sequence[FrozenTrial], losses: dict[int, float]) -> bool:
    """Whether a training should end after the last of its losses.

    Parameters
    ----------
    config : StudyConfig
    past : sequence of FrozenTrial
        Trials of the generations before, whose losses are known whoever runs first.
    losses : dict of int to float
        Loss of the training so far, by tenths of its epochs.
    """
    with quiet():
        study = optuna.create_study(direction="minimize")
        known = [trial for trial in past if trial.state == TrialState.COMPLETE and trial.intermediate_values]
        study.add_trials([_by_loss(trial) for trial in known])
        present = optuna.trial.create_trial(state=TrialState.RUNNING, intermediate_values=losses)
        present.number = len(past)
        return bool(_pruner(config).prune(study, present))


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


def _sampler(config: StudyConfig, generation: int) -> BaseSampler:
    arguments = SAMPLER_ARGUMENTS[config.sampler]
    if config.sampler == "grid":  # its order of points must be the same in all generations
        return GridSampler(grid_of(config.space), seed=integer_seed(config.seed, "sampler"))
    seed = integer_seed(config.seed, "sampler", generation)
    if config.sampler == "tpe":
        conditional = any(one.when for one in config.space.values())
        return TPESampler(seed=seed, multivariate=True, group=conditional, **arguments)
    if config.sampler in ("gp", "cmaes"):
        arguments = arguments | {"independent_sampler": RandomSampler(seed=integer_seed(seed, "independent"))}
    kinds: dict[str, Any] = {"random": RandomSampler, "gp": GPSampler, "cmaes": CmaEsSampler}
    sampler: BaseSampler = kinds[config.sampler](seed=seed, **arguments)
    return sampler


def _pruner(config: StudyConfig) -> optuna.pruners.BasePruner:
    share = 50.0 if config.pruner == "median" else 25.0
    return optuna.pruners.PercentilePruner(share, n_startup_trials=5)


def _by_loss(trial: FrozenTrial) -> FrozenTrial:
    """Return the trial as if its loss were the objective."""
    losses = trial.intermediate_values
    return optuna.trial.create_trial(value=losses[max(losses)], intermediate_values=losses)


def _bare(trial: FrozenTrial, state: TrialState, values: Sequence[float] | None = None) -> FrozenTrial:
    """Return what a sampler may know; losses are not objectives, and would rank pruned trials the wrong way round."""
    return optuna.trial.create_trial(
        state=state,
        values=values,
        params=trial.params,
        distributions=trial.distributions,
        system_attrs=trial.system_attrs,
    )
