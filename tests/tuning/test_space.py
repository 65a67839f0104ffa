"""The space against the task it varies: checks, points, grids, conditions."""

from __future__ import annotations

import optuna
import pytest

from mlproject.config.study import StudyConfig
from mlproject.config.tasks import TaskConfig
from mlproject.errors import ConfigError
from mlproject.tuning.proposals import quiet
from mlproject.tuning.space import changed_task, check_space, grid_of, grid_size, initial_point, suggest
from tests.tuning.small_study import EVALUATION, SPACE, TASK


def _study(space: dict) -> StudyConfig:
    return StudyConfig(space=space)


@pytest.mark.parametrize(
    ("space", "words"),
    [
        ({"model.latent_dmi": {"int": [8, 16]}}, "did you mean 'model.latent_dim'"),
        ({"latent_dim": {"int": [8, 16]}}, "did you mean 'model.latent_dim'"),
        ({"evaluation.n_clusters": {"int": [8, 16]}}, "unknown parameter"),
        ({"model.name": {"choice": ["pca", "vae"]}}, "unknown parameter"),
        ({"model.latent_dim": {"int": [0, 16]}}, "expected an integer >= 1"),
        ({"model.latent_dim": {"float": [1.5, 16.5]}}, "model.latent_dim='1.5' is not allowed"),
        ({"model.learning_rate": {"float": [0.1, 3]}}, "model.learning_rate"),
        ({"model.hidden": {"choice": [[16], "wide"]}}, "model.hidden='wide' is not allowed"),
    ],
)
def test_what_the_task_cannot_have_is_refused_before_the_first_trial(space, words):
    with pytest.raises(ConfigError, match="study space") as caught:
        check_space(_study(space), TASK, EVALUATION)
    assert words in str(caught.value)


def test_every_point_gives_a_task_with_just_its_values():
    config = _study(SPACE)
    with quiet():
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=3))
        for _ in range(30):
            trial = study.ask()
            point = suggest(trial, config.space)
            task = changed_task(TASK, EVALUATION, config.space, trial.params)
            found = task.model.model_dump(mode="json")
            assert {name.removeprefix("model."): found[name.removeprefix("model.")] for name in point} == {
                name.removeprefix("model."): value for name, value in point.items()
            }
            assert task.blocks == TASK.blocks


def test_the_first_point_is_the_task_itself_where_it_lies_in_the_space():
    point = initial_point(TASK, _study(SPACE).space)
    assert changed_task(TASK, EVALUATION, _study(SPACE).space, point or {}) == TASK
    outside = SPACE | {"model.latent_dim": {"int": [9, 16]}}
    assert initial_point(TASK, _study(outside).space) is None


def test_a_grid_has_all_combinations():
    space = _study(SPACE).space
    assert grid_size(space) == 3 * 2 * 2
    assert grid_of(space)["model.hidden"] == ["list:[16]", "list:[16, 8]"]


def test_a_conditional_parameter_is_there_only_under_its_condition():
    space = _study(
        {
            "model.latent_dim": {"int": [2, 16]},
            "model.hidden": {"choice": [[16], [16, 8]]},
            "model.learning_rate": {"float": [0.001, 0.01], "when": {"model.hidden": [[16, 8]]}},
        }
    ).space
    with quiet():
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        points = [suggest(study.ask(), space) for _ in range(20)]
    assert {"model.learning_rate" in point for point in points} == {True, False}
    assert all(("model.learning_rate" in point) == (point["model.hidden"] == [16, 8]) for point in points)
    assert initial_point(TASK, space) == {"model.latent_dim": 8, "model.hidden": "list:[16]"}


def test_a_task_without_the_parameter_is_told_what_it_has():
    pca = TaskConfig.model_validate({"model": {"name": "pca"}})
    with pytest.raises(ConfigError, match=r"unknown parameter 'model.learning_rate'.*model.latent_dim"):
        check_space(_study({"model.learning_rate": {"float": [0.001, 0.01]}}), pca, EVALUATION)
