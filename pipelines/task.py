"""Entry point `main`: train, cluster, score and track one task beside PCA + K-Means.

usage: python -m pipelines.task task=NAME [key=value ...]
       mlflow run . -P task=NAME [-P key=value ...] --env-manager local

Train one task on the corpus that conf/data.yaml names, compare it with PCA + K-Means, track it with MLflow.
"""

from mlproject.workflows.help_texts import task_help
from mlproject.workflows.run_tasks import run_tasks
from mlproject.workspace.paths import Workspace
from pipelines._cli import key_values, run_command, wants_help

DEFAULT_TASK = "medium"


def main(arguments: list[str], workspace: Workspace) -> None:
    """Run one task, or all, each as a new run."""
    if wants_help(arguments):
        print(task_help(workspace, __doc__ or ""))
        return
    changes = key_values(arguments)
    run_tasks(workspace, changes.pop("task", DEFAULT_TASK), changes)


if __name__ == "__main__":
    run_command(main)
