"""A run as comparison, explorer and registry get it: a task's output and its evaluation."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mlproject.experiment.label_audit import LabelUse
from mlproject.results.evaluation_record import EvaluationOutput, EvaluationRecord
from mlproject.results.record import Record
from mlproject.results.task_output import TaskOutput

__all__ = ["ComparedRun"]


@dataclass(frozen=True)
class ComparedRun:
    """One run among others."""

    name: str  # what it is called among them, once; the task's own name is that of its output
    task: TaskOutput
    evaluation: EvaluationOutput | None = None
    costs: Mapping[str, float] = field(default_factory=dict)  # ``seconds`` and ``memory_mib``, if known

    @property
    def finished(self) -> bool:
        """Whether it has vectors and partitions, and is not merely not applicable."""
        return self.task.finished

    @property
    def evaluated(self) -> EvaluationRecord | None:
        """The record of its evaluation where that has finished."""
        return self.evaluation.record if self.evaluation is not None and self.evaluation.finished else None

    @property
    def audited(self) -> Record:
        """The record that knows most of labels: an evaluation looks further than a run."""
        return self.evaluated or self.task.record  # it permutes the labels, which a run does not

    @property
    def label_use(self) -> LabelUse:
        """Whether its vectors are label-free, as far as is known."""
        return self.audited.label_use
