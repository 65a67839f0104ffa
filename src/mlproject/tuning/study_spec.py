"""What a study was started with: all that a worker needs, kept with the study, and what may not change meanwhile."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

import mlproject
from mlproject.config.evaluation import EvaluationConfig
from mlproject.config.loading import parse_config
from mlproject.config.study import StudyConfig
from mlproject.config.tasks import TaskConfig
from mlproject.errors import StudyChangedError
from mlproject.tuning.proposals import SAMPLER_ARGUMENTS

__all__ = ["EXTENDABLE", "StudySpec", "code_hash", "library_versions"]

# The modules that make a trial: all that worker and proposals import, directly or not.
MODULES = {
    "": "__init__ files passwords seeding threads",
    "clustering/": "__init__ clusterers",
    "config/": "__init__ data evaluation loading models overrides section strict_yaml study tasks",
    "evaluation/": "__init__ chance external internal label_free label_leakage metrics scores uncertainty",
    "experiment/": "__init__ design_matrix fit label_audit requirements run_task",
    "features/": "__init__ blocks",
    "models/": (
        "__init__ autoencoder conv_vae cvae elbo encoder factory fusion mvae networks pca persistence "
        "projections row_space scaling training umap_embedding umap_ensemble vae vae_diagnostics variational"
    ),
    "tuning/": ("__init__ objectives proposals requirements shared_study space storage study_spec trial worker"),
}
CODE = tuple(f"{folder}{name}.py" for folder, names in MODULES.items() for name in names.split())
# Libraries on whose versions the bits of a trial depend.
LIBRARIES = ("numpy", "scipy", "scikit-learn", "torch", "umap-learn", "optuna")
EXTENDABLE = ("trials", "verdict")  # may differ when a study is continued
# No trial reads these.
FREE = {f"study.{key}" for key in EXTENDABLE} | {"task.description", "baseline.description"}
FREE |= {f"evaluation.{key}" for key in ("figures", "seeds", "subsamples", "subsample_share", "control_seeds")}
FREE |= {"evaluation.ablation", "evaluation.level"}
FIXED = ("study.objective", "study.direction")  # values of two objectives are not comparable, and one may see genres


@dataclass(frozen=True)
class StudySpec:
    """A study as it was started."""

    name: str
    task_name: str
    # As their files had them, with what was overridden.
    task: TaskConfig
    baseline: TaskConfig
    evaluation: EvaluationConfig
    study: StudyConfig
    data: Mapping[str, str]  # hashes of data and features
    code: str  # hash of the code that makes a trial
    libraries: Mapping[str, str] = field(default_factory=lambda: library_versions())  # versions of what makes a trial

    def to_record(self) -> dict[str, Any]:
        """Return it as plain values."""
        sections = {name: getattr(self, name).model_dump(mode="json") for name in _SECTIONS}
        plain = {"name": self.name, "task_name": self.task_name, "data": dict(self.data), "code": self.code}
        sampler = {"name": self.study.sampler, **SAMPLER_ARGUMENTS[self.study.sampler]}
        return {**plain, "libraries": dict(self.libraries), **sections, "sampler": sampler}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        """Read what `to_record` gave."""
        sections: dict[str, Any] = {
            name: parse_config(kind, record[name], where=f"study {record['name']}") for name, kind in _SECTIONS.items()
        }
        plain = {name: record[name] for name in ("name", "task_name", "data", "code", "libraries")}
        return cls(**plain, **sections)

    def with_trials(self, trials: int) -> Self:
        """Return the spec with another number of trials."""
        return replace(self, study=self.study.model_copy(update={"trials": trials}))

    def check_unchanged(self, record: Mapping[str, Any], *, allow: bool = False) -> bool:
        """Refuse to continue a study that was started otherwise; return whether anything differs.

        Raises `StudyChangedError` if anything differs that a trial depends on, or with `allow` the objective.
        """
        then, now = _flat(record), _flat(self.to_record())
        changed = [key for key in sorted({*then, *now}) if then.get(key) != now.get(key)]
        refused = [key for key in changed if key in FIXED] if allow else changed
        if refused:
            shown = [f"{key} (was {_short(then.get(key))}, is {_short(now.get(key))})" for key in refused[:3]]
            more = f" and {len(refused) - 3} more" if len(refused) > 3 else ""
            hint = "" if set(refused) & set(FIXED) else ", or continue all the same with changed=allow"
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
        digest.update(name.encode() + (root / name).read_bytes())
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
