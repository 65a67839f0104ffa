"""What all sections of conf files have in common."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, model_validator

__all__ = ["Section"]


class Section(BaseModel):
    """A mapping of a conf file: no unknown key, no change once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    # DVC reads some files too, and misses a key that is not there.
    spelled_out: ClassVar[bool] = False

    @model_validator(mode="before")
    @classmethod
    def _true_is_no_number(cls, values: object) -> object:
        """YAML's yes, on and true would pass as 1."""
        given = values if isinstance(values, dict) else {}
        for name, field in cls.model_fields.items():
            if isinstance(given.get(name), bool) and "bool" not in str(field.annotation):
                raise ValueError(f"{name} is {given[name]}; it needs another kind of value than true or false")
        return values
