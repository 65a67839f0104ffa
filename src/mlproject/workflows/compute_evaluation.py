"""The evaluation of a task on a loaded corpus -> its folder. Nothing is drawn and nothing is tracked here."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from mlproject.experiment.evaluate_task import evaluate_task
from mlproject.results.evaluation_record import EvaluationOutput
from mlproject.results.write_evaluation import write_evaluation
from mlproject.workflows.inputs import LoadedCorpus
from mlproject.workflows.jobs import Job
from mlproject.workspace.console import progress_bar

__all__ = ["compute_evaluation"]


def compute_evaluation(job: Job, corpus: LoadedCorpus, folder: Path) -> EvaluationOutput:
    """Ask what a task is worth, and write the answer into a folder.

    Raises as `evaluate_task`: `NotApplicableError` if the corpus lacks labels or an input that the task names,
    `TooFewTracksError` if the model or the clusterers need more tracks.
    """

    def progress(step: str, count: int) -> Callable[[Iterable[Any]], Iterable[Any]]:
        return progress_bar(f"{job.name}: {step}", count)

    evaluation = evaluate_task(job.task, corpus.baseline, job.evaluation, corpus.inputs, progress=progress)
    return write_evaluation(
        folder, evaluation, job.evaluation, name=job.name, description=job.task.description, corpus=corpus.facts.corpus
    )
