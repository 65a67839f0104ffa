"""What one task is worth: evaluated, drawn, tracked as a parent run with its seeds and controls, shown."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from mlproject.errors import ConfigError, NotApplicableError
from mlproject.workflows.jobs import Job, committed_job, fitted, read_job, say_lowered
from mlproject.workflows.up_to_date import bring_features_up_to_date, check_source
from mlproject.workspace.all_settings import check_all_configs
from mlproject.workspace.console import log, progress_bar
from mlproject.workspace.dvc import data_hash
from mlproject.workspace.paths import Workspace
from mlproject.workspace.task_settings import BASELINE

if TYPE_CHECKING:
    from mlproject.workflows.tracking_session import TrackingSession

__all__ = ["run_evaluation"]


def run_evaluation(workspace: Workspace, name: str, changes: Mapping[str, str]) -> None:
    """Evaluate one task as a parent run with its seeds and controls as children.

    `changes` and errors are those of `mlproject.workflows.run_tasks.run_tasks`.
    """
    check_all_configs(workspace)
    if name == "all":
        raise ConfigError("task=all: name one task; dvc repro evaluates all of them")
    job = read_job(workspace, name, changes)
    check_source(workspace, [job])
    from mlproject.workflows.tracking_session import TrackingSession

    session = TrackingSession.start(workspace)
    bring_features_up_to_date(workspace, [job.task])
    from rich.console import Console

    from mlproject.experiment.requirements import check_evaluation
    from mlproject.reporting.evaluation.figures import write_evaluation_figures
    from mlproject.reporting.terminal import evaluation_tables
    from mlproject.tracking.evaluation_runs import log_evaluation
    from mlproject.tracking.runs import open_run, tag_started_run
    from mlproject.workflows.compute_evaluation import compute_evaluation
    from mlproject.workflows.drawing import drawing
    from mlproject.workflows.inputs import load_corpus
    from mlproject.workflows.pending import PendingRun, pending_folder
    from mlproject.workflows.recovery import recover

    recover(session)
    corpus, job = load_corpus(workspace), fitted(workspace, job)
    say_lowered([job, committed_job(workspace, BASELINE)])
    try:
        check_evaluation(job.task, corpus.baseline, job.evaluation, corpus.inputs)
    except NotApplicableError as error:
        log(f"the evaluation of {name} is not applicable: {error}")
        tag_started_run("not applicable", str(error))
        return
    with (
        pending_folder(workspace) as folder,
        open_run(session.uri, f"evaluate {job.title}", task=name) as run,
    ):
        output = compute_evaluation(job, corpus, folder / "result")
        figures = None
        if job.evaluation.figures:
            bar = progress_bar("drawing", unit=" figures")
            figures = drawing(folder / "figures", lambda into: write_evaluation_figures(output, into, progress=bar))
        pending = PendingRun.of(session, run, job)
        pending.write(folder)
        log_evaluation(run, output, figures=figures, **pending.logged)
    _describe_again(session, job)
    for table in evaluation_tables(output):
        Console().print(table)
    print(f"run: {run.name!r} in the experiment {run.experiment!r}; its seeds and controls are children")
    print("figures and tables are among its artifacts; look at them: make ui")


def _describe_again(session: TrackingSession, job: Job) -> None:
    """Let the run of the task show the means over seeds from now on, as everything that is evaluated does."""
    from mlproject.tracking.registry.verdicts import describe_again
    from mlproject.tracking.registry.versions import versions
    from mlproject.workflows.select_runs import Selection, stored_runs

    selection, by_run = Selection(task=job.name, data=data_hash(session.workspace)), {v.run_id: v for v in versions()}
    with TemporaryDirectory() as scratch:
        for stored in stored_runs(session.uri, selection, Path(scratch)):
            if stored.run.name == job.title and stored.run.run_id in by_run:
                describe_again(by_run[stored.run.run_id], stored.compared, {})
