"""Conf files and mappings -> checked sections; a mistake is named with the nearest right spelling."""

from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from mlproject.config.section import Section
from mlproject.config.strict_yaml import load_yaml
from mlproject.errors import ConfigError, did_you_mean

__all__ = ["load_config", "parse_config"]

Config = TypeVar("Config", bound=Section)


def load_config(model: type[Config], path: Path) -> Config:
    """Read and check one conf file, a YAML mapping.

    Raises
    ------
    ConfigError
        If the file is missing or no mapping, or a key or a value is not allowed; the message names the file, the key,
        what came, what was expected and the nearest right spelling.
    """
    if path.exists() and not path.is_file():
        raise ConfigError(f"{path.name} is no regular file; it needs to be a UTF-8 text file")
    try:
        content = load_yaml(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        known = [neighbour.stem for neighbour in path.parent.glob("*.yaml")]
        raise ConfigError(f"no file {path}: {did_you_mean(path.stem, known)}") from error
    except ConfigError as error:
        raise ConfigError(f"{path.name}: {error}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path.name} cannot be read ({error}); it needs to be a UTF-8 text file") from error
    if not isinstance(content or {}, dict):
        raise ConfigError(f"{path.name} holds a {type(content).__name__}; it needs one 'key: value' a line")
    config = parse_config(model, content or {}, where=path.name)  # before the next: a key may have a new name
    lacking = [key for key in model.model_fields if key not in (content or {})]
    if lacking and model.spelled_out:
        names = ", ".join(lacking)
        raise ConfigError(f"{path.name} lacks {names}; write them as they are in: git show HEAD:conf/{path.name}")
    return config


def parse_config(model: type[Config], content: dict[str, Any], *, where: str) -> Config:
    """Check a mapping of plain values as `load_config` does; `where` is what the message calls their origin."""
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise ConfigError(_explain(model, error.errors()[0], where)) from error


def _explain(model: type[Section], detail: ErrorDetails, where: str) -> str:
    # pydantic puts the tag of a discriminated union into the location; users do not write it.
    parts = [str(part) for part in detail["loc"] if part not in _variants(model)]
    key = ".".join(parts)
    if detail["type"] == "extra_forbidden":
        return f"{where}: unknown key {key!r}; {did_you_mean(parts[-1], _siblings(model, detail['loc']))}"
    if detail["type"] == "union_tag_invalid":
        return f"{where}: {key}.name={detail['ctx']['tag']!r}; expected one of {detail['ctx']['expected_tags']}"
    if detail["type"] == "value_error":
        return f"{where}: {key}{': ' if key else ''}{detail['ctx']['error']}"
    # pydantic's sentences speak of tuples, YAML of lists.
    message = (detail["msg"][0].lower() + detail["msg"][1:]).replace("tuple", "list")
    hint = ""
    if detail["type"] == "literal_error":
        words = detail["ctx"]["expected"].replace(" or ", ",").split(",")  # pydantic gives them as a sentence
        allowed = [word.strip(" '") for word in words]
        hint = f"; {did_you_mean(str(detail['input']), allowed)}"
    return f"{where}: {key}={detail['input']!r}: {message}{hint}"


def _siblings(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    variants = _variants(model)
    for part in location[:-1]:
        if part in variants:
            model = variants[str(part)]
        else:
            annotation = model.model_fields[str(part)].annotation
            model = annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else model
    return list(model.model_fields)


def _variants(model: type[BaseModel]) -> dict[str, type[BaseModel]]:
    """Map the names of the variants of a field, such as kinds of models, to their sections."""
    options = [option for field in model.model_fields.values() for option in get_args(field.annotation)]
    sections = [option for option in options if isinstance(option, type) and issubclass(option, BaseModel)]
    return {section.model_fields["name"].default: section for section in sections if "name" in section.model_fields}
