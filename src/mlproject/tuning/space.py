"""The search space of `conf/study.yaml`, checked against the task it varies."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from optuna.trial import Trial

from mlproject.config import EvaluationConfig, ParameterRange, StudyConfig, TaskConfig
from mlproject.config.overrides import apply, parameters
from mlproject.errors import ConfigError, did_you_mean

__all__ = ["changed_task", "check_space", "grid_of", "grid_size", "initial_point", "range_text", "suggest", "values_of"]

LIST = "list:"  # marks a choice that is a list
Point = dict[str, Any]


def check_space(config: StudyConfig, task: TaskConfig, evaluation: EvaluationConfig) -> None:
    """Check that each value of each parameter is one that the task can have.

    Raises
    ------
    ConfigError
        If a path is unknown to the task or a limit is out of its range; the message names the nearest right spelling.
    """
    known = [one.path for one in parameters(task, evaluation) if one.path.startswith("model.")]
    for path, one in config.space.items():
        if path not in known or path == "model.name":
            raise ConfigError(f"study space: unknown parameter {path!r} of this task; {did_you_mean(path, known)}")
        for value in (*one.choices, *one.grid, *(limit for limit in (one.low, one.high) if limit is not None)):
            try:
                apply(task, evaluation, {path: _text(value)})
            except ConfigError as error:
                raise ConfigError(f"study space: {error}") from error


def suggest(trial: Trial, space: Mapping[str, ParameterRange]) -> Point:
    """Ask a trial for a value of each parameter that is there, in the order of the space."""
    point: Point = {}
    for path, one in space.items():
        if not _is_there(one, point):
            continue
        if one.kind == "choice":
            point[path] = _from_choice(trial.suggest_categorical(path, [_choice(value) for value in one.choices]))
        elif one.kind == "int":
            low, high = int(one.low), int(one.high)  # type: ignore[arg-type]
            point[path] = trial.suggest_int(path, low, high, log=one.log, step=int(one.step or 1))
        else:
            low, high = float(one.low), float(one.high)  # type: ignore[arg-type, assignment]
            point[path] = trial.suggest_float(path, low, high, log=one.log, step=one.step)
    return point


def initial_point(task: TaskConfig, space: Mapping[str, ParameterRange]) -> dict[str, Any] | None:
    """Return the values that the task's own file has, as a trial's parameters; None where one is outside the space."""
    own = {f"model.{name}": value for name, value in task.model.model_dump(mode="json").items()}
    point: Point = {}
    for path, one in space.items():
        if not _is_there(one, point):
            continue
        if not one.contains(own[path]):
            return None
        point[path] = own[path]
    return {path: _choice(value) if space[path].kind == "choice" else value for path, value in point.items()}


def grid_of(space: Mapping[str, ParameterRange]) -> dict[str, list[Any]]:
    """Return the values of each parameter that a grid goes through."""
    return {path: [_choice(v) if one.kind == "choice" else v for v in one.values()] for path, one in space.items()}


def grid_size(space: Mapping[str, ParameterRange]) -> int:
    """Return the number of points of the grid."""
    return math.prod(len(one.values()) for one in space.values())


def changed_task(
    task: TaskConfig, evaluation: EvaluationConfig, space: Mapping[str, ParameterRange], params: Mapping[str, Any]
) -> TaskConfig:
    """Return the task with the values of a trial's parameters.

    Raises
    ------
    ConfigError
        If the values do not fit together, such as a size that is larger than another.
    """
    values = {path: _from_choice(v) if space[path].kind == "choice" else v for path, v in params.items()}
    return apply(task, evaluation, {path: _text(value) for path, value in values.items()})[0]


def values_of(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a trial's parameters stand for; Optuna keeps a list as a text."""
    return {path: _from_choice(value) for path, value in params.items()}


def range_text(one: ParameterRange) -> str:
    """Say in a few words what a parameter may be."""
    if one.kind == "choice":
        return f"choice {', '.join(_text(value) for value in one.choices)}"
    steps = ", log" if one.log else f", step {one.step}" if one.step else ""
    return f"{one.kind} {one.low} to {one.high}{steps}"


def _is_there(one: ParameterRange, point: Mapping[str, Any]) -> bool:
    return all(name in point and point[name] in values for name, values in one.when.items())


def _choice(value: Any) -> Any:
    """Lists are no choices of Optuna's: their text is."""
    return f"{LIST}{_text(value)}" if isinstance(value, list | tuple) else value


def _from_choice(value: Any) -> Any:
    """Turn an Optuna choice back into the value that it stands for."""
    return json.loads(value.removeprefix(LIST)) if isinstance(value, str) and value.startswith(LIST) else value


def _text(value: Any) -> str:
    """Write a value as a command line would; JSON keeps every bit of a number."""
    return value if isinstance(value, str) else json.dumps(value)
