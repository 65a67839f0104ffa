"""The search space of `conf/study.yaml`, checked against the task it varies."""

import json
import math
from collections.abc import Mapping
from typing import Any

from optuna.trial import Trial

from mlproject.config.evaluation import EvaluationConfig
from mlproject.config.overrides import apply, parameters
from mlproject.config.study import ParameterRange, StudyConfig
from mlproject.config.tasks import TaskConfig
from mlproject.errors import ConfigError, did_you_mean

__all__ = ["changed_task", "check_space", "grid_of", "grid_size", "initial_point", "range_text", "suggest", "values_of"]

LIST = "list:"  # marks a choice that is a list
Point = dict[str, Any]


def check_space(config: StudyConfig, task: TaskConfig, evaluation: EvaluationConfig) -> None:
    """Raise `ConfigError` if a path is unknown to the task or a limit is out of its range, with a near spelling."""
    known = [span.path for span in parameters(task, evaluation) if span.path.startswith("model.")]
    for path, span in config.space.items():
        if path not in known or path == "model.name":
            raise ConfigError(f"study space: unknown parameter {path!r} of this task; {did_you_mean(path, known)}")
        # The task's own limits decide; every corner of the range has to lie within them.
        for value in (*span.choices, *span.grid, *(limit for limit in (span.low, span.high) if limit is not None)):
            try:
                apply(task, evaluation, {path: _text(value)})
            except ConfigError as error:
                raise ConfigError(f"study space: {error}") from error


def suggest(trial: Trial, space: Mapping[str, ParameterRange]) -> Point:
    """Ask a trial for a value of each parameter that is there, in the order of the space."""
    point: Point = {}
    for path, span in space.items():
        if not _is_there(span, point):
            continue
        if span.kind == "choice":
            point[path] = _from_choice(trial.suggest_categorical(path, [_choice(value) for value in span.choices]))
        elif span.kind == "int":
            low, high = int(span.low), int(span.high)  # type: ignore[arg-type]
            point[path] = trial.suggest_int(path, low, high, log=span.log, step=int(span.step or 1))
        else:
            low, high = float(span.low), float(span.high)  # type: ignore[arg-type, assignment]
            point[path] = trial.suggest_float(path, low, high, log=span.log, step=span.step)
    return point


def initial_point(task: TaskConfig, space: Mapping[str, ParameterRange]) -> dict[str, Any] | None:
    """Return the values that the task's own file has, as a trial's parameters; None where one is outside the space."""
    values = {f"model.{name}": value for name, value in task.model.model_dump(mode="json").items()}
    point: Point = {}
    for path, span in space.items():
        if not _is_there(span, point):
            continue
        if not span.contains(values[path]):
            return None
        point[path] = values[path]
    return {path: _choice(value) if space[path].kind == "choice" else value for path, value in point.items()}


def grid_of(space: Mapping[str, ParameterRange]) -> dict[str, list[Any]]:
    """Return the values of each parameter that a grid goes through."""
    return {path: [_choice(v) if span.kind == "choice" else v for v in span.values()] for path, span in space.items()}


def grid_size(space: Mapping[str, ParameterRange]) -> int:
    """Return the number of points of the grid."""
    return math.prod(len(span.values()) for span in space.values())


def changed_task(
    task: TaskConfig, evaluation: EvaluationConfig, space: Mapping[str, ParameterRange], params: Mapping[str, Any]
) -> TaskConfig:
    """Return the task with a trial's parameters; `ConfigError` if they do not fit together, such as two sizes."""
    values = {path: _from_choice(v) if space[path].kind == "choice" else v for path, v in params.items()}
    return apply(task, evaluation, {path: _text(value) for path, value in values.items()})[0]


def values_of(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a trial's parameters stand for; Optuna keeps a list as a text."""
    return {path: _from_choice(value) for path, value in params.items()}


def range_text(span: ParameterRange) -> str:
    """Say in a few words what a parameter may be."""
    if span.kind == "choice":
        return f"choice {', '.join(_text(value) for value in span.choices)}"
    steps = ", log" if span.log else f", step {span.step}" if span.step else ""
    return f"{span.kind} {span.low} to {span.high}{steps}"


def _is_there(span: ParameterRange, point: Mapping[str, Any]) -> bool:
    return all(name in point and point[name] in values for name, values in span.when.items())


def _choice(value: object) -> Any:
    """Lists are no choices of Optuna's: their text is."""
    return f"{LIST}{_text(value)}" if isinstance(value, list | tuple) else value


def _from_choice(value: object) -> Any:
    """Turn an Optuna choice back into the value that it stands for."""
    return json.loads(value.removeprefix(LIST)) if isinstance(value, str) and value.startswith(LIST) else value


def _text(value: object) -> str:
    """Write a value as a command line would; JSON keeps every bit of a number."""
    return value if isinstance(value, str) else json.dumps(value)
