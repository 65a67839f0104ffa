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
    """Point the store of a checkout to the folder ``mlruns`` beside it, if that has what the store names elsewhere.

    `log` gets a line then. A store that lies in no checkout may serve several, and stays as it is.
    """
    here = database.parent / FOLDER
    if not (here.is_dir() and (database.parent / "dvc.yaml").exists()):
        return
    with closing(sqlite3.connect(database, timeout=30)) as connection, connection:
        places = [str(place) for (place,) in connection.execute("SELECT artifact_location FROM experiments")]
        for before in {place.rpartition(f"/{FOLDER}/")[0] for place in places if place.startswith("/")} - {""}:
            old = Path(before, FOLDER)
            kept = [place for place in places if (here / place.removeprefix(f"{old}/")).is_dir() and f"{old}/" in place]
            if not kept or (old.exists() and old.samefile(here)):
                continue
            for table, column in PLACES:
                n = len(f"{old}/")
                update = f"UPDATE {table} SET {column} = ? || substr({column}, ?) WHERE substr({column}, 1, ?) = ?"
                connection.execute(update, (f"{here}/", n + 1, n, f"{old}/"))
            log(f"this checkout was moved here from {before}; its earlier runs find their artifacts again")
