"""What MLflow, its database and the network raise where a store is in a bad state -> one line that says the mend."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mlproject.errors import StoreError
from mlproject.passwords import has_password, hide_passwords

__all__ = ["failed_store", "store_failures", "translated"]

# Words of a message -> what to do; the first that fits counts.
MENDS = {
    "database is locked": "another process holds it; end that one, or wait, and run the same command again",
    "no space left|disk is full|file too large|disk I/O error": "its disk is full; make room, and run it again",
    "readonly database|permission denied": "it cannot be written; make it writable, or set MLFLOW_TRACKING_URI",
    "malformed|not a database": "it is damaged; restore it, or move it away to start anew",
    "filesystem tracking backend": "MLflow keeps runs in a database now, no longer in a folder: unset "
    "MLFLOW_TRACKING_URI, or set it to sqlite:///PATH (mlflow migrate-filestore takes old runs there)",
    "unsupported URI|unsupported scheme": "MLflow knows no such address; unset MLFLOW_TRACKING_URI, or set it to "
    "sqlite:///PATH, postgresql://... or http://...",
    "load plugin|No module named": "the driver of this database is missing; install it, or correct MLFLOW_TRACKING_URI",
    r"Run (with id=|'?)\w* ?'?(not found|must be in)": "the run is not there any more, or has ended; unset "
    "MLFLOW_RUN_ID if it is set, and run the same command again",
    "authentication|credential|unauthorized|forbidden": "it refused the user; correct the name, password or address",
}


def store_failures() -> tuple[type[Exception], ...]:
    """Return the types of errors that a store in a bad state causes; MLflow has to be imported by now."""
    import requests
    import sqlalchemy.exc
    from mlflow.exceptions import MlflowException

    return (MlflowException, sqlalchemy.exc.SQLAlchemyError, sqlite3.Error, requests.RequestException)


def failed_store(error: Exception, uri: str | None = None) -> StoreError:
    """Say in one line what is wrong with a store, by default the one that MLFLOW_TRACKING_URI names, and the mend."""
    uri = uri or os.environ.get("MLFLOW_TRACKING_URI") or "mlflow.db"
    text = " ".join(str(getattr(error, "orig", None) or error).split())
    mend = next((mend for words, mend in MENDS.items() if re.search(words, text, re.IGNORECASE)), "")
    if getattr(error, "error_code", "") == "INVALID_PARAMETER_VALUE" and not mend:
        raise error  # what we asked was wrong, not the store
    if schema := re.search(r"out-of-date database schema \(found version (\w+)", text):
        reason, mend = f"its schema is {schema[1]}", _schema_mend(schema[1], uri)
    else:
        system = re.findall(r"\[Errno -?\d+\] ([\w ]+)", text)  # what requests hides in five layers
        reason = system[-1] if system else re.split(r"(?<=\w)\. | \(Background on|\[SQL", text)[0].strip()[:300]
        mend = mend or "start it, or correct MLFLOW_TRACKING_URI"
    return StoreError(hide_passwords(f"the tracking store {uri} does not serve ({reason}): {mend}"))


def _schema_mend(version: str, uri: str) -> str:
    """Tell an older schema, which can be migrated, from a newer one, by the migrations that this MLflow has."""
    import mlflow.store
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    try:
        ScriptDirectory(str(Path(mlflow.store.__file__).parent / "db_migrations")).get_revision(version)
    except CommandError:
        return f"a newer MLflow than {mlflow.__version__} wrote it; use that one, or set MLFLOW_TRACKING_URI to another"
    address = "$MLFLOW_TRACKING_URI" if has_password(uri) else uri
    return f'an older MLflow wrote it; make a copy of it, then run: mlflow db upgrade "{address}"'


@contextmanager
def translated(uri: str) -> Iterator[None]:
    """Turn what a store in a bad state raises into a `StoreError`."""
    try:
        yield
    except Exception as error:
        if isinstance(error, (ModuleNotFoundError, *store_failures())):
            raise failed_store(error, uri) from error
        raise
