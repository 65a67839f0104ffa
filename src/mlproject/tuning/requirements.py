"""Can a study be carried out at all? Everything that can be known before the first trial."""

from mlproject.config.tasks import TaskConfig
from mlproject.errors import ConfigError, NotApplicableError
from mlproject.experiment.design_matrix import TaskInputs, build_design, usable_rows
from mlproject.experiment.label_audit import label_sources
from mlproject.experiment.requirements import check_evaluation, check_task
from mlproject.models.factory import encoder_class
from mlproject.tuning.objectives import OBJECTIVES, is_oracle
from mlproject.tuning.study_spec import StudySpec

__all__ = ["check_common_space", "check_study"]


def check_study(spec: StudySpec, inputs: TaskInputs) -> None:
    """Check that the corpus and the task allow what a study wants.

    Raises `ConfigError` if the objective is undefined for the task, or a label is in the space that criteria are taken
    in; as `check_task` and `check_evaluation` if the corpus lacks an input or genres, or has too few tracks.
    """
    check_task(spec.task, spec.baseline, spec.evaluation, inputs)
    check_common_space(spec.baseline, inputs)
    for name in spec.study.objective:
        if OBJECTIVES[name].oracle and inputs.genres is None:
            raise NotApplicableError(f"objective={name} is a score against genres, and the corpus has no labels")
    model = spec.task.model.name
    if "reconstruction" in spec.study.objective and not encoder_class(model).trains:
        raise ConfigError(f"objective=reconstruction is the loss of a training, and model {model!r} has none")
    judged = spec.study.verdict and len(spec.study.objective) == 1 and not is_oracle(spec.study)
    if judged and inputs.genres is not None:
        check_evaluation(spec.task, spec.baseline, spec.evaluation, inputs)


def check_common_space(baseline: TaskConfig, inputs: TaskInputs) -> None:
    """Raise `ConfigError` if the genres have reached the baseline, whose space label-free criteria are taken in."""
    rows = usable_rows(baseline.blocks, inputs)
    if sources := label_sources(baseline, build_design(baseline.blocks, inputs, rows)):
        raise ConfigError(
            f"conf/tasks/baseline.yaml has seen the genres ({', '.join(sources)}), and a study's criteria are taken in "
            "its space; let it read audio alone"
        )
