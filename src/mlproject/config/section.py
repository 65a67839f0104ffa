"""What all sections of conf files have in common."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

__all__ = ["Section"]


class Section(BaseModel):
    """A mapping of a conf file: no unknown key, no change once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _true_is_no_number(cls, values: Any) -> Any:
        """YAML's yes, on and true would pass as 1."""
        for name, field in cls.model_fields.items() if isinstance(values, dict) else ():
            if isinstance(values.get(name), bool) and "bool" not in str(field.annotation):
                raise ValueError(f"{name} is {values[name]}; it needs another kind of value than true or false")
        return values
