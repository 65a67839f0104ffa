"""Results that this store has no run of, such as those of DVC's cache -> runs and versions like any others."""

import tempfile
from pathlib import Path

from mlproject.files import locked
from mlproject.reporting.evaluation.figures import write_evaluation_figures
from mlproject.reporting.task.figures import write_task_figures
from mlproject.results.evaluation_record import EvaluationOutput
from mlproject.results.hashes import result_hash
from mlproject.results.task_output import TaskOutput
from mlproject.tracking.evaluation_runs import log_evaluation
from mlproject.tracking.runs import log_values, open_run
from mlproject.tracking.search import evaluations_by_config, finished_tasks
from mlproject.workflows.drawing import EVALUATION, TASK, drawing, kept_figures
from mlproject.workflows.inputs import has_features
from mlproject.workflows.jobs import Job, committed_job
from mlproject.workflows.measured import read_measured
from mlproject.workflows.pending import PendingRun
from mlproject.workflows.run_job import ensure_baseline
from mlproject.workflows.stage_results import stage_results
from mlproject.workflows.track_task import track_task
from mlproject.workflows.tracking_session import TrackingSession
from mlproject.workspace.console import log
from mlproject.workspace.dvc import stale_stages
from mlproject.workspace.environment import isolated_run

__all__ = ["import_results"]


def import_results(session: TrackingSession, *, checked: bool = False) -> None:
    """Give results in artifacts/ that this store has no run of their run and version.

    With `checked`, DVC has just made sure that all of them are of the present data, configuration and code.
    """
    results = [result for result in stage_results(session.workspace) if result.finished]
    stages = [stage for result in results for stage in (f"task@{result.name}", f"evaluate@{result.name}")]
    stale = stale_stages(session.workspace, *stages) if stages and not checked else set()
    with isolated_run(), locked(session.workspace.cache / "import", log=log):
        known = {run.tags.get("result") for run in finished_tasks(session.uri)}
        evaluated = evaluations_by_config(session.uri)
        for result in results:
            job = committed_job(session.workspace, result.name)
            if f"task@{job.name}" in stale:
                continue
            if result_hash(result.task.folder) not in known:
                _import_task(session, job, result.task)
            if result.evaluation is None or not result.evaluation.finished or f"evaluate@{job.name}" in stale:
                continue
            if session.config_hash(job.task, job.evaluation) not in evaluated:
                _import_evaluation(session, job, result.evaluation)
        if has_features(session.workspace):
            ensure_baseline(session)
    if names := sorted({stage.split("@")[1] for stage in stale}):
        log(f"artifacts/ has results of other data, configuration or code (dvc repro renews them): {', '.join(names)}")


def _import_task(session: TrackingSession, job: Job, task: TaskOutput) -> None:
    workspace = session.workspace
    with tempfile.TemporaryDirectory() as scratch, open_run(session.uri, job.title, task=job.name) as run:
        figures = kept_figures(workspace.comparison, TASK.format(job.name), task.folder)
        if figures is None and job.evaluation.figures:
            figures = drawing(Path(scratch), lambda folder: write_task_figures(task, folder))
        measured, times = read_measured(workspace, task.folder)
        log_values(run.run_id, tags=times)  # the run itself is of the moment of its import
        pending = PendingRun.of(session, run, job, task.folder, measured=measured)
        version = track_task(workspace, run, pending, task, figures=figures)
    log(f"{job.name}: its result had no run in this store and has one now, version {version}")


def _import_evaluation(session: TrackingSession, job: Job, evaluation: EvaluationOutput) -> None:
    compared = session.workspace.comparison
    with tempfile.TemporaryDirectory() as scratch, open_run(session.uri, f"evaluate {job.name}", task=job.name) as run:
        figures = kept_figures(compared, EVALUATION.format(job.name), evaluation.folder)
        if figures is None and job.evaluation.figures:
            figures = drawing(Path(scratch), lambda folder: write_evaluation_figures(evaluation, folder))
        log_evaluation(run, evaluation, figures=figures, **PendingRun.of(session, run, job).logged)
