"""A task's result -> its run, its figures and report, and its version of the registered model."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from mlproject.results.compared_run import ComparedRun
from mlproject.results.task_output import TaskOutput
from mlproject.tracking.registry.register import register_task
from mlproject.tracking.runs import TaskRun, artifacts_are_local
from mlproject.tracking.task_runs import log_task
from mlproject.workflows.explorer import REPORT, listening_clips, write_report
from mlproject.workflows.jobs import Job
from mlproject.workflows.tracking_session import TrackingSession

__all__ = ["track_task"]


def track_task(
    session: TrackingSession,
    run: TaskRun,
    job: Job,
    output: TaskOutput,
    *,
    figures: Path | None,  # their folder, where there are any
    measured: Mapping[str, float],  # what the result took; see `mlproject.workflows.measured`
) -> str:
    """Log a task's result in its open run with figures and report, and register it; return the version's number."""
    workspace, origin = session.workspace, session.origin(job, output.folder)
    with tempfile.TemporaryDirectory() as scratch:
        report, shown = Path(scratch) / REPORT, [ComparedRun(job.name, output)]
        clips = listening_clips(workspace, shown) if artifacts_are_local(run) else {}
        files = [report] if write_report(report, shown, title=job.title, clips=clips) else []
        files += [workspace.rejected] if session.rejected else []
        params = session.params(job)
        log_task(run, output, params=params, origin=origin, figures=figures, measured=measured, files=files)
    return register_task(run, output, origin=origin, requirements=workspace.requirements, is_baseline=job.is_baseline)
