"""The help texts of the commands, made from the configuration itself."""

from mlproject.config.overrides import SHORT_NAMES, parameters
from mlproject.workspace.paths import Workspace
from mlproject.workspace.task_settings import evaluation_config, task_config, task_names

__all__ = ["task_help"]


def task_help(workspace: Workspace, usage: str, *, has_all: bool = True) -> str:
    """List the tasks, and every key that may be changed with its range and default.

    `usage` says how the command is called and what it does, `has_all` whether it takes ``all`` for a task.
    """
    evaluation = evaluation_config(workspace)
    tasks = {name: task_config(workspace, name) for name in task_names(workspace)}
    width = max(map(len, tasks))
    listed = [f"  {name:{width}} {task.description}" for name, task in tasks.items()]
    listed += [f"  {'all':{width}} each of them, as children of one run"] if has_all else []
    short = {path: name for name, path in SHORT_NAMES.items()}
    keys: dict[str, str] = {}
    for task in tasks.values():
        for parameter in parameters(task, evaluation):
            name = f"{short[parameter.path]} or {parameter.path}" if parameter.path in short else parameter.path
            value = f"{list(parameter.default) if isinstance(parameter.default, tuple) else parameter.default}"
            keys[parameter.path] = f"  {name} = {value}\n      {parameter.range}; {parameter.description}"
    head = "keys (short name or path = default, what it may be, what it is; defaults of model.* are the task's own):"
    end = "Data and features are set in conf/data.yaml and conf/features.yaml."
    return "\n".join([usage.strip(), "", "tasks (default medium):", *listed, "", head, *keys.values(), "", end])
