"""What commands left that were killed, or whose store went away: results get their runs, open runs end, files go."""

from pathlib import Path

from mlproject.errors import DamagedFileError, ResultError
from mlproject.files import locked, remove_unfinished
from mlproject.results.evaluation_record import EvaluationOutput
from mlproject.results.task_output import TaskOutput
from mlproject.tracking.abandoned_runs import end_abandoned_runs
from mlproject.tracking.evaluation_runs import log_evaluation
from mlproject.tracking.runs import check_started_run, open_run
from mlproject.tracking.store import find_runs, open_experiment, store_client
from mlproject.workflows.pending import PendingRun, abandoned_folders, remove
from mlproject.workflows.track_task import track_task
from mlproject.workflows.tracking_session import TrackingSession
from mlproject.workspace.console import log
from mlproject.workspace.environment import isolated_run

__all__ = ["recover"]


def recover(session: TrackingSession) -> None:
    """Finish what earlier commands could not; `StoreError` if the store cannot take it now either."""
    workspace = session.workspace
    check_started_run(session.uri)
    with isolated_run(), locked(workspace.cache / "recovery"):
        for folder in abandoned_folders(workspace):
            _track(session, folder)
        if ended := end_abandoned_runs(session.uri):
            log(f"runs of commands that were killed are called so now: {', '.join(ended)}")
        for folder in (workspace.root / "data", workspace.root / "artifacts", workspace.cache):
            remove_unfinished(folder)


def _track(session: TrackingSession, folder: Path) -> None:
    """Give a result its run: the one that was opened for it, if the store has that, which is its folder's name."""
    try:
        pending = PendingRun.read(folder)
        result, figures = folder / "result", folder / "figures"
        drawn = figures if figures.exists() else None
        known = find_runs(store_client(), open_experiment(session.uri), f"attributes.run_id = '{folder.name}'")
        run_id = folder.name if known else None
        with open_run(session.uri, pending.title, task=pending.task, run_id=run_id) as run:
            if pending.is_evaluation:
                log_evaluation(run, EvaluationOutput(result), figures=drawn, **pending.logged)
            else:
                track_task(session.workspace, run, pending, TaskOutput(result), figures=drawn)
    except (DamagedFileError, ResultError) as error:
        log(f"artifacts/pending/{folder.name} is no whole result and gets no run: {error}")
        return
    remove(folder)
    log(f"{pending.title}: its result was kept in artifacts/pending and has its run now")
