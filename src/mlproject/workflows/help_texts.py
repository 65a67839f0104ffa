"""The help texts of the commands, made from the configuration itself."""

from mlproject.config.overrides import SHORT_NAMES, parameters
from mlproject.workspace.paths import Workspace
from mlproject.workspace.task_settings import evaluation_config, task_config, task_names

__all__ = ["task_help"]


def task_help(workspace: Workspace, usage: str, *, has_all: bool = True) -> str:
    """List the tasks, and every key that may be changed with its range and default.

    Parameters
    ----------
    usage : str
        How the command is called and what it does.
    has_all : bool, default=True
        Whether the command takes ``all`` for a task.
    """
    names = task_names(workspace)
    width = max(map(len, names))
    tasks = [f"  {name:{width}} {task_config(workspace, name).description}" for name in names]
    tasks += [f"  {'all':{width}} each of them, as children of one run"] if has_all else []
    return "\n".join([usage.strip(), "", "tasks (default medium):", *tasks, "", *_keys(workspace)])


def _keys(workspace: Workspace) -> list[str]:
    evaluation = evaluation_config(workspace)
    short = {path: name for name, path in SHORT_NAMES.items()}
    lines: dict[str, str] = {}
    for task in task_names(workspace):
        for parameter in parameters(task_config(workspace, task), evaluation):
            name = f"{short[parameter.path]} or {parameter.path}" if parameter.path in short else parameter.path
            value = f"{list(parameter.default) if isinstance(parameter.default, tuple) else parameter.default}"
            lines[parameter.path] = f"  {name} = {value}\n      {parameter.range}; {parameter.description}"
    head = "keys (short name or path = default, what it may be, what it is; defaults of model.* are the task's own):"
    return [head, *lines.values(), "", "Data and features are set in conf/data.yaml and conf/features.yaml."]
