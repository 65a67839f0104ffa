"""What all sections of conf files have in common."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, model_validator

__all__ = ["Section"]


class Section(BaseModel):
    """A mapping of a conf file: no unknown key, no change once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    # Key, or "key=value", that is no longer there -> what a message says of it: what to use instead.
    removed: ClassVar[Mapping[str, str]] = {}
    # Former name of a file that holds such a section, or of one of the variants in it -> its present name.
    renamed_files: ClassVar[Mapping[str, str]] = {}
    renamed_variants: ClassVar[Mapping[str, str]] = {}
    # DVC reads some files too, and misses a key that is not there.
    spelled_out: ClassVar[bool] = False

    @classmethod
    def check_removed(cls, key: str, value: object) -> None:
        """Raise ValueError for a key or a value that was removed or renamed, with what to use instead."""
        for item in value if isinstance(value, list | tuple) else [value]:
            if reason := cls.removed.get(key) or cls.removed.get(f"{key}={item}"):
                place = key if key in cls.removed else f"{key}={item}"
                raise ValueError(f"{place} {reason}")

    @model_validator(mode="before")
    @classmethod
    def _nothing_removed(cls, values: object) -> object:
        for key, value in values.items() if isinstance(values, dict) else ():
            cls.check_removed(str(key), value)
        return values

    @model_validator(mode="before")
    @classmethod
    def _true_is_no_number(cls, values: object) -> object:
        """YAML's yes, on and true would pass as 1."""
        given = values if isinstance(values, dict) else {}
        for name, field in cls.model_fields.items():
            if isinstance(given.get(name), bool) and "bool" not in str(field.annotation):
                raise ValueError(f"{name} is {given[name]}; it needs another kind of value than true or false")
        return values
