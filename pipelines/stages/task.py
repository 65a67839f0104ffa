"""Stage `task@T`: train, cluster and score one task beside PCA + K-Means."""

from datetime import UTC, datetime

from mlproject.errors import NotApplicableError
from mlproject.files import atomic_folder, write_json, write_table
from mlproject.results.task_output import TaskOutput
from mlproject.results.write_task import headline_metrics, loss_table
from mlproject.workflows.compute_task import compute_task
from mlproject.workflows.inputs import load_corpus
from mlproject.workflows.jobs import committed_job, say_lowered
from mlproject.workflows.measured import write_measured
from mlproject.workspace.console import log
from mlproject.workspace.paths import Workspace
from pipelines._cli import run_stage


def main(workspace: Workspace, name: str) -> None:
    """Write artifacts/tasks/<name>/, and what DVC shows of it as metrics and as a plot."""
    job, corpus, started = committed_job(workspace, name), load_corpus(workspace), datetime.now(UTC)
    say_lowered([job])
    with atomic_folder(workspace.tasks / name) as folder:
        try:
            computed = compute_task(workspace, job, corpus, folder)
        except NotApplicableError as error:
            log(f"{name} is not applicable: {error}")
            output = TaskOutput.write_reason(folder, name=name, corpus=corpus.facts.corpus, reason=str(error))
        else:
            output = computed.output
            write_measured(workspace, computed, started=started)
        record = output.not_applicable or output.record
        write_json(workspace.metrics / f"{name}.json", headline_metrics(record))
        write_table(workspace.losses / f"{name}.csv", loss_table(record))
    log("its run and figures come with `dvc repro` or `python -m pipelines.compare`")


if __name__ == "__main__":
    run_stage(main)
