"""Which tasks to run, and how they are configured: known before anything that takes long to import is needed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mlproject.config.evaluation import EvaluationConfig
from mlproject.config.overrides import SHORT_NAMES, apply, parameters
from mlproject.config.tasks import TaskConfig
from mlproject.errors import ConfigError, did_you_mean
from mlproject.workspace.paths import Workspace
from mlproject.workspace.task_settings import BASELINE, evaluation_config, task_config, task_names

__all__ = ["Job", "committed_job", "read_job", "read_jobs"]


@dataclass(frozen=True)
class Job:
    """One task to run: its name, its configuration, and what the user changed of it."""

    name: str
    task: TaskConfig
    evaluation: EvaluationConfig
    changes: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Name of its run."""
        return " ".join([self.name, *(f"{key}={value}" for key, value in self.changes.items())])

    @property
    def is_baseline(self) -> bool:
        """Whether it is what everything on the same data is compared with."""
        return self.name == BASELINE and not self.changes


def committed_job(workspace: Workspace, name: str) -> Job:
    """Return a task as the conf files have it."""
    return Job(name, task_config(workspace, name), evaluation_config(workspace))


def read_job(workspace: Workspace, name: str, changes: Mapping[str, str]) -> Job:
    """Return a task with a user's changes, all of them checked."""
    return Job(name, *apply(task_config(workspace, name), evaluation_config(workspace), changes), changes)


def read_jobs(workspace: Workspace, name: str, changes: Mapping[str, str]) -> list[Job]:
    """Return the named task, or all of them, each with those of the changes that it reads.

    Raises `ConfigError` if no task reads a changed key, or a value is out of its range.
    """
    if name != "all":
        return [read_job(workspace, name, changes)]
    jobs, used = [], set[str]()
    evaluation = evaluation_config(workspace)
    for task_name in task_names(workspace):
        known = {parameter.path for parameter in parameters(task_config(workspace, task_name), evaluation)}
        its_changes = {key: value for key, value in changes.items() if SHORT_NAMES.get(key, key) in known}
        used |= its_changes.keys()
        jobs.append(read_job(workspace, task_name, its_changes))
    for key in changes.keys() - used:
        raise ConfigError(f"unknown parameter {key!r}; {did_you_mean(key, SHORT_NAMES)}")
    return jobs
