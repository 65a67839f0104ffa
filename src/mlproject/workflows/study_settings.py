"""What a user asks of a study, checked against conf/study.yaml and the task before anything is computed."""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from mlproject.config.overrides import SHORT_NAMES, change_section, section_parameters
from mlproject.config.study import StudyConfig
from mlproject.errors import ConfigError
from mlproject.workflows.jobs import Job, read_job
from mlproject.workspace.all_settings import check_all_configs, study_config
from mlproject.workspace.paths import Workspace

__all__ = ["STORAGE", "StudySettings", "describe", "read_settings", "study_help"]

DEFAULT_TASK = "medium"
STORAGE = "MLPROJECT_STUDY_STORAGE"  # for an address with a password, which a command line would show
OWN_KEYS = ("task", "study_name", "storage", "workers", "changed")
OWN_HELP = (
    "  task = medium           any task of conf/tasks that has the parameters of the space",
    "  workers = number of cores; 0 waits for workers that are started elsewhere",
    "  study_name = TASK-OBJECTIVE; one that exists is continued",
    "  storage = a file in artifacts/studies; postgresql://user@host/database for many machines. Passwords belong",
    f"            into PGPASSWORD, ~/.pgpass or, with the whole address, into {STORAGE}",
    "  changed = refuse; allow continues a study although its settings have changed",
    "  any key of the task or the evaluation that is not in the space, as for a run: model.hidden, evaluation.seed",
)


@dataclass(frozen=True)
class StudySettings:
    """A study as the user asked for it, checked."""

    name: str  # of the study and of its folder
    folder: Path  # where its files are
    job: Job  # the task and the evaluation, with what the user changed of them
    study: StudyConfig
    storage: str | None  # address of a database; None keeps a journal in the folder
    workers: int  # processes on this machine; 0 waits for workers that are started elsewhere
    allow_changes: bool  # whether a study may be continued with other settings than it was started with


def study_help(workspace: Workspace, usage: str) -> str:
    """Say how a study is called (`usage`) and what it takes, with the range and the present value of each key."""
    from mlproject.tuning.objectives import OBJECTIVES
    from mlproject.tuning.space import range_text

    config = study_config(workspace)
    keys = [
        f"  {key.path} = {_shown(key.default)}\n      {key.range}; {key.description}"
        for key in section_parameters(config)
    ]
    objectives = [
        f"  {name:18} {'sees the genres: ' if info.oracle else ''}{info.meaning}" for name, info in OBJECTIVES.items()
    ]
    space = [f"  {path:20} {range_text(values)}" for path, values in config.space.items()]
    parts = {
        "keys:": OWN_HELP,
        "of conf/study.yaml:": keys,
        "objectives:": objectives,
        "space of conf/study.yaml:": space,
    }
    return "\n".join([usage.strip(), *(line for title, lines in parts.items() for line in ("", title, *lines))])


def read_settings(workspace: Workspace, given: Mapping[str, str]) -> StudySettings:
    """Check all that a user gave, against the configuration of the task, before anything is computed."""
    from mlproject.tuning.space import check_space

    check_all_configs(workspace)
    own = {key: value for key, value in given.items() if key in OWN_KEYS}
    study = study_config(workspace)
    of_study = {one.path for one in section_parameters(study)}
    study = change_section(study, {key: value for key, value in given.items() if key in of_study}, where="study")
    changes = {key: value for key, value in given.items() if key not in of_study and key not in OWN_KEYS}
    name = own.get("task", DEFAULT_TASK)
    for key in changes:
        if SHORT_NAMES.get(key, key) in study.space:
            raise ConfigError(f"{key} is varied by the study; take it out of the space of conf/study.yaml to set it")
    _check_spelling(changes, [*of_study, *OWN_KEYS])
    job = read_job(workspace, name, changes)
    check_space(study, job.task, job.evaluation)
    changed = own.get("changed", "refuse")
    if changed not in ("refuse", "allow"):
        raise ConfigError(f"changed={changed!r} is not allowed; expected refuse or allow")
    default = f"{name}-{'-'.join(study.objective)}"
    study_name = _plain_name(own.get("study_name", default))
    return StudySettings(
        name=study_name,
        folder=workspace.studies / study_name,
        job=job,
        study=study,
        storage=own.get("storage") or os.environ.get(STORAGE),
        workers=_workers(own.get("workers")),
        allow_changes=changed == "allow",
    )


def _check_spelling(keys: Iterable[str], of_study: Sequence[str]) -> None:
    """Refuse a key that is a misspelt one of the study, before it is taken for one of the task or the evaluation."""
    for key in keys:
        if "." not in key and key not in SHORT_NAMES and (near := get_close_matches(key, of_study, n=1)):
            raise ConfigError(
                f"unknown parameter {key!r} of a study; did you mean {near[0]!r}? "
                "python -m pipelines.study --help lists all"
            )


def _workers(text: str | None) -> int:
    if text is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not (text.isascii() and text.isdigit()):
        raise ConfigError(
            f"workers={text!r} is not allowed; expected a whole number, 0 for workers that are started elsewhere"
        )
    if len(text) > 3 or int(text) > 256:
        raise ConfigError(f"workers={text} is not allowed; expected at most 256, a process each")
    return int(text)


def _plain_name(name: str) -> str:
    if (
        not 0 < len(name) <= 100
        or any(not (letter.isalnum() or letter in "-_.") for letter in name)
        or name.startswith(".")
    ):
        raise ConfigError(f"study_name={name[:40]!r} is not allowed; expected up to 100 letters, digits, - _ and .")
    return name


def describe(settings: StudySettings) -> str:
    """Say in a line what a study is going to do."""
    from mlproject.tuning.objectives import is_oracle
    from mlproject.tuning.proposals import total_trials

    study = settings.study
    note = "; SEES THE GENRES: label-informed" if is_oracle(study) else ""
    if "silhouette" in study.objective:
        note += "; a silhouette in the model's own space prefers small latent spaces"
    what = f"{total_trials(study)} trials of {settings.job.name} by {', '.join(study.objective)}"
    return f"{what}, {settings.workers} worker{'' if settings.workers == 1 else 's'}{note}"


def _shown(value: Any) -> str:
    """Write a value as conf/study.yaml and the command line do."""
    return ",".join(map(str, value)) if isinstance(value, tuple) else json.dumps(value).strip('"')
