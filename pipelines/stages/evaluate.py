"""Stage `evaluate@T`: seeds, subsamples, controls, audit and the verdict on one task."""

from mlproject.errors import NotApplicableError
from mlproject.files import atomic_folder
from mlproject.results.evaluation_record import EvaluationOutput
from mlproject.workflows.compute_evaluation import compute_evaluation
from mlproject.workflows.inputs import load_corpus
from mlproject.workflows.jobs import committed_job, say_lowered
from mlproject.workspace.console import log
from mlproject.workspace.paths import Workspace
from pipelines._cli import run_stage


def main(workspace: Workspace, name: str) -> None:
    """Write artifacts/evaluation/<name>/."""
    job, corpus = committed_job(workspace, name), load_corpus(workspace)
    say_lowered([job])
    with atomic_folder(workspace.evaluations / name) as folder:
        try:
            compute_evaluation(job, corpus, folder)
        except NotApplicableError as error:
            log(f"the evaluation of {name} is not applicable: {error}")
            EvaluationOutput.write_reason(folder, name=name, corpus=corpus.facts.corpus, reason=str(error))


if __name__ == "__main__":
    run_stage(main)
