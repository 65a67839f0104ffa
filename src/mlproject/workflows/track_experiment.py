"""What `dvc repro` has computed -> the store: runs, versions, verdicts, champion; nothing where all of it is there."""

import hashlib
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote

from mlproject.files import recall_json, write_json
from mlproject.workspace.console import log
from mlproject.workspace.paths import Workspace

__all__ = ["track_experiment"]

SQLITE, UNKNOWN = "sqlite:///", "unknown"
HASHED = ("scores.json", "assignments.parquet", "latent.npy", "evaluation.json", "leaderboard.csv")


def track_experiment(workspace: Workspace) -> None:
    """Give every result that the store has no run of its run, figures, report and version, then compare all runs.

    A stamp under .cache says that this was done for the same results and the same store. It is looked at before MLflow
    is imported, which takes seconds.
    """
    stamp, now = workspace.cache / "tracked.json", _stamp(workspace)
    if recall_json(stamp) == now and now["store"] != UNKNOWN:
        log("every result has its run")
        return
    from mlproject.workflows.compare_runs import compare_present_runs
    from mlproject.workflows.import_results import import_results
    from mlproject.workflows.recovery import recover
    from mlproject.workflows.tracking_session import TrackingSession

    session = TrackingSession.start(workspace)
    recover(session)
    import_results(session, checked=True)
    compare_present_runs(session)
    write_json(stamp, _stamp(workspace))


def _stamp(workspace: Workspace) -> dict[str, str]:
    """Say which results would be tracked in which store."""
    digest = hashlib.sha256()
    folders = (workspace.tasks, workspace.evaluations, workspace.comparison)
    for path in sorted(file for folder in folders for file in folder.rglob("*") if file.name in HASHED):
        digest.update(path.relative_to(workspace.root).as_posix().encode() + path.read_bytes())
    return {"results": digest.hexdigest(), "store": _store(workspace)}


def _store(workspace: Workspace) -> str:
    """Say which store it is and how many runs it has; a store that only a server knows is ``unknown``.

    The moment that its experiment was made tells a database from one that was deleted and made anew.
    """
    uri = os.environ.get("MLFLOW_TRACKING_URI") or f"{SQLITE}{workspace.root / 'mlflow.db'}"
    database = workspace.root / Path(unquote(uri.removeprefix(SQLITE)))
    if not uri.startswith(SQLITE) or not database.exists():
        return UNKNOWN
    query = "SELECT MIN(creation_time), (SELECT COUNT(*) FROM runs WHERE lifecycle_stage = 'active') FROM experiments"
    try:
        with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            made_at, n_runs = connection.execute(query).fetchone()
    except sqlite3.Error:  # MLflow, which is asked next, says what is wrong with it
        return UNKNOWN
    return f"made at {made_at}, {n_runs} runs"
