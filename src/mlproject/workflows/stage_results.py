"""The results that `dvc repro` has left in artifacts/."""

from mlproject.errors import OutdatedResultError
from mlproject.results.compared_run import ComparedRun
from mlproject.results.evaluation_record import EvaluationOutput
from mlproject.results.task_output import TaskOutput
from mlproject.workspace.console import log
from mlproject.workspace.paths import Workspace
from mlproject.workspace.task_settings import experiment_config

__all__ = ["stage_results"]


def stage_results(workspace: Workspace) -> list[ComparedRun]:
    """Return what the stages `task` and `evaluate` have left in artifacts/; say what an earlier version has written."""
    results, outdated = list[ComparedRun](), list[str]()
    for name in experiment_config(workspace).tasks:
        task, evaluation = TaskOutput(workspace.tasks / name), EvaluationOutput(workspace.evaluations / name)
        if not (task.folder / "scores.json").exists() or _is_outdated(task, name, outdated):
            continue
        evaluated = (evaluation.folder / "evaluation.json").exists()
        evaluated = evaluated and not _is_outdated(evaluation, f"the evaluation of {name}", outdated)
        results.append(ComparedRun(name, task, evaluation if evaluated else None))
    if outdated:
        names = ", ".join(outdated)
        log(f"skipped, since an earlier version of this project wrote them (dvc repro renews them): {names}")
    return results


def _is_outdated(output: TaskOutput | EvaluationOutput, called: str, outdated: list[str]) -> bool:
    """Whether an earlier version of this project wrote an output; what it is called is added to `outdated` then."""
    try:
        output.finished  # noqa: B018 - reads the record
    except OutdatedResultError:
        outdated.append(called)
        return True
    return False
