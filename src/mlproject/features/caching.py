"""Rows that are computed only once.

A row's key is a hash of the content it is computed from, of the parameters, of the code that computes it and of the
library versions. Rows whose key was there before are taken from the earlier output.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

import numpy as np

__all__ = ["code_hash", "content_key", "fill_missing", "row_hash", "versions", "whole_rows"]

Row = TypeVar("Row")


@cache
def code_hash(*files: str | None) -> str:
    """Hash source files (``module.__file__``): a changed formula must not meet rows of the old one."""
    return hashlib.sha256(b"".join(Path(str(file)).read_bytes() for file in files)).hexdigest()


@cache
def versions(*libraries: str) -> tuple[str, ...]:
    """Return the installed versions of libraries; how one was built, as in 2.13.0+cpu, does not count."""
    return tuple(version(library).split("+")[0] for library in libraries)


def content_key(*parts: object) -> str:
    """Hash what a row is computed from."""
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()


def row_hash(*parts: np.ndarray | str | None) -> str:
    """Hash what a row holds, so that one that is damaged later is computed again."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(b"none" if part is None else np.ascontiguousarray(part).tobytes())
    return digest.hexdigest()


def whole_rows(
    read: Callable[[], tuple[Iterable[str], Iterable[str], Iterable[Row]]], hashed: Callable[[Row], str]
) -> dict[str, Row]:
    """Map keys to the rows of an earlier output that are as they were written; none if the output cannot be read.

    `read` returns the keys, the hashes that were written with them, and the rows.
    """
    try:
        keys, hashes, rows = read()
        return {key: row for key, known, row in zip(keys, hashes, rows, strict=True) if hashed(row) == known}
    except Exception:  # missing, damaged in any way, or of an older version: all of it is computed again
        return {}


def fill_missing(
    keys: Sequence[str], known: Mapping[str, Row], compute: Callable[[list[int]], Iterable[Row]]
) -> list[Row]:
    """Put a list of rows together by their keys, computing only those that are not known; equal keys are computed once.

    `compute` gets the positions of the rows to compute and yields them in that order.
    """
    first = {key: i for i, key in reversed(list(enumerate(keys))) if key not in known}
    missing = sorted(first.values())
    rows = dict(known)
    if missing:
        rows |= zip((keys[i] for i in missing), compute(missing), strict=True)
    return [rows[key] for key in keys]
