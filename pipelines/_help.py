"""The help texts of the commands, made from the configuration itself."""

from __future__ import annotations

from mlproject.parameters import SHORT_NAMES, parameters
from pipelines import _workspace as workspace

__all__ = ["task_help"]


def task_help() -> str:
    """List the tasks, and every key that may be changed with its range and default."""
    evaluation = workspace.evaluation_config()
    short = {path: name for name, path in SHORT_NAMES.items()}
    lines = [
        "usage: python -m pipelines.task task=NAME [key=value ...]",
        "       mlflow run . -P task=NAME [-P key=value ...] --env-manager local",
        "",
        "Train one task on the corpus that conf/data.yaml names, compare it with PCA + K-Means, track it with MLflow.",
        "",
        "tasks (default medium):",
        *(f"  {name:10} {workspace.task_config(name).description}" for name in workspace.task_names()),
        "  all        each of them, as children of one run",
        "",
        "keys (short name or path = default, what it may be, what it is; defaults of model.* are the task's own):",
    ]
    seen: dict[str, str] = {}
    for task in workspace.task_names():
        for parameter in parameters(workspace.task_config(task), evaluation):
            name = f"{short[parameter.path]} or {parameter.path}" if parameter.path in short else parameter.path
            value = f"{list(parameter.default) if isinstance(parameter.default, tuple) else parameter.default}"
            seen[parameter.path] = f"  {name} = {value}\n      {parameter.range}; {parameter.description}"
    lines += seen.values()
    return "\n".join([*lines, "", "Data and features are set in conf/data.yaml and conf/features.yaml."])
