"""Conf files and mappings -> checked sections; a mistake is named with the nearest right spelling."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from mlproject.config.data import DataConfig, FeaturesConfig
from mlproject.config.models import MODELS
from mlproject.errors import ConfigError, did_you_mean

__all__ = ["load_config", "parse_config"]

# DVC reads these files too, and misses a key that is not there.
SPELLED_OUT = (DataConfig, FeaturesConfig)
Config = TypeVar("Config", bound=BaseModel)


def load_config(model: type[Config], path: Path) -> Config:
    """Read and check one conf file.

    Parameters
    ----------
    model : type
        One of this module's configuration classes.
    path : Path
        The YAML file.

    Raises
    ------
    ConfigError
        If the file is missing or no mapping, or a key or a value is not allowed; the message names the file, the key,
        what came, what was expected and the nearest right spelling.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        known = [other.stem for other in path.parent.glob("*.yaml")]
        raise ConfigError(f"no file {path}: {did_you_mean(path.stem, known)}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path.name} cannot be read ({error}); it needs to be a UTF-8 text file") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path.name} is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(content or {}, dict):
        raise ConfigError(f"{path.name} holds a {type(content).__name__}; it needs one 'key: value' a line")
    if lacking := [key for key in model.model_fields if key not in (content or {})] if model in SPELLED_OUT else []:
        raise ConfigError(f"{path.name} lacks {', '.join(lacking)}; write them, or: git checkout conf/{path.name}")
    return parse_config(model, content or {}, where=path.name)


def parse_config(model: type[Config], content: dict[str, Any], *, where: str) -> Config:
    """Check a mapping against a configuration class; see `load_config`.

    Parameters
    ----------
    model : type
        One of this module's configuration classes.
    content : dict
        Plain values.
    where : str
        What the message calls the origin of the values.
    """
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise ConfigError(_explain(model, error.errors()[0], where)) from error


def _explain(model: type[BaseModel], detail: ErrorDetails, where: str) -> str:
    # pydantic puts the tag of a discriminated union into the location; users do not write it.
    parts = [str(part) for part in detail["loc"] if part not in MODELS]
    key = ".".join(parts)
    if detail["type"] == "extra_forbidden":
        return f"{where}: unknown key {key!r}; {did_you_mean(parts[-1], _siblings(model, detail['loc']))}"
    if detail["type"] == "union_tag_invalid":
        return f"{where}: {key}.name={detail['ctx']['tag']!r}; expected one of {detail['ctx']['expected_tags']}"
    if detail["type"] == "value_error":
        return f"{where}: {key}{': ' if key else ''}{detail['ctx']['error']}"
    message = (detail["msg"][0].lower() + detail["msg"][1:]).replace("tuple", "list")
    hint = ""
    if detail["type"] == "literal_error":
        hint = f"; {did_you_mean(str(detail['input']), _literals(detail['ctx']['expected']))}"
    return f"{where}: {key}={detail['input']!r}: {message}{hint}"


def _literals(expected: str) -> list[str]:
    return [word.strip(" '") for word in expected.replace(" or ", ",").split(",")]


def _siblings(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    for part in location[:-1]:
        if part in MODELS:
            model = MODELS[str(part)]
        else:
            annotation = model.model_fields[str(part)].annotation
            model = annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else model
    return list(model.model_fields)
