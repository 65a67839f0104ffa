"""Entry point `evaluate`: seeds, subsamples, controls, audit and the verdict on one task.

usage: python -m pipelines.evaluate task=NAME [key=value ...]
       mlflow run . -e evaluate -P task=NAME [-P key=value ...] --env-manager local

Ask what a task is worth: train it once per seed, draw subsamples of the tracks, run controls, audit it for labels, and
give a verdict against PCA + K-Means.
"""

from mlproject.workflows.help_texts import task_help
from mlproject.workflows.run_evaluation import run_evaluation
from mlproject.workspace.paths import Workspace
from pipelines._cli import key_values, run_command, wants_help

DEFAULT_TASK = "medium"


def main(arguments: list[str], workspace: Workspace) -> None:
    """Evaluate one task as a parent run with its seeds and controls as children."""
    if wants_help(arguments):
        print(task_help(workspace, __doc__ or "", has_all=False))
        return
    changes = key_values(arguments)
    run_evaluation(workspace, changes.pop("task", DEFAULT_TASK), changes)


if __name__ == "__main__":
    run_command(main)
