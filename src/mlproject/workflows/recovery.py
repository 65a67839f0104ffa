"""What commands left that were killed, or whose store went away: results get their runs, open runs end, files go."""

import shutil
from pathlib import Path

from mlproject.errors import DamagedFileError, ResultError
from mlproject.files import locked, remove_unfinished
from mlproject.results.evaluation_record import EvaluationOutput
from mlproject.results.task_output import TaskOutput
from mlproject.tracking.abandoned_runs import end_abandoned_runs
from mlproject.tracking.evaluation_runs import log_evaluation
from mlproject.tracking.runs import check_started_run, is_there, open_run
from mlproject.workflows.pending import PendingRun, abandoned_folders
from mlproject.workflows.track_task import track_task
from mlproject.workflows.tracking_session import TrackingSession
from mlproject.workspace.console import log
from mlproject.workspace.environment import isolated_run

__all__ = ["recover"]


def recover(session: TrackingSession) -> None:
    """Finish what earlier commands could not; `StoreError` if the store cannot take it now either."""
    workspace = session.workspace
    check_started_run(session.uri)
    with isolated_run(), locked(workspace.cache / "recovery", log=log):
        for folder in abandoned_folders(workspace):
            _track(session, folder)
        if ended := end_abandoned_runs(session.uri):
            log(f"runs of commands that were killed are called so now: {', '.join(ended)}")
        for folder in (workspace.root / "data", workspace.root / "artifacts", workspace.cache):
            remove_unfinished(folder)


def _track(session: TrackingSession, folder: Path) -> None:
    """Give a result its run: the one that was opened for it, if the store still has that."""
    result, figures = folder / "result", folder / "figures"
    try:
        pending = PendingRun.read(folder)
        output = EvaluationOutput(result) if pending.is_evaluation else TaskOutput(result)
        output.record  # noqa: B018 - reads it, before a run is opened
    except (DamagedFileError, ResultError) as error:
        log(f"artifacts/pending/{folder.name} is no whole result and gets no run ({error}); delete it")
        return
    drawn = figures if figures.exists() else None
    run_id = pending.run_id if is_there(session.uri, pending.run_id) else None
    with open_run(session.uri, pending.title, task=pending.task, run_id=run_id) as run:
        if isinstance(output, EvaluationOutput):
            log_evaluation(run, output, figures=drawn, **pending.logged)
        else:
            track_task(session.workspace, run, pending, output, figures=drawn)
    shutil.rmtree(folder, ignore_errors=True)
    log(f"{pending.title}: its result was kept in artifacts/pending and has its run now")
