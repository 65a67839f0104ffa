"""Single values of a configuration by their path, as `key=value` on a command line gives them.

`apply` changes a task's and the evaluation's configuration, `parameters` lists what may be changed with range and
default, `flatten` turns a configuration into the names that a tracked run bears.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_origin

import yaml
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from mlproject.config.data import DataConfig
from mlproject.config.evaluation import EvaluationConfig
from mlproject.config.loading import parse_config
from mlproject.config.section import Section
from mlproject.config.strict_yaml import load_yaml
from mlproject.config.tasks import TaskConfig
from mlproject.errors import ConfigError, did_you_mean

__all__ = ["SHORT_NAMES", "Parameter", "apply", "change_section", "flatten", "parameters", "section_parameters"]

Config = TypeVar("Config", bound=Section)

SHORT_NAMES: Mapping[str, str] = {
    "seed": "evaluation.seed",
    "latent_dim": "model.latent_dim",
    "learning_rate": "model.learning_rate",
    "epochs": "model.epochs",
}


@dataclass(frozen=True)
class Parameter:
    """One value that may be changed: its path, what it may be, what it is now, what it means."""

    path: str
    range: str
    default: Any
    description: str


def parameters(task: TaskConfig, evaluation: EvaluationConfig) -> list[Parameter]:
    """List every path that `apply` takes for this task, with its range and present value."""
    unread = {f"model.{key}" for key in task.unread_keys()}
    of_the_model = [parameter for parameter in _fields("model", task.model) if parameter.path not in unread]
    return [*of_the_model, *_fields("evaluation", evaluation)]


def flatten(config: BaseModel, prefix: str = "", dumped: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Flatten a configuration to dotted paths, such as ``model.latent_dim``; a list is one value."""
    flat: dict[str, Any] = {}
    # Only what a configuration writes: a task leaves out the keys of its model that it does not read.
    dumped = config.model_dump() if dumped is None else dumped
    for name in dumped:
        value = getattr(config, name)
        if isinstance(value, BaseModel):
            flat |= flatten(value, f"{prefix}{name}.", dumped[name])
        else:
            flat[prefix + name] = list(value) if isinstance(value, tuple) else value
    return flat


def apply(
    task: TaskConfig, evaluation: EvaluationConfig, changes: Mapping[str, str]
) -> tuple[TaskConfig, EvaluationConfig]:
    """Change single values of a task and of the evaluation.

    Parameters
    ----------
    changes : mapping of str to str
        Short names (`SHORT_NAMES`) or paths (``model.hidden``, ``evaluation.n_clusters``), new values as text.

    Raises
    ------
    ConfigError
        If a path is unknown to this task or a value is out of its range.
    """
    known = {parameter.path: parameter for parameter in parameters(task, evaluation)}
    kinds: dict[str, type[Section]] = {"model": type(task.model), "evaluation": EvaluationConfig}
    new = {"model": task.model_dump()["model"], "evaluation": evaluation.model_dump()}
    unread = {f"model.{key}": reason for key, reason in task.unread_keys().items()}
    seen = dict[str, str]()
    for name, text in changes.items():
        path = SHORT_NAMES.get(name, name)
        if path in seen:
            raise ConfigError(f"{path} is given twice, as {seen[path]} and {name}; give it once")
        seen[path] = name
        if path in DataConfig.model_fields:
            raise ConfigError(f"{path!r} is no parameter of a task; set it in conf/data.yaml")
        section, _, key = path.partition(".")
        if path in unread:
            raise ConfigError(f"nothing reads {path} in this task, since {unread[path]}; leave it out")
        if path not in known:
            words = [*known, *(short for short, long in SHORT_NAMES.items() if long in known)]
            raise ConfigError(f"unknown parameter {name!r} for this task; {did_you_mean(name, words)}")
        # Checked one by one first, so that the message names the value that is wrong.
        new[section][key] = _parse(name, text)
        _check_alone(name, text, known[path], kinds[section], new[section])
    # Checked as a whole at the end: some values are only right together.
    changed = parse_config(TaskConfig, {**task.model_dump(), "model": new["model"]}, where="task")
    return changed, parse_config(EvaluationConfig, new["evaluation"], where="evaluation")


def section_parameters(section: BaseModel) -> list[Parameter]:
    """List the keys of a section that hold a single value, with range and present value."""
    return [parameter for parameter in _fields("", section) if not isinstance(parameter.default, dict)]


def change_section(section: Config, changes: Mapping[str, str], *, where: str) -> Config:
    """Change single values of one section by their keys; see `apply`. `where` is what a message calls the section.

    Raises
    ------
    ConfigError
        If a key is unknown or a value is out of its range.
    """
    known = {parameter.path: parameter for parameter in section_parameters(section)}
    values = section.model_dump()
    for name, text in changes.items():
        if name not in known:
            raise ConfigError(f"unknown parameter {name!r}; {did_you_mean(name, known)}")
        values[name] = _parse(name, text)
    try:
        return parse_config(type(section), values, where=where)
    except ConfigError as error:
        cause = error.__cause__
        place = cause.errors()[0]["loc"] if isinstance(cause, ValidationError) else ()
        if place and place[0] in changes:
            _check_alone(str(place[0]), changes[str(place[0])], known[str(place[0])], type(section), values)
        raise


def _check_alone(name: str, text: str, parameter: Parameter, model: type[Section], values: dict[str, Any]) -> None:
    try:
        parse_config(model, values, where=name)
    except ConfigError as error:
        message = f"{name}={text!r} is not allowed; expected {parameter.range}, such as {_show(parameter.default)}"
        _, hint, rest = str(error).partition("did you mean")
        message += f"; {hint}{rest.split('?')[0]}?" if hint else ""
        raise ConfigError(message) from error


def _parse(name: str, text: str) -> object:
    try:
        value = load_yaml(text)
    except ConfigError as error:
        if isinstance(error.__cause__, yaml.YAMLError):  # a word with a colon or a bracket in it
            return text
        raise ConfigError(f"{name}: {error}") from error
    if isinstance(value, str):  # YAML 1.1 reads 1e-3 as text
        with suppress(ValueError):
            return float(value)
    return value


def _fields(prefix: str, section: BaseModel) -> Iterator[Parameter]:
    for name, field in type(section).model_fields.items():
        path = f"{prefix}.{name}".removeprefix(".")
        yield Parameter(path, _range(field), getattr(section, name), field.description or "")


def _range(field: FieldInfo) -> str:
    signs = {"ge": ">=", "gt": ">", "le": "<=", "lt": "<", "min_length": "length >="}
    limits = [
        f"{sign} {getattr(limit, attribute)}"
        for limit in field.metadata
        for attribute, sign in signs.items()
        if getattr(limit, attribute, None) is not None
    ]
    return " ".join([_type_name(field.annotation), ", ".join(limits)]).strip()


def _type_name(annotation: Any) -> str:
    plain = {int: "an integer", float: "a number", bool: "true or false", str: "text"}
    if annotation in plain:
        return plain[annotation]
    arguments: tuple[Any, ...] = getattr(annotation, "__args__", ())
    if getattr(annotation, "__origin__", None) is tuple:
        item = arguments[0]
        return f"a list of {_type_name(item.__origin__ if hasattr(item, '__metadata__') else item)}"
    if get_origin(annotation) in (Union, UnionType):
        return " or ".join("null" if argument is NoneType else _type_name(argument) for argument in arguments)
    return "one of " + ", ".join(str(argument) for argument in arguments)


def _show(value: object) -> str:
    return str(list(value)) if isinstance(value, tuple) else str(value)
