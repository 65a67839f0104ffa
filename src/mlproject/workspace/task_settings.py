"""The conf files that tasks and their evaluation depend on, read and checked."""

import re

from mlproject.config.evaluation import EvaluationConfig
from mlproject.config.experiment import ExperimentConfig
from mlproject.config.loading import load_config
from mlproject.config.tasks import TaskConfig
from mlproject.errors import ConfigError, did_you_mean
from mlproject.workspace.paths import Workspace

__all__ = ["ALL", "BASELINE", "evaluation_config", "experiment_config", "task_config", "task_names"]

ALL = "all"  # task=all runs every task
NAME = re.compile(r"[\w-]{1,80}")
BASELINE = "baseline"  # the task that all others are compared with


def evaluation_config(workspace: Workspace) -> EvaluationConfig:
    """Read conf/evaluation.yaml."""
    return load_config(EvaluationConfig, workspace.conf / "evaluation.yaml")


def experiment_config(workspace: Workspace) -> ExperimentConfig:
    """Read conf/experiment.yaml: the tasks that `dvc repro` runs."""
    return load_config(ExperimentConfig, workspace.conf / "experiment.yaml")


def task_names(workspace: Workspace) -> list[str]:
    """Name every task there is: the files of conf/tasks."""
    names = sorted(path.stem for path in (workspace.conf / "tasks").glob("[!.]*.yaml"))
    if wrong := [name for name in names if name == ALL or not NAME.fullmatch(name)]:
        raise ConfigError(
            f"conf/tasks/{wrong[0]}.yaml is no name of a task; use up to 80 letters, digits, - and _, not {ALL!r}"
        )
    return names


def task_config(workspace: Workspace, name: str) -> TaskConfig:
    """Read conf/tasks/<name>.yaml; the `ConfigError` of an unknown task names the nearest one."""
    names = task_names(workspace)
    if name not in names:
        raise ConfigError(f"task={name!r} is unknown; {did_you_mean(name, names)}")
    return load_config(TaskConfig, workspace.conf / "tasks" / f"{name}.yaml")
