"""A result -> its run, its figures and report, and its version of the registered model."""

import tempfile
from pathlib import Path

from mlproject.results.compared_run import ComparedRun
from mlproject.results.task_output import TaskOutput
from mlproject.tracking.registry.register import register_task
from mlproject.tracking.runs import TaskRun, artifacts_are_local
from mlproject.tracking.task_runs import log_task
from mlproject.workflows.explorer import REPORT, listening_clips, write_report
from mlproject.workflows.pending import PendingRun
from mlproject.workspace.paths import Workspace

__all__ = ["track_task"]


def track_task(
    workspace: Workspace,
    run: TaskRun,
    pending: PendingRun,
    output: TaskOutput,
    *,
    figures: Path | None,  # their folder, where there are any
) -> str:
    """Log a task's result in its open run with figures and report, and register it; return the version's number."""
    origin = pending.origin
    with tempfile.TemporaryDirectory() as scratch:
        report, shown = Path(scratch) / REPORT, [ComparedRun(pending.task, output)]
        clips = listening_clips(workspace, shown) if artifacts_are_local(run) else {}
        files = [report] if write_report(report, shown, title=pending.title, clips=clips) else []
        files += [workspace.rejected] if origin.rejected else []
        log_task(run, output, figures=figures, measured=pending.measured, files=files, **pending.logged)
    return register_task(
        run, output, origin=origin, requirements=workspace.requirements, is_baseline=pending.is_baseline
    )
