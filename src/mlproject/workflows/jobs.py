"""Which tasks to run, and how they are configured: known before anything that takes long to import is needed.

Once the tracks are there, `fitted` lowers what is too large for them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from mlproject.config.evaluation import EvaluationConfig
from mlproject.config.overrides import SHORT_NAMES, apply, parameters
from mlproject.config.tasks import TaskConfig
from mlproject.errors import ConfigError, did_you_mean
from mlproject.workspace.console import log
from mlproject.workspace.paths import Workspace
from mlproject.workspace.task_settings import BASELINE, evaluation_config, task_config, task_names

__all__ = ["Job", "committed_job", "fit_job", "fitted", "read_job", "read_jobs", "say_lowered"]


@dataclass(frozen=True)
class Job:
    """One task to run: its name, its configuration, and what the user changed of it."""

    name: str
    task: TaskConfig
    evaluation: EvaluationConfig
    changes: Mapping[str, str] = field(default_factory=dict)
    lowered: tuple[str, ...] = ()  # a line on each value that is lower than asked for, since the tracks are few
    asked: tuple[TaskConfig, EvaluationConfig] | None = None  # both as they were before, where something was lowered

    @property
    def title(self) -> str:
        """Name of its run."""
        return " ".join([self.name, *(f"{key}={value}" for key, value in self.changes.items())])

    @property
    def is_baseline(self) -> bool:
        """Whether it is what everything on the same data is compared with."""
        return self.name == BASELINE and not self.changes


def committed_job(workspace: Workspace, name: str) -> Job:
    """Return a task as the conf files have it, and as the present tracks allow it."""
    return fitted(workspace, Job(name, task_config(workspace, name), evaluation_config(workspace)))


def fitted(workspace: Workspace, job: Job) -> Job:
    """Return a job as the tracks allow it whose features this checkout has; see `fit_job`."""
    from mlproject.workflows.inputs import count_tracks, has_features

    return fit_job(job, count_tracks(workspace)) if has_features(workspace) else job


def fit_job(job: Job, n_tracks: int) -> Job:
    """Lower what is too large for so many tracks; see `mlproject.experiment.limits.fit_to_tracks`."""
    from mlproject.experiment.limits import fit_to_tracks

    given = {SHORT_NAMES.get(key, key) for key in job.changes}
    task, evaluation, lowered = fit_to_tracks(job.task, job.evaluation, n_tracks, name=job.name, given=given)
    if not lowered:
        return job
    return replace(job, task=task, evaluation=evaluation, lowered=lowered, asked=(job.task, job.evaluation))


def say_lowered(jobs: Iterable[Job]) -> None:
    """Say what was lowered in any of the jobs, each value once."""
    for line in dict.fromkeys(line for job in jobs for line in job.lowered):
        log(line)


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
