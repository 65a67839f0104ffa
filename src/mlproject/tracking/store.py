"""The tracking store: initialised once, whoever comes first and however many come at the same moment."""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from mlproject.errors import StoreError
from mlproject.files import locked
from mlproject.tracking.ui_views import VIEWS, address, view_tags

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

__all__ = ["EXPERIMENT", "database_uri", "ensure_store", "find_runs", "open_experiment", "store_client"]

EXPERIMENT = "genre-clustering"
SQLITE = "sqlite:///"
NOTE = (
    "Unsupervised music genre clustering. Each run is one task; `ami`, `ari`, `purity` are its K-Means partition's, "
    "`baseline/*` those of PCA + K-Means on the same tracks, `delta/*` the difference. Compare runs by `delta/ami`; "
    "runs tagged `label_use: label-informed` saw the genre and compare with nothing else."
)


def store_client(uri: str | None = None) -> MlflowClient:
    """Return a client of a store, by default the one that MLflow points to; MLflow takes seconds to import."""
    from mlflow import MlflowClient

    return MlflowClient(uri)


def find_runs(client: MlflowClient, experiment: str, query: str, *, oldest_first: bool = False) -> list[Run]:
    """Return all runs of an experiment that a query of MLflow's finds, the newest first."""
    order, token = [f"attributes.start_time {'ASC' if oldest_first else 'DESC'}"], None
    runs: list[Run] = []
    while True:
        page = client.search_runs([experiment], query, order_by=order, max_results=1000, page_token=token)
        runs += list(page)
        token = page.token  # of the next page
        if not token:
            return runs


def ensure_store(root: Path, *, log: Callable[[str], None] = lambda _: None) -> str:
    """Make sure that there is a store with the project's experiment, and return its tracking URI.

    The default is ``mlflow.db`` in the folder `root`; MLFLOW_TRACKING_URI takes precedence. `log` gets a line if a
    broken store is moved away. Raises `StoreError` if the store is there and does not open.
    """
    uri = os.environ.get("MLFLOW_TRACKING_URI") or database_uri(root)
    if uri.startswith(SQLITE):
        database = Path(unquote(uri.removeprefix(SQLITE))).absolute()
        with locked(database):
            _ensure_database(database, log)
        return database_uri(root) if database == root / "mlflow.db" else uri
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")  # MLflow's 7 keep a wrong address waiting for minutes
    open_experiment(uri)
    return uri


def database_uri(root: Path) -> str:
    """Return the address of the store in a folder; `StoreError` for a path that an address cannot hold."""
    if wrong := {"?", "%"} & set(str(root)):
        raise StoreError(
            f"{str(root)!r} has {' and '.join(sorted(wrong))} in it, which mean other things in the address of the "
            "tracking store; rename the folder, or set MLFLOW_TRACKING_URI"
        )
    return f"{SQLITE}{root / 'mlflow.db'}"


def open_experiment(uri: str) -> str:
    """Point MLflow at a store and return the id of the project's experiment there, making it if need be."""
    import mlflow

    mlflow.set_tracking_uri(uri)
    client = mlflow.MlflowClient()
    try:
        experiment = client.get_experiment_by_name(EXPERIMENT)
    except mlflow.MlflowException as error:
        reason = str(error).splitlines()[0]
        raise StoreError(f"the tracking store {uri} does not answer ({reason}); correct MLFLOW_TRACKING_URI") from error
    experiment_id = str(experiment.experiment_id if experiment else client.create_experiment(EXPERIMENT))
    if experiment is None or not view_tags().items() <= experiment.tags.items():  # new, or with older views
        _describe(client, experiment_id)
    return experiment_id


def _ensure_database(database: Path, log: Callable[[str], None]) -> None:
    """Eight processes that open a new SQLite store at once break it: make it under a hidden name and rename it."""
    state = _settled_state(database)
    if state == "busy":
        raise StoreError(f"the tracking store {database} is busy or not readable; end the process that holds it")
    if state == "unfinished":
        broken = database.with_name(f"{database.name}.broken-{os.getpid()}")
        database.rename(broken)
        log(f"the tracking store {database.name} was never finished and holds no run; moved away as {broken.name}")
    if state == "new":  # made by the `mlflow` command itself
        _name_experiment(database)
    if not database.exists():  # missing, or moved away
        new = database.with_name(f".{database.name}.new")
        new.unlink(missing_ok=True)
        _name_experiment(new)
        new.rename(database)


def _settled_state(database: Path) -> str:
    """Wait a little for another process, such as the `mlflow` command, to finish a store that it is making."""
    for _ in range(150):
        state = _state(database)
        if state not in ("unfinished", "busy"):
            return state
        time.sleep(0.2)
    return state


def _state(database: Path) -> str:
    """Return missing, busy, unfinished, ready, or new: MLflow has just made it, and it has no run but ours."""
    if not database.exists():
        return "missing"
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
            tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if not {"experiments", "runs", "alembic_version"} <= tables:
                return "unfinished"
            name = connection.execute("SELECT name FROM experiments WHERE experiment_id = 0").fetchone()
            ours = os.environ.get("MLFLOW_RUN_ID", "")
            others = connection.execute("SELECT count(*) FROM runs WHERE run_uuid != ?", (ours,)).fetchone()[0]
    except sqlite3.OperationalError:
        return "busy"
    except sqlite3.DatabaseError as error:
        raise StoreError(
            f"the tracking store {database} does not open ({error}); restore it, or move it away to start anew"
        ) from error
    if others:
        return "ready"
    if name is None:
        return "unfinished"
    return "new" if name[0] == "Default" else "ready"


def _name_experiment(database: Path) -> None:
    """Give experiment 0 the project's name: `mlflow run` and `python -m` then log to the same one."""
    for chatty in ("mlflow.store", "alembic"):  # a line per migration
        logging.getLogger(chatty).setLevel(logging.WARNING)
    client = store_client(f"{SQLITE}{database}")
    client.rename_experiment("0", EXPERIMENT)
    _describe(client, "0")


def _describe(client: MlflowClient, experiment_id: str) -> None:
    """Write the experiment's note and views, and have the UI open its pages for models, not those for prompts."""
    links = ", ".join(f"[{view}]({address(experiment_id, view, charts=True)})" for view in VIEWS)
    note = {"mlflow.note.content": f"{NOTE}\n\nCharts: {links}.", "mlflow.experimentKind": "custom_model_development"}
    for key, value in (note | view_tags()).items():
        client.set_experiment_tag(experiment_id, key, value)
