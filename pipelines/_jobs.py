"""Which tasks to run, and how they are configured: known before anything that takes long to import is needed."""

from __future__ import annotations

from dataclasses import dataclass, field

from mlproject.config import EvaluationConfig, TaskConfig
from mlproject.config.overrides import SHORT_NAMES, apply, parameters
from mlproject.errors import ConfigError, did_you_mean
from pipelines import _workspace as workspace

__all__ = ["BASELINE", "Job", "read_jobs"]

BASELINE = "baseline"


@dataclass(frozen=True)
class Job:
    """One task to run: its name, its configuration, what was changed of it."""

    name: str
    task: TaskConfig
    evaluation: EvaluationConfig
    changes: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Name of its run."""
        return " ".join([self.name, *(f"{key}={value}" for key, value in self.changes.items())])

    @property
    def is_baseline(self) -> bool:
        """Whether it is what everything on the same data is compared with."""
        return self.name == BASELINE and not self.changes


def read_jobs(name: str, changes: dict[str, str]) -> list[Job]:
    """Check all changes against the configuration of the named task, or of those of all tasks that have them."""
    evaluation = workspace.evaluation_config()
    if name != "all":
        return [Job(name, *apply(workspace.task_config(name), evaluation, changes), changes)]
    jobs, used = [], set[str]()
    for task_name in workspace.task_names():
        task = workspace.task_config(task_name)
        known = {parameter.path for parameter in parameters(task, evaluation)}
        own = {key: value for key, value in changes.items() if SHORT_NAMES.get(key, key) in known}
        used |= set(own)
        jobs.append(Job(task_name, *apply(task, evaluation, own), own))
    for key in changes.keys() - used:
        raise ConfigError(f"unknown parameter {key!r}; {did_you_mean(key, SHORT_NAMES)}")
    return jobs
