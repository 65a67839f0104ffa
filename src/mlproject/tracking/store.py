"""The tracking store: initialised once, whoever comes first and however many come at the same moment."""

from __future__ import annotations

import logging
import os
import re
import sqlite3
import time
from collections.abc import Callable
from contextlib import chdir, closing
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from mlproject.errors import StoreError
from mlproject.files import locked
from mlproject.passwords import hide_passwords
from mlproject.tracking.moved_checkout import follow_checkout
from mlproject.tracking.store_failures import translated
from mlproject.tracking.ui_views import VIEWS, address, view_tags

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

__all__ = ["EXPERIMENT", "RETRIES", "database_uri", "ensure_store", "find_runs", "open_experiment", "store_client"]

EXPERIMENT = "genre-clustering"
RETRIES = "MLFLOW_HTTP_REQUEST_MAX_RETRIES"  # of a request that a server does not answer, at growing intervals
SQLITE = "sqlite:///"
PATIENCE, CONNECT_TIMEOUT = 30.0, 10  # s: for a locked database, for a server
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
    broken store is moved away. Raises `StoreError` if the store is there and does not serve.
    """
    uri = os.environ.get("MLFLOW_TRACKING_URI", "").strip() or database_uri(root)
    if uri.startswith(SQLITE):
        database = Path(unquote(uri.removeprefix(SQLITE))).absolute()
        with locked(database):
            _ensure_database(database, log)
        own = database_uri(root)
        return own if own == f"{SQLITE}{database}" else uri
    if uri.startswith("sqlite:"):
        raise StoreError(
            f"MLFLOW_TRACKING_URI={uri} keeps runs in memory, where they end with the command; give {SQLITE}PATH"
        )
    os.environ.setdefault(RETRIES, "4")  # half a minute; MLflow's own 7 keep a wrong address waiting for minutes
    _say_retries(log)
    _connect_once(uri)
    open_experiment(uri)
    return uri


def database_uri(root: Path) -> str:
    """Return the address of the store of a checkout; `StoreError` for a path that an address cannot hold.

    An experiment that DVC runs in a clone below ``.dvc/tmp/exps`` uses the store of the checkout around it.
    """
    around = (parent.parents[2] for parent in root.parents if parent.parts[-3:] == (".dvc", "tmp", "exps"))
    root = next(around, root)
    if wrong := {"?", "%"} & set(str(root)):
        raise StoreError(
            f"{str(root)!r} has {' and '.join(sorted(wrong))} in it, which the address of the tracking store cannot "
            "hold; rename the folder, or set MLFLOW_TRACKING_URI"
        )
    return f"{SQLITE}{root / 'mlflow.db'}"


def open_experiment(uri: str) -> str:
    """Point MLflow at a store and return the id of the project's experiment there, making it if need be.

    Raises `StoreError` if the store does not serve, or the experiment was deleted.
    """
    import mlflow

    with translated(uri):
        mlflow.set_tracking_uri(uri)
        client = mlflow.MlflowClient()
        experiment = client.get_experiment_by_name(EXPERIMENT)
        if experiment is not None and experiment.lifecycle_stage == "deleted":
            raise StoreError(
                f"the experiment {EXPERIMENT!r} of the tracking store was deleted; restore it with its runs: "
                f"MLFLOW_TRACKING_URI='{hide_passwords(uri)}' mlflow experiments restore "
                f"--experiment-id {experiment.experiment_id}"
            )
        experiment_id = str(experiment.experiment_id) if experiment else _create_experiment(client)
        if experiment is None or not view_tags().items() <= experiment.tags.items():  # new, or with older views
            _describe(client, experiment_id)
    return experiment_id


def _create_experiment(client: MlflowClient) -> str:
    """Make the project's experiment, which another command may do at the same moment."""
    from mlflow.exceptions import MlflowException

    try:
        return str(client.create_experiment(EXPERIMENT))
    except MlflowException:
        made = client.get_experiment_by_name(EXPERIMENT)
        if made is None:
            raise
        return str(made.experiment_id)


