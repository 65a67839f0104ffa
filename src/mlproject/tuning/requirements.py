"""Can a study be carried out at all? Everything that can be known before the first trial."""

from __future__ import annotations

from mlproject.config import StudyConfig, TaskConfig
from mlproject.errors import ConfigError, NotApplicableError
from mlproject.experiment.design_matrix import TaskInputs, build_design, usable_rows
from mlproject.experiment.evaluate_task import check_evaluation
from mlproject.experiment.label_audit import label_sources
from mlproject.experiment.requirements import check_task
from mlproject.tuning.objectives import OBJECTIVES, is_oracle
from mlproject.tuning.study_spec import Plan

__all__ = ["check_common_space", "check_study"]


def check_study(plan: Plan, inputs: TaskInputs) -> None:
    """Check that the corpus and the task allow what a study wants.

    Raises
    ------
    ConfigError
        If the objective is undefined for the task, or a label is in the space that criteria are taken in.
    NotApplicableError
        If the corpus lacks an input that the task names, or genres for an objective that needs them.
    TooFewTracksError
        If there are too few tracks for the task, or for the verdict at the end.
    """
    check_task(plan.task, plan.baseline, plan.evaluation, inputs)
    check_common_space(plan.baseline, inputs)
    _check_objectives(plan.study, plan.task, inputs)
    judged = plan.study.verdict and len(plan.study.objective) == 1 and not is_oracle(plan.study)
    if judged and inputs.genres is not None:
        check_evaluation(plan.task, plan.baseline, plan.evaluation, inputs)


def check_common_space(baseline: TaskConfig, inputs: TaskInputs) -> None:
    """Raise `ConfigError` if the genres have reached the baseline, whose space label-free criteria are taken in."""
    rows = usable_rows(baseline.blocks, inputs)[:2]  # where columns come from does not depend on the tracks
    if sources := label_sources(baseline, build_design(baseline.blocks, inputs, rows)):
        raise ConfigError(
            f"conf/tasks/baseline.yaml has seen the genres ({', '.join(sources)}), and a study's criteria are taken in "
            "its space; let it read audio alone"
        )


def _check_objectives(study: StudyConfig, task: TaskConfig, inputs: TaskInputs) -> None:
    for name in study.objective:
        if OBJECTIVES[name].oracle and inputs.genres is None:
            raise NotApplicableError(f"objective={name} is a score against genres, and the corpus has no labels")
    has_loss = hasattr(task.model, "epochs") and getattr(task.model, "n_encoders", 1) > 0
    if not has_loss and "reconstruction" in study.objective:
        raise ConfigError(f"objective=reconstruction is the loss of a training, and model {task.model.name!r} has none")
    if not has_loss and study.pruner != "none":
        raise ConfigError(
            f"pruner={study.pruner} looks at the loss of a training, and model {task.model.name!r} has none"
        )
