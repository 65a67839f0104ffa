"""What a study was started with: all that a worker needs, kept with the study, and what may not change meanwhile."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import mlproject
from mlproject.config import EvaluationConfig, StudyConfig, TaskConfig, parse_config
from mlproject.errors import StudyChangedError
from mlproject.tuning.proposals import SAMPLER_ARGUMENTS

__all__ = ["EXTENDABLE", "Plan", "code_hash", "library_versions"]

# What makes a trial's result: code, and libraries on whose versions its bits depend.
CODE = (
    *("clustering", "config", "evaluation", "experiment", "features", "models", "seeding.py"),
    *(f"tuning/{name}.py" for name in ("objectives", "proposals", "space", "trial", "worker")),
)
LIBRARIES = ("numpy", "scipy", "scikit-learn", "torch", "umap-learn", "optuna", "cmaes")
EXTENDABLE = ("trials", "time_limit", "verdict")  # may differ when a study goes on
# No trial reads these.
FREE = {f"study.{key}" for key in EXTENDABLE} | {"task.description", "baseline.description"}
FREE |= {f"evaluation.{key}" for key in ("figures", "seeds", "subsamples", "subsample_share", "control_seeds")}
FREE |= {"evaluation.ablation", "evaluation.level"}
FIXED = ("study.objective", "study.direction")  # values of two objectives are not comparable, and one may see genres


@dataclass(frozen=True)
class Plan:
    """A study as it was started.

    Attributes
    ----------
    name : str
    task_name : str
    task, baseline : TaskConfig
        As their files had them, with what was overridden.
    evaluation : EvaluationConfig
    study : StudyConfig
    data : mapping of str to str
        Hashes of data and features.
    code : str
        Hash of the code that makes a trial.
    libraries : mapping of str to str
        Versions of what makes a trial.
    """

    name: str
    task_name: str
    task: TaskConfig
    baseline: TaskConfig
    evaluation: EvaluationConfig
    study: StudyConfig
    data: Mapping[str, str]
    code: str
    libraries: Mapping[str, str] = field(default_factory=lambda: library_versions())

    def to_record(self) -> dict[str, Any]:
        """Return it as plain values."""
        sections = {name: getattr(self, name).model_dump(mode="json") for name in _SECTIONS}
        own = {"name": self.name, "task_name": self.task_name, "data": dict(self.data), "code": self.code}
        sampler = {"name": self.study.sampler, **SAMPLER_ARGUMENTS[self.study.sampler]}
        return {**own, "libraries": dict(self.libraries), **sections, "sampler": sampler}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Plan:
        """Read what `to_record` gave."""
        sections: dict[str, Any] = {
            name: parse_config(kind, record[name], where=f"study {record['name']}") for name, kind in _SECTIONS.items()
        }
        own = {name: record[name] for name in ("name", "task_name", "data", "code", "libraries")}
        return cls(**own, **sections)

    def with_trials(self, trials: int) -> Plan:
        """Return the plan with another number of trials."""
        return replace(self, study=self.study.model_copy(update={"trials": trials}))

    def check_unchanged(self, record: Mapping[str, Any], *, allow: bool = False) -> bool:
        """Refuse to go on with a study that was started otherwise; return whether anything differs.

        Parameters
        ----------
        record : mapping
            What the study was started with.
        allow : bool, default=False
            Let everything differ but the objective.

        Raises
        ------
        StudyChangedError
            If anything differs that a trial depends on; the message names what.
        """
        then, now = _flat(record), _flat(self.to_record())
        changed = [key for key in sorted({*then, *now}) if then.get(key) != now.get(key)]
        refused = [key for key in changed if key in FIXED] if allow else changed
        if refused:
            shown = [f"{key} (was {_short(then.get(key))}, is {_short(now.get(key))})" for key in refused[:3]]
            more = f" and {len(refused) - 3} more" if len(refused) > 3 else ""
            hint = "" if set(refused) & set(FIXED) else ", or go on all the same with changed=allow"
            raise StudyChangedError(
                f"the study {self.name!r} was started with other settings: {', '.join(shown)}{more}; start a new one "
                f"with study_name=NAME{hint}"
            )
        return bool(changed)


_SECTIONS: dict[str, Any] = {
    "task": TaskConfig,
    "baseline": TaskConfig,
    "evaluation": EvaluationConfig,
    "study": StudyConfig,
}


def library_versions() -> dict[str, str]:
    """Return the versions of the libraries that make a trial."""
    return {name: version(name) for name in LIBRARIES}


def code_hash() -> str:
    """Hash the code that a trial's result depends on."""
    root, digest = Path(mlproject.__file__).parent, hashlib.sha256()
    for name in CODE:
        found = sorted((root / name).rglob("*.py")) if (root / name).is_dir() else [root / name]
        for path in found:
            digest.update(str(path.relative_to(root)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _flat(record: Mapping[str, Any]) -> dict[str, str]:
    """Flatten sections to one level, without what may differ."""
    flat = {}
    for section, content in record.items():
        for key, value in content.items() if isinstance(content, dict) else [("", content)]:
            flat[f"{section}.{key}".rstrip(".")] = json.dumps(value, sort_keys=True)
    return {path: value for path, value in flat.items() if path not in FREE}


def _short(value: str | None) -> str:
    text = "nothing" if value is None else value
    return text if len(text) <= 60 else f"{text[:57]}..."