def _say_retries(log: Callable[[str], None]) -> None:
    """Say once why a request waits: urllib3 tells its log alone, a line for each attempt."""
    logger, handler, told = logging.getLogger("urllib3.connectionpool"), logging.Handler(), set[str]()

    def tell(_: logging.LogRecord) -> None:
        if not told:
            log("the tracking server does not answer; trying again for half a minute")
        told.add("once")

    handler.handle = tell  # type: ignore[method-assign, assignment]
    logger.handlers, logger.propagate = [handler], False


def _connect_once(uri: str) -> None:
    """Connect to a database server: MLflow would try ten times, for minutes, before it says that there is none."""
    if not re.match(r"(postgresql|mysql|mssql)\b", uri):
        return
    import sqlalchemy

    with translated(uri):
        timeout = {} if uri.startswith("mssql") else {"connect_timeout": CONNECT_TIMEOUT}
        try:
            sqlalchemy.create_engine(uri, connect_args=timeout).connect().close()
        except ValueError:  # which repeats a part of the address
            raise StoreError(f"MLFLOW_TRACKING_URI={hide_passwords(uri)} is no address; quote : / @ in it") from None


def _ensure_database(database: Path, log: Callable[[str], None]) -> None:
    """Eight processes that open a new SQLite store at once break it: make it under a hidden name and rename it."""
    state = _settled_state(database, log)
    if state == "busy":
        raise StoreError(
            f"the tracking store {database} is held by another process, or not readable, since {PATIENCE:g} s; "
            "end that process and run the same command again"
        )
    if state == "unfinished":
        broken = database.with_name(f"{database.name}.broken-{os.getpid()}")
        database.rename(broken)
        log(f"the tracking store {database.name} was never finished and holds no run; moved away as {broken.name}")
    if state == "new":  # made by the `mlflow` command itself
        _name_experiment(database)
    if state == "ready":
        with translated(f"{SQLITE}{database}"):
            follow_checkout(database, log)
    if not database.exists():  # missing, or moved away
        new = database.with_name(f".{database.name}.new")
        new.unlink(missing_ok=True)
        _name_experiment(new)
        new.rename(database)


def _settled_state(database: Path, log: Callable[[str], None]) -> str:
    """Wait a little for another process, such as the `mlflow` command, to finish a store that it is making."""
    end, told = time.monotonic() + PATIENCE, False
    while (state := _state(database)) in ("unfinished", "busy") and time.monotonic() < end:
        if state == "busy" and not told:
            log(f"another process holds the tracking store; waiting up to {PATIENCE:g} s for it")
            told = True
        time.sleep(0.2)
    return state


def _state(database: Path) -> str:
    """Return missing, busy, unfinished, ready, or new: MLflow has just made it, and it has no run but ours."""
    if not database.exists():
        return "missing"
    if not database.is_file():
        raise StoreError(f"the tracking store {database} is no file; move it away, or set MLFLOW_TRACKING_URI")
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=0.2)) as connection:
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
    # MLflow puts artifacts below the present folder, which may be another one.
    with translated(f"{SQLITE}{database}"), chdir(database.parent):
        client = store_client(f"{SQLITE}{database}")
        client.rename_experiment("0", EXPERIMENT)
        _describe(client, "0")


def _describe(client: MlflowClient, experiment_id: str) -> None:
    """Write the experiment's note and views, and have the UI open its pages for models, not those for prompts."""
    links = ", ".join(f"[{view}]({address(experiment_id, view, charts=True)})" for view in VIEWS)
    note = {"mlflow.note.content": f"{NOTE}\n\nCharts: {links}.", "mlflow.experimentKind": "custom_model_development"}
    for key, value in (note | view_tags()).items():
        client.set_experiment_tag(experiment_id, key, value)
