"""`conf/study.yaml`: what a study varies, how it chooses, and what it judges by."""

import math
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from mlproject.config.section import Section

__all__ = ["ObjectiveName", "ParameterRange", "SamplerName", "StudyConfig"]

ObjectiveName = Literal[
    "neighbours",
    "common_silhouette",
    "silhouette",
    "reconstruction",
    "latent_size",
    "ami",
    "ari",
    "nmi",
    "purity",
    "accuracy",
]
SamplerName = Literal["tpe", "random", "grid"]
KINDS = ("int", "float", "choice")


class ParameterRange(Section):
    """What one parameter may be: as a user writes it, ``{int: [8, 128], log: true}`` or ``{choice: [a, b]}``."""

    kind: Literal["int", "float", "choice"]
    low: float | int | None = None
    high: float | int | None = None
    choices: tuple[Any, ...] = ()
    log: bool = Field(False, description="steps of equal ratio instead of equal size")
    step: float | int | None = Field(None, gt=0, description="distance between two values")
    grid: tuple[Any, ...] = Field((), description="the values of the sampler `grid`")
    when: dict[str, tuple[Any, ...]] = Field({}, description="values of other parameters under which this one is there")

    @model_validator(mode="before")
    @classmethod
    def _read(cls, given: object) -> object:
        """Turn a user's spelling into fields; one that has been read before is left as it is."""
        if not isinstance(given, dict) or "kind" in given:
            return given
        # Exactly one of the three keys names the kind.
        kinds = [kind for kind in KINDS if kind in given]
        if len(kinds) != 1:
            raise ValueError(f"it needs one of int: [low, high], float: [low, high], choice: [...]; got {given}")
        rest = {key: value for key, value in given.items() if key not in KINDS}
        if unknown := rest.keys() - {"log", "step", "grid", "when"}:
            raise ValueError(f"unknown key {min(unknown)!r}; known: int, float, choice, log, step, grid, when")
        values = given[kinds[0]]
        if not isinstance(values, list | tuple) or not values:
            raise ValueError(f"{kinds[0]}: {values!r} is no list; write {kinds[0]}: [...]")
        if not isinstance(rest.get("when", {}), dict):
            raise ValueError(f"when: {rest['when']!r} is no condition; write when: {{parameter: [values]}}")
        if "grid" in rest and not isinstance(rest["grid"], list | tuple):
            raise ValueError(f"grid: {rest['grid']!r} is no list; write grid: [...]")
        given_values = rest.get("when", {}).items()
        rest["when"] = {key: value if isinstance(value, list | tuple) else [value] for key, value in given_values}
        if kinds[0] == "choice":
            return {"kind": "choice", "choices": tuple(values), **rest}
        if len(values) != 2:
            raise ValueError(f"{kinds[0]}: {values} has {len(values)} values; write {kinds[0]}: [low, high]")
        return {"kind": kinds[0], "low": values[0], "high": values[1], **rest}

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.kind == "choice":
            if self.log or self.step:
                raise ValueError("a choice has no log and no step")
            if outside := [value for value in self.grid if not self.contains(value)]:
                raise ValueError(f"grid value {outside[0]!r} is none of the choices {list(self.choices)}")
            if len({repr(choice) for choice in self.choices}) < len(self.choices):
                raise ValueError(f"choice: {list(self.choices)} names a value twice")
            return self
        assert self.low is not None
        assert self.high is not None
        for value in (self.low, self.high):
            whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
            if self.kind == "int" and not whole:
                raise ValueError(f"{value} is no whole number; write float: [...], or whole limits")
        if self.low > self.high:
            raise ValueError(f"{self.kind}: [{self.low}, {self.high}] is reversed; write the lower limit first")
        if self.low == self.high:
            raise ValueError(f"{self.kind}: [{self.low}, {self.high}] is empty; set the one value in the task's file")
        if self.log and self.low <= 0:
            raise ValueError(f"log: true needs limits above 0; got {self.low}")
        if self.log and self.step:
            raise ValueError("log and step exclude one another")
        if self.step and (self.kind == "int" and self.step != int(self.step)):
            raise ValueError(f"step {self.step} of an int range is no whole number")
        if self.step and not self.contains(self.high):
            raise ValueError(f"{self.high} is no whole number of steps of {self.step} above {self.low}")
        if outside := [value for value in self.grid if not self.contains(value)]:
            raise ValueError(f"grid value {outside[0]!r} is outside {self.kind}: [{self.low}, {self.high}]")
        return self

    def contains(self, value: object) -> bool:
        """Whether a value is one of those that the range has."""
        if self.kind == "choice":
            return any(value == choice and type(value) is type(choice) for choice in map(_plain, self.choices))
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        assert self.low is not None
        assert self.high is not None
        if not self.low <= value <= self.high or (self.kind == "int" and value != int(value)):
            return False
        # 0.3 is three steps of 0.1 up to rounding.
        steps = (value - self.low) / self.step if self.step else 0.0
        return abs(steps - round(steps)) < 1e-9

    def values(self) -> tuple[Any, ...]:
        """Return the values that a grid goes through; empty where the range names none."""
        if self.grid or self.kind == "choice":
            return self.grid or self.choices
        if self.step is None and self.kind != "int":
            return ()
        assert self.low is not None
        assert self.high is not None
        step = self.step or 1
        # As in `contains`: a high end that is a whole number of steps away counts in spite of rounding.
        count = math.floor((self.high - self.low) / step + 1e-9) + 1
        values = [self.low + i * step for i in range(count)]
        return tuple(int(value) for value in values) if self.kind == "int" else tuple(values)


