"""Proposals are a function of the spec and of finished batches alone."""

from __future__ import annotations

from collections.abc import Sequence

import optuna
import pytest
from optuna.trial import FrozenTrial

from mlproject.config.study import StudyConfig
from mlproject.tuning.proposals import propose, total_trials
from tests.tuning.small_study import SPACE, TASK


def _config(**changes) -> StudyConfig:
    return StudyConfig(**({"space": SPACE, "trials": 20, "batch_size": 5} | changes))


def _finish(trials: Sequence[FrozenTrial]) -> list[FrozenTrial]:
    """Give each trial a value that depends on its parameters."""
    done = []
    for trial in trials:
        value = trial.params["model.learning_rate"] * trial.params["model.latent_dim"]
        done.append(
            optuna.trial.create_trial(
                value=value,
                params=trial.params,
                distributions=trial.distributions,
                system_attrs=trial.system_attrs,
            )
        )
    return done


def _run(config: StudyConfig) -> list[FrozenTrial]:
    trials: list[FrozenTrial] = []
    while len(trials) < total_trials(config):
        trials += _finish(propose(config, TASK, trials))
    return trials


def _params(trials: Sequence[FrozenTrial]) -> list[dict]:
    return [trial.params for trial in trials]


@pytest.mark.parametrize("sampler", ["tpe", "random", "grid"])
class TestEachSampler:
    def test_proposes_the_same_again(self, sampler):
        config = _config(sampler=sampler)
        assert _params(_run(config)) == _params(_run(config))

    def test_another_seed_proposes_something_else(self, sampler):
        one, other = (_run(_config(sampler=sampler, seed=seed)) for seed in (0, 1))
        assert _params(one) != _params(other)

    def test_more_trials_keep_the_first_ones(self, sampler):
        short, long = (_run(_config(sampler=sampler, trials=trials)) for trials in (8, 12))
        assert _params(long)[:8] == _params(short)

    def test_what_is_left_of_a_generation_is_completed(self, sampler):
        config = _config(sampler=sampler)
        whole = propose(config, TASK, [])
        rest = propose(config, TASK, whole[:2])
        assert _params(whole[2:]) == _params(rest)

    def test_results_of_the_present_generation_change_nothing(self, sampler):
        config = _config(sampler=sampler)
        first = _finish(propose(config, TASK, []))
        second = propose(config, TASK, first)
        some_done = first + _finish(second[:3])
        assert _params(propose(config, TASK, some_done)) == _params(second[3:])


def test_the_first_trial_is_the_task_as_it_is():
    assert propose(_config(), TASK, [])[0].params["model.latent_dim"] == TASK.model.latent_dim


def test_a_grid_visits_each_point_once():
    trials = _run(_config(sampler="grid", trials=100))
    assert len(trials) == total_trials(_config(sampler="grid", trials=100)) == 12
    assert len({str(sorted(trial.params.items())) for trial in trials}) == 12


def test_the_model_learns_from_generations_before():
    found = [trial.params["model.learning_rate"] for trial in _run(_config(trials=40))]  # larger is better
    early, late = found[1:11], found[30:]
    assert sum(late) > sum(early)


def test_conditional_spaces_are_proposed_the_same_again():
    rest = {name: one for name, one in SPACE.items() if name != "model.learning_rate"}
    space = rest | {"model.learning_rate": {"float": [0.001, 0.01], "when": {"model.hidden": [[16]]}}}
    config = _config(space=space, trials=10)
    trials = propose(config, TASK, [])
    assert {"model.learning_rate" in trial.params for trial in trials} == {True, False}
    assert _params(trials) == _params(propose(config, TASK, []))
