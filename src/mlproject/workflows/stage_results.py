"""The results that `dvc repro` has left in artifacts/."""

from mlproject.results.compared_run import ComparedRun
from mlproject.results.evaluation_record import EvaluationOutput
from mlproject.results.task_output import TaskOutput
from mlproject.workspace.paths import Workspace
from mlproject.workspace.task_settings import experiment_config

__all__ = ["stage_results"]


def stage_results(workspace: Workspace) -> list[ComparedRun]:
    """Return what the stages `task` and `evaluate` have left in artifacts/."""
    results = []
    for name in experiment_config(workspace).tasks:
        folder, evaluation = workspace.tasks / name, workspace.evaluations / name
        if (folder / "scores.json").exists():
            evaluated = EvaluationOutput(evaluation) if (evaluation / "evaluation.json").exists() else None
            results.append(ComparedRun(name, TaskOutput(folder), evaluated))
    return results
