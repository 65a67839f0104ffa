"""What a study was started with: all that a worker needs, kept with the study, and what may not change meanwhile."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna

import mlproject
from mlproject.config import EvaluationConfig, StudyConfig, TaskConfig, parse_config
from mlproject.errors import StudyChangedError
from mlproject.studies.sampling import SAMPLER_ARGUMENTS

__all__ = ["EXTENDABLE", "Plan", "code_hash"]

# Packages whose code makes a trial's result.
CODE = (
    "clustering",
    "config",
    "evaluation",
    "experiment",
    "features",
    "models",
    "studies",
    "parameters.py",
    "seeding.py",
)
EXTENDABLE = ("trials", "time_limit", "verdict")  # may differ when a study goes on


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
    """

    name: str
    task_name: str
    task: TaskConfig
    baseline: TaskConfig
    evaluation: EvaluationConfig
    study: StudyConfig
    data: Mapping[str, str]
    code: str

    def to_record(self) -> dict[str, Any]:
        """Return it as plain values."""
        sections = {name: getattr(self, name).model_dump(mode="json") for name in _SECTIONS}
        sampler = {"name": self.study.sampler, **SAMPLER_ARGUMENTS[self.study.sampler], "optuna": optuna.__version__}
        own = {"name": self.name, "task_name": self.task_name, "data": dict(self.data), "code": self.code}
        return {**own, **sections, "sampler": sampler}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Plan:
        """Read what `to_record` gave."""
        sections: dict[str, Any] = {
            name: parse_config(kind, record[name], where=f"study {record['name']}") for name, kind in _SECTIONS.items()
        }
        return cls(record["name"], record["task_name"], data=record["data"], code=record["code"], **sections)

    def check_unchanged(self, record: Mapping[str, Any]) -> None:
        """Refuse to go on with a study that was started otherwise.

        Raises
        ------
        StudyChangedError
            If anything but the number of trials and the time limit differs; the message names what.
        """
        then, now = _flat(record), _flat(self.to_record())
        changed = [key for key in sorted({*then, *now}) if then.get(key) != now.get(key)]
        if changed:
            shown = [f"{key} (was {_short(then.get(key))}, is {_short(now.get(key))})" for key in changed[:3]]
            more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
            raise StudyChangedError(
                f"the study {self.name!r} was started with other settings: {', '.join(shown)}{more}; start a new one "
                "with study_name=NAME, or go on all the same with changed=allow"
            )


_SECTIONS: dict[str, Any] = {
    "task": TaskConfig,
    "baseline": TaskConfig,
    "evaluation": EvaluationConfig,
    "study": StudyConfig,
}


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
            if section != "study" or key not in EXTENDABLE:
                flat[f"{section}.{key}".rstrip(".")] = json.dumps(value, sort_keys=True)
    return flat


def _short(value: str | None) -> str:
    text = "nothing" if value is None else value
    return text if len(text) <= 60 else f"{text[:57]}..."
