"""A run as comparison, explorer and registry get it: a task's output and its evaluation.

Which number stands for a run is decided here and nowhere else: the means of its evaluation, else its own scores.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mlproject.experiment.label_audit import LabelUse
from mlproject.results.evaluation_record import EvaluationOutput, EvaluationRecord
from mlproject.results.record import Record, Scores
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

    @property
    def scores(self) -> Scores:
        """Scores of the primary partition: means over `seeds` where it was evaluated, else those of this one run."""
        return self.task.record.primary_scores if self.evaluated is None else self.evaluated.scores

    @property
    def baseline(self) -> Scores:
        """The same of PCA + K-Means."""
        return self.audited.baseline

    @property
    def seeds(self) -> int:
        """Number of trainings that `scores` are of; 1 where it was not evaluated."""
        return 1 if self.evaluated is None else self.evaluated.seeds

    def beside_chance(self, metric: str) -> tuple[float | None, float | None, float | None]:
        """Return a score, that of PCA + K-Means, and what 97.5 % of random partitions stay below."""
        chance = self.audited.chance
        upper = chance[metric].upper if metric in chance else None
        return self.scores.get(metric), self.baseline.get(metric), upper
