"""Array, table, JSON or text <-> file: the one place that opens files to write.

`atomic_folder` builds a whole folder under a hidden name and renames it into place under a lock. An interrupted stage
leaves either the old folder or the new one. The `write_*` functions do the same for single files, `appending` for a
table whose rows come one by one.
"""

import csv
import hashlib
import json
import os
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout

from mlproject.errors import DamagedFileError

__all__ = [
    "appending",
    "atomic_folder",
    "locked",
    "read_arrays",
    "read_json",
    "recall_json",
    "remove_unfinished",
    "write_array",
    "write_arrays",
    "write_by_content",
    "write_bytes",
    "write_figure",
    "write_json",
    "write_table",
    "write_text",
]

FORMULA = ("=", "+", "-", "@", "\t", "\r")
UNFINISHED = ".unfinished-"  # before the id of the process that writes
ROW_GROUP = 1000  # rows of a parquet file that are written at once


@contextmanager
def locked(path: Path, *, log: Callable[[str], None] | None = None) -> Iterator[None]:
    """Hold an exclusive lock beside `path`, the hidden file ``.<name>.lock``, waiting for it as long as it takes.

    The operating system frees it when its holder dies, however that happens. `log` is called once, with a line for the
    user, if there is something to wait for.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path.parent / f".{path.name}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        if log:
            log(f"another process is working on {path.name}; waiting for it to finish")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def atomic_folder(folder: Path) -> Iterator[Path]:
    """Build `folder` under a hidden name, an empty folder on the same file system, and rename it into place.

    What `folder` holds now stays readable until the block ends without an error. What an interrupted earlier build left
    under the hidden name is removed.
    """
    with locked(folder):
        new, old = (folder.parent / f".{folder.name}.{part}" for part in ("new", "old"))
        if old.exists() and not folder.exists():  # killed between the two renames below
            old.rename(folder)
        for leftover in (new, old):
            shutil.rmtree(leftover, ignore_errors=True)
        new.mkdir(parents=True)
        try:
            yield new
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            raise
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
        shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _unfinished(path: Path) -> Iterator[Path]:
    """Yield a path beside `path` that is renamed to it when the block ends without an error, and gone otherwise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.parent / f"{UNFINISHED}{os.getpid()}.{path.name}"
    try:
        yield unfinished
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def remove_unfinished(folder: Path) -> None:
    """Remove what processes that were killed had begun to write below a folder."""
    for place, _, names in os.walk(folder):
        _remove_left(Path(place, name) for name in names if name.startswith(UNFINISHED))


def _remove_left(paths: Iterable[Path]) -> None:
    from psutil import pid_exists

    for path in paths:
        if not pid_exists(int(path.name.removeprefix(UNFINISHED).partition(".")[0])):
            path.unlink(missing_ok=True)


@contextmanager
def appending(path: Path, columns: Mapping[str, str]) -> Iterator[Callable[[Sequence[Any]], object]]:
    """Write a table row by row, however many there are; `path` is there when the block ends without an error.

    A .csv gets rows as they come, a .parquet in groups of 1,000. `columns` names pandas' type of each, such as
    ``Int64``.
    """
    _remove_left(path.parent.glob(f"{UNFINISHED}*.{path.name}"))
    with _unfinished(path) as unfinished:
        if path.suffix == ".csv":
            # Line by line, so that a reader of an unfinished table sees whole rows.
            with unfinished.open("w", buffering=1, encoding="utf-8", errors="surrogateescape", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(columns)
                yield lambda row: writer.writerow([as_text(cell) for cell in row])
        else:
            with _row_groups(unfinished, columns) as append:
                yield append


@contextmanager
def _row_groups(path: Path, columns: Mapping[str, str]) -> Iterator[Callable[[Sequence[Any]], object]]:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows: list[Sequence[Any]] = []

    def table() -> Any:
        return pa.Table.from_pandas(pd.DataFrame(rows, columns=list(columns)).astype(columns), preserve_index=False)

    with pq.ParquetWriter(path, table().schema) as writer:

        def append(row: Sequence[Any]) -> None:
            rows.append(row)
            if len(rows) == ROW_GROUP:
                flush()

        def flush() -> None:
            writer.write_table(table())
            rows.clear()

        yield append
        if rows:
            flush()


def write_bytes(path: Path, content: bytes) -> None:
    """Write bytes atomically."""
    with _unfinished(path) as unfinished:
        unfinished.write_bytes(content)


def write_by_content(folder: Path, pieces: Iterable[bytes], *, suffix: str) -> tuple[Path, str]:
    """Write a file piece by piece, named after the first 16 digits of its SHA-256; return its path and the SHA-256."""
    digest = hashlib.sha256()
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f"{UNFINISHED}{os.getpid()}.file"
    try:
        with unfinished.open("wb") as file:
            for piece in pieces:
                digest.update(piece)
                file.write(piece)
        path = folder / (digest.hexdigest()[:16] + suffix)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path, digest.hexdigest()


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text atomically."""
    write_bytes(path, text.encode())


def write_json(path: Path, value: Mapping[str, object]) -> None:
    """Write JSON atomically, keys in their order; NaN is refused, an undefined score is None."""
    write_text(path, json.dumps(value, indent=2, allow_nan=False) + "\n")


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object; `DamagedFileError` if the file is missing or holds anything else."""
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise DamagedFileError.of(path, error) from error
    if not isinstance(value, dict):
        raise DamagedFileError.of(path, f"it holds a {type(value).__name__}, not a JSON object")
    return value


def recall_json(path: Path) -> dict[str, Any]:
    """Read a JSON object that can be made again: empty where the file is missing or damaged."""
    try:
        return read_json(path)
    except DamagedFileError:
        return {}


@contextmanager
def read_arrays(path: Path) -> Iterator[Mapping[str, np.ndarray]]:
    """Open what `write_arrays` wrote; `DamagedFileError` if the file is broken or lacks an array that is asked for."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            yield arrays
    except DamagedFileError:  # of another file, found in the block
        raise
    except (OSError, ValueError, KeyError, TypeError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise DamagedFileError.of(path, error) from error


def write_array(path: Path, array: np.ndarray) -> None:
    """Write one array as .npy, atomically; `numpy.load(..., mmap_mode="r")` maps it."""
    with _unfinished(path) as unfinished, unfinished.open("wb") as file:
        np.save(file, array, allow_pickle=False)


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write named arrays as one .npz, atomically."""
    with _unfinished(path) as unfinished, unfinished.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def as_text(cell: Any) -> Any:
    """Return a cell of a CSV, an apostrophe before what a spreadsheet takes for a formula (OWASP, *CSV Injection*)."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def write_table(path: Path, frame: Any) -> None:
    """Write a pandas table as .parquet or .csv (by its suffix), atomically and without its index; see `as_text`."""
    if path.suffix == ".csv":
        texts = {name: frame[name].map(as_text) for name in frame.select_dtypes(exclude="number")}
        return write_text(path, frame.assign(**texts).to_csv(index=False, lineterminator="\n"))
    with _unfinished(path) as unfinished:
        frame.to_parquet(unfinished, index=False)


def write_figure(path: Path, figure: Any) -> None:
    """Write a matplotlib figure as .png, atomically, without a date."""
    with _unfinished(path) as unfinished:
        figure.savefig(unfinished, format="png")
