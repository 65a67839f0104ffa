"""A checkout that was renamed, moved or copied: its store is told where the artifacts of earlier runs lie now."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

__all__ = ["follow_checkout"]

FOLDER = "mlruns"
# Where MLflow keeps absolute paths of artifacts: table, column.
PLACES = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "storage_location"),
    ("model_versions", "source"),
)


def follow_checkout(database: Path, log: Callable[[str], None]) -> None:
    """Point a SQLite store to the folder ``mlruns`` beside it, where it names one elsewhere; `log` gets a line then."""
    here = database.parent / FOLDER
    with closing(sqlite3.connect(database, timeout=30)) as connection, connection:
        found = connection.execute(
            f"SELECT artifact_location FROM experiments WHERE artifact_location LIKE '/%/{FOLDER}/%'"
        )
        elsewhere = {Path(place.rpartition(f"/{FOLDER}/")[0], FOLDER) for (place,) in found} - {here}
        if not elsewhere or not here.is_dir():
            return
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for before in elsewhere:
            for table, column in PLACES:
                if table in tables:
                    replaced = (
                        f"UPDATE {table} SET {column} = ? || substr({column}, ?) WHERE substr({column}, 1, ?) = ?"
                    )
                    length = len(f"{before}/")
                    connection.execute(replaced, (f"{here}/", length + 1, length, f"{before}/"))
    log(f"this checkout was moved here from {elsewhere.pop().parent}; its earlier runs find their artifacts again")
