"""One job on a loaded corpus as a run of the store: computed, drawn, tracked, registered, shown."""

from pathlib import Path

from rich.console import Console

from mlproject.experiment.requirements import baseline_task
from mlproject.files import locked
from mlproject.reporting.task.figures import write_task_figures
from mlproject.reporting.terminal import task_table
from mlproject.results.task_output import TaskOutput
from mlproject.tracking.registry.versions import point_baseline
from mlproject.tracking.runs import artifacts_are_local, open_run
from mlproject.tracking.search import files_of
from mlproject.workflows.compute_task import compute_task
from mlproject.workflows.drawing import drawing
from mlproject.workflows.explorer import REPORT
from mlproject.workflows.inputs import LoadedCorpus, load_corpus
from mlproject.workflows.jobs import Job, committed_job, fitted
from mlproject.workflows.pending import PendingRun, pending_folder
from mlproject.workflows.track_task import track_task
from mlproject.workflows.tracking_session import TrackingSession
from mlproject.workspace.console import log, progress_bar
from mlproject.workspace.dvc import data_hash
from mlproject.workspace.environment import isolated_run
from mlproject.workspace.task_settings import BASELINE, evaluation_config, task_config

__all__ = ["ensure_baseline", "run_job"]


def run_job(
    session: TrackingSession, job: Job, corpus: LoadedCorpus, *, nested: bool = False, shown: bool = True
) -> TaskOutput:
    """Run one job, whose inputs the corpus has, as a new run; with `nested`, as a child of the one that is open.

    With `shown` its scores are printed. Of the output that is returned the record is loaded; the files are gone, since
    the run has them.
    """
    with (
        pending_folder(session.workspace) as folder,  # the outer one: a run that cannot be ended is not over either
        open_run(session.uri, job.title, task=job.name, nested=nested) as run,
    ):
        drawn = job.evaluation.figures
        computed = compute_task(session.workspace, job, corpus, folder / "result", projections=drawn)
        output, figures = computed.output, None
        if drawn:
            bar = progress_bar("drawing", unit=" figures")
            figures = drawing(folder / "figures", lambda into: write_task_figures(output, into, progress=bar))
        pending = PendingRun.of(session, run, job, output.folder, measured=computed.measured)
        pending.write(folder)
        version = track_task(session.workspace, run, pending, output, figures=figures)
    if not shown:
        return output
    Console().print(task_table(output))
    print(f"run: {run.name!r} in the experiment {run.experiment!r}, version {version} of the model")
    if artifacts_are_local(run):
        print(f"open: {files_of(run.run_id, [REPORT], Path()) / REPORT}")
    return output


def ensure_baseline(session: TrackingSession, corpus: LoadedCorpus | None = None) -> None:
    """Let the alias `baseline` point to PCA + K-Means on the present data, running it first if need be.

    A corpus that is not given is loaded then.
    """
    workspace, evaluation = session.workspace, committed_job(session.workspace, BASELINE).evaluation
    with locked(workspace.cache / "baseline", log=log):
        if not point_baseline(session.uri, data_hash(workspace), session.baseline_hash(evaluation)):
            log("no baseline on these data yet: running PCA + K-Means first")
            corpus = corpus or load_corpus(workspace)
            task = baseline_task(task_config(workspace, BASELINE), corpus.inputs)
            asked = Job(BASELINE, task, evaluation_config(workspace))
            with isolated_run():
                run_job(session, fitted(workspace, asked), corpus, shown=False)
