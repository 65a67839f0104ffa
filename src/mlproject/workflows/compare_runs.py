"""Runs of the store side by side: shown, logged as a run, and where the table is whole, settled in the registry."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from mlproject.errors import ConfigError
from mlproject.evaluation.metrics import TESTED
from mlproject.reporting.comparison.comparison import Comparison
from mlproject.reporting.terminal import leaderboard_tables
from mlproject.tracking.runs import TaskRun, artifacts_are_local, finite, log_folder, open_run
from mlproject.workflows.compare_pair import compare_pair
from mlproject.workflows.drawing import write_compared
from mlproject.workflows.explorer import REPORT
from mlproject.workflows.import_results import import_results
from mlproject.workflows.promote import settle
from mlproject.workflows.recovery import recover
from mlproject.workflows.select_runs import Selection, stored_runs
from mlproject.workflows.tracking_session import TrackingSession
from mlproject.workspace.all_settings import check_all_configs
from mlproject.workspace.console import log
from mlproject.workspace.dvc import data_hash
from mlproject.workspace.paths import Workspace
from mlproject.workspace.task_settings import evaluation_config

__all__ = ["compare_present_runs", "compare_runs"]


def compare_runs(workspace: Workspace, named: Sequence[str], values: Mapping[str, str]) -> None:
    """Compare two runs (`named` by name, id, version or alias), or all that a selection takes; see `Selection.read`."""
    check_all_configs(workspace)
    session = TrackingSession.start(workspace)
    recover(session)
    if len(named) == 2:
        with TemporaryDirectory() as scratch:
            compare_pair(session, stored_runs(session.uri, Selection(named=tuple(named)), Path(scratch)))
    else:
        import_results(session)
        _compare(session, Selection.read(workspace, values, named))


def compare_present_runs(session: TrackingSession) -> None:
    """Compare the newest run of each name on the present data."""
    _compare(session, Selection(data=data_hash(session.workspace)))


def _compare(session: TrackingSession, selection: Selection) -> None:
    with TemporaryDirectory() as scratch:
        stored = stored_runs(session.uri, selection, Path(scratch))
        if not stored:
            raise ConfigError(f"there is no finished run of a task {selection}; run one: mlflow run . -P task=medium")
        comparison = Comparison([run.compared for run in stored], evaluation_config(session.workspace))
        for table in leaderboard_tables(comparison.rows):
            Console().print(table, "")
        run = _log(session, comparison)
        if selection.is_whole:
            for line in settle(stored, comparison, run.run_id):
                log(line)
    print(f"run: {run.name!r} in the experiment {run.experiment!r}")
    print(f"tables, figures and {REPORT} are among its artifacts")


def _log(session: TrackingSession, comparison: Comparison) -> TaskRun:
    """Log a comparison as a run of its own, and return that."""
    best = {} if comparison.best is None else comparison.best.scores
    metrics = finite({f"best/{name}": best.get(name) for name in TESTED})
    with open_run(session.uri, "compare", task="compare") as run, TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_compared(session.workspace, comparison, folder, clips=artifacts_are_local(run))
        log_folder(run, folder, kind="comparison", note=comparison.markdown, metrics=metrics)
    return run
