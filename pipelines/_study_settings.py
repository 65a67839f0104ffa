"""What a user asked of a study, checked against conf/study.yaml and the task before anything is computed."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from mlproject.config import EvaluationConfig, StudyConfig, TaskConfig
from mlproject.config.overrides import SHORT_NAMES, apply, change_section, section_parameters
from mlproject.errors import ConfigError
from pipelines import _workspace as workspace

__all__ = ["STORAGE", "Settings", "describe", "read_settings", "study_help"]

DEFAULT_TASK = "medium"
STORAGE = "MLPROJECT_STUDY_STORAGE"  # for an address with a password, which a command line would show
OWN_KEYS = ("task", "study_name", "storage", "workers", "changed")


@dataclass(frozen=True)
class Settings:
    """A study as the user asked for it, checked."""

    name: str
    task_name: str
    task: TaskConfig
    evaluation: EvaluationConfig
    study: StudyConfig
    storage: str | None = None
    workers: int = 2
    allow_changes: bool = False
    changes: Mapping[str, str] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """Where the study's files are."""
        return workspace.STUDIES / self.name


def study_help() -> str:
    """Say what a study takes, with the range and the present value of each key."""
    import pipelines.study
    from mlproject.tuning.objectives import OBJECTIVES
    from mlproject.tuning.space import range_text

    config = workspace.study_config()
    keys = [
        f"  {one.path} = {_shown(one.default)}\n      {one.range}; {one.description}"
        for one in section_parameters(config)
    ]
    own = (
        "  task = medium           any task of conf/tasks that has the parameters of the space",
        "  workers = number of cores; 0 waits for workers that are started elsewhere",
        "  study_name = TASK-OBJECTIVE; one that exists is gone on with",
        "  storage = a file in artifacts/studies; postgresql://user@host/database for many machines. Passwords belong",
        f"            into PGPASSWORD, ~/.pgpass or, with the whole address, into {STORAGE}",
        "  changed = refuse; allow goes on with a study although its settings have changed",
        "  any key of the task or the evaluation that is not in the space, as for a run: model.hidden, evaluation.seed",
    )
    objectives = [
        f"  {name:18} {'sees the genres: ' if one.oracle else ''}{one.meaning}" for name, one in OBJECTIVES.items()
    ]
    space = [f"  {path:20} {range_text(one)}" for path, one in config.space.items()]
    usage = (pipelines.study.__doc__ or "").strip()
    return "\n".join(
        [
            usage,
            "",
            "keys:",
            *own,
            "",
            "of conf/study.yaml:",
            *keys,
            "",
            "objectives:",
            *objectives,
            "",
            "space of conf/study.yaml:",
            *space,
        ]
    )


def read_settings(given: Mapping[str, str]) -> Settings:
    """Check all that a user gave, against the configuration of the task, before anything is computed."""
    from mlproject.tuning.space import check_space

    workspace.check_all_configs()
    own = {key: value for key, value in given.items() if key in OWN_KEYS}
    study = workspace.study_config()
    of_study = {one.path for one in section_parameters(study)}
    study = change_section(study, {key: value for key, value in given.items() if key in of_study}, where="study")
    changes = {key: value for key, value in given.items() if key not in of_study and key not in OWN_KEYS}
    name = own.get("task", DEFAULT_TASK)
    for key in changes:
        if SHORT_NAMES.get(key, key) in study.space:
            raise ConfigError(f"{key} is varied by the study; take it out of the space of conf/study.yaml to set it")
    task, evaluation = _apply(name, changes, of_study)
    check_space(study, task, evaluation)
    changed = own.get("changed", "refuse")
    if changed not in ("refuse", "allow"):
        raise ConfigError(f"changed={changed!r} is not allowed; expected refuse or allow")
    default = f"{name}-{'-'.join(study.objective)}"
    return Settings(
        _plain_name(own.get("study_name", default)),
        name,
        task,
        evaluation,
        study,
        own.get("storage") or os.environ.get(STORAGE),
        _workers(own.get("workers")),
        changed == "allow",
        changes,
    )


def _apply(name: str, changes: Mapping[str, str], of_study: set[str]) -> tuple[TaskConfig, EvaluationConfig]:
    """Change keys of the task and the evaluation; a key that nobody knows may be a misspelt one of the study."""
    for key in changes:
        if "." not in key and key not in SHORT_NAMES and (near := get_close_matches(key, [*of_study, *OWN_KEYS], n=1)):
            raise ConfigError(
                f"unknown parameter {key!r} of a study; did you mean {near[0]!r}? "
                "python -m pipelines.study --help lists all"
            )
    return apply(workspace.task_config(name), workspace.evaluation_config(), changes)


def _workers(text: str | None) -> int:
    if text is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not (text.isascii() and text.isdigit()):
        raise ConfigError(
            f"workers={text!r} is not allowed; expected a whole number, 0 for workers that are started elsewhere"
        )
    return int(text)


def _plain_name(name: str) -> str:
    if not name or any(not (letter.isalnum() or letter in "-_.") for letter in name) or name.startswith("."):
        raise ConfigError(f"study_name={name!r} is not allowed; expected letters, digits, - _ and .")
    return name


def describe(settings: Settings) -> str:
    """Say in a line what a study is going to do."""
    from mlproject.tuning.objectives import is_oracle
    from mlproject.tuning.proposals import total_trials

    study = settings.study
    note = "; SEES THE GENRES: label-informed" if is_oracle(study) else ""
    if "silhouette" in study.objective:
        note += "; a silhouette in the model's own space prefers small latent spaces"
    what = f"{total_trials(study)} trials of {settings.task_name} by {', '.join(study.objective)}"
    return f"{what}, {settings.workers} worker{'' if settings.workers == 1 else 's'}{note}"


def _shown(value: Any) -> str:
    """Write a value as conf/study.yaml and the command line do."""
    return ",".join(map(str, value)) if isinstance(value, tuple) else json.dumps(value).strip('"')
