"""The help texts of the commands, made from the configuration itself."""

from __future__ import annotations

from mlproject.config.overrides import SHORT_NAMES, parameters
from pipelines import _workspace as workspace

__all__ = ["evaluate_help", "task_help"]

_TASK_USAGE = (
    "usage: python -m pipelines.task task=NAME [key=value ...]",
    "       mlflow run . -P task=NAME [-P key=value ...] --env-manager local",
    "",
    "Train one task on the corpus that conf/data.yaml names, compare it with PCA + K-Means, track it with MLflow.",
)
_EVALUATE_USAGE = (
    "usage: python -m pipelines.evaluate task=NAME [key=value ...]",
    "       mlflow run . -e evaluate -P task=NAME [-P key=value ...] --env-manager local",
    "",
    "Ask what a task is worth: train it once a seed, draw subsamples of the tracks, run controls, audit it for labels,",
    "and say whether it beats, ties or loses to PCA + K-Means. evaluation.seeds=3 evaluation.subsamples=20 is a quick",
    "look; the defaults are what a claim needs.",
)


def task_help() -> str:
    """List the tasks, and every key that may be changed with its range and default."""
    return "\n".join([*_TASK_USAGE, *_tasks(), "  all        each of them, as children of one run", "", *_keys()])


def evaluate_help() -> str:
    """List the same for the evaluation of a task."""
    return "\n".join([*_EVALUATE_USAGE, *_tasks(), "", *_keys()])


def _tasks() -> list[str]:
    width = max(map(len, workspace.task_names()))
    described = (f"  {name:{width}} {workspace.task_config(name).description}" for name in workspace.task_names())
    return ["", "tasks (default medium):", *described]


def _keys() -> list[str]:
    evaluation = workspace.evaluation_config()
    short = {path: name for name, path in SHORT_NAMES.items()}
    seen: dict[str, str] = {}
    for task in workspace.task_names():
        for parameter in parameters(workspace.task_config(task), evaluation):
            name = f"{short[parameter.path]} or {parameter.path}" if parameter.path in short else parameter.path
            value = f"{list(parameter.default) if isinstance(parameter.default, tuple) else parameter.default}"
            seen[parameter.path] = f"  {name} = {value}\n      {parameter.range}; {parameter.description}"
    head = "keys (short name or path = default, what it may be, what it is; defaults of model.* are the task's own):"
    return [head, *seen.values(), "", "Data and features are set in conf/data.yaml and conf/features.yaml."]