class StudyConfig(Section):
    """`conf/study.yaml`: what a study varies, how it chooses, and what it judges by."""

    objective: tuple[ObjectiveName, ...] = Field(
        ("neighbours",), min_length=1, description="what is optimised; several give a Pareto front"
    )
    direction: Literal["maximize", "minimize"] | None = Field(None, description="null takes the objective's own")
    space: dict[str, ParameterRange] = Field(min_length=1, description="paths of the task's file and their ranges")
    sampler: SamplerName = Field("tpe", description="what proposes the trials")
    trials: int = Field(100, ge=1, le=100_000, description="trials in all")
    batch_size: int = Field(10, ge=1, le=1000, description="trials that are proposed together")
    seed: int = Field(0, ge=0, lt=2**32, description="of the sampler")
    verdict: bool = Field(True, description="judge the chosen trial against default and PCA + K-Means at the end")

    @model_validator(mode="before")
    @classmethod
    def _one_objective_is_a_list(cls, given: object) -> object:
        if isinstance(given, dict) and isinstance(given.get("objective"), str):
            return {**given, "objective": tuple(name.strip() for name in given["objective"].split(","))}
        return given

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        if len(set(self.objective)) < len(self.objective):
            raise ValueError(f"objective names {', '.join(self.objective)}; name each one once")
        if self.direction and len(self.objective) > 1:
            raise ValueError("direction turns a single objective; several keep their own")
        if self.objective == ("latent_size",):
            raise ValueError("objective latent_size alone gives the smallest model; name another objective beside it")
        names = list(self.space)
        for i, (path, span) in enumerate(self.space.items()):
            for other, values in span.when.items():
                if other not in names[:i]:
                    raise ValueError(
                        f"when of {path} names {other!r}, which has to be a parameter above it in the space"
                    )
                if never := [value for value in values if not self.space[other].contains(value)]:
                    raise ValueError(f"when of {path}: {other} is never {never[0]!r}")
        if self.sampler == "grid":
            for path, span in self.space.items():
                if span.when:
                    raise ValueError(f"{path} has a condition (when), which sampler grid does not know; use tpe")
                if not span.values():
                    raise ValueError(f"sampler grid needs values of {path}; write grid: [...] or step under it")
        return self


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
