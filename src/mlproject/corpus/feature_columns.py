"""Which columns and rows of a user's table can be used; each function is one rule of `FeatureTable`."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["UsableColumns", "label_candidates", "numeric_columns", "segments", "twins", "usable_columns"]

# Numbers that say nothing about the music.
NO_FEATURES = {
    "length": "the length of the file, not of the music",
    "id": "a number of the row",
    "index": "a number of the row",
}
_NAMELESS = re.compile(r"(Unnamed: \d+)?")  # what pandas calls a column without a name
# A name that speaks of genres, such as class_name, target, genreID or mainStyle.
_LABEL_NAME = re.compile(
    r"(class|genre|label|style|target|category|mood)(e?s|[_ .-]?(id|name|code))?$|^y$", re.IGNORECASE
)
_SEGMENT = re.compile(r"(.*[^\W\d_].*\d)[._-](\d{1,3})")  # blues.00000.3 and song7_03, not blues.00003 or 1.03


class UsableColumns(NamedTuple):
    """Which part of a matrix with gaps is used."""

    columns: np.ndarray  # (n_usable,): usable columns, ascending
    left_out: dict[int, str]  # the other columns, ascending, and why
    complete: np.ndarray  # (n_rows,): rows without a gap in the usable columns


def numeric_columns(frame: pd.DataFrame, *, roles: Collection[str]) -> tuple[pd.DataFrame, dict[str, str]]:
    """Take the columns of a table that may be features, as float32, NaN where a value is missing.

    `roles` are columns with another meaning, such as the genre. All others are left out: which ones, and why.
    """
    candidates = [name for name in frame.columns if name not in roles]
    left_out = {name: reason for name in candidates if (reason := _no_feature(name, frame[name]))}
    names = [name for name in candidates if name not in left_out]
    with np.errstate(over="ignore"):  # beyond float32 is infinite, and treated so
        columns = {name: frame[name].to_numpy(dtype=np.float32, na_value=np.nan) for name in names}
    return type(frame)(columns, index=frame.index), left_out


def label_candidates(frame: pd.DataFrame, *, roles: Collection[str]) -> list[str]:
    """List the columns that may hold genres, by their name or as text that repeats."""
    from pandas.api.types import is_numeric_dtype

    candidates = []
    for name in frame.columns.difference(list(roles), sort=False):
        distinct = frame[name].astype(str).nunique()
        repeated = not is_numeric_dtype(frame[name].dtype) and distinct <= len(frame) / 2
        if distinct > 1 and (repeated or _LABEL_NAME.search(str(name))):
            candidates.append(str(name))
    return candidates


def segments(ids: Sequence[str]) -> str | None:
    """Say how ids name several segments of one track, such as blues.00000.0 to .9; None where they do not."""
    tracks: dict[str, list[int]] = {}
    for match in map(_SEGMENT.fullmatch, ids):
        if match:
            tracks.setdefault(match[1], []).append(int(match[2]))
    several = {track: numbers for track, numbers in tracks.items() if len(numbers) > 1}
    if 2 * sum(map(len, several.values())) < len(ids) or not several:
        return None
    track, numbers = next(iter(several.items()))
    return f"such as numbers {min(numbers)} to {max(numbers)} of {track}"


def _no_feature(name: str, column: pd.Series) -> str | None:
    import pandas as pd

    if name.lower() in NO_FEATURES:
        return NO_FEATURES[name.lower()]
    if _NAMELESS.fullmatch(name):
        return "no name, as row numbers have none"
    if not pd.api.types.is_numeric_dtype(column.dtype):
        words = (cell for cell in column if isinstance(cell, str) and pd.isna(pd.to_numeric(cell, errors="coerce")))
        return next((f"not numeric, such as {word!r}" for word in words), "not numeric")
    return None


def usable_columns(values: np.ndarray) -> UsableColumns:
    """Find the columns and rows of a matrix that can be used.

    Left out are columns that are missing or infinite in more than half of the rows, and columns with one value alone,
    be it in all rows or in those that have a value in every column that is left. The matrix is float32 of shape
    (n_rows, n_columns), NaN where a value is missing.
    """
    finite = np.isfinite(values)
    gaps = len(values) - finite.sum(axis=0)  # (n_columns,)
    missing = 2 * gaps > len(values)
    used = ~missing & _varies(values, finite)
    complete = finite[:, used].all(axis=1)
    # A column may vary only in rows that are left out for gaps elsewhere.
    if complete.sum() > 1:
        used &= _varies(values[complete], finite[complete])
    reasons = {
        int(i): f"missing or infinite in {gaps[i]} of {len(values)} rows" if missing[i] else "one value alone"
        for i in np.flatnonzero(~used)
    }
    return UsableColumns(np.flatnonzero(used), reasons, finite[:, used].all(axis=1))


def _varies(values: np.ndarray, finite: np.ndarray) -> np.ndarray:
    lowest = np.where(finite, values, np.inf).min(axis=0, initial=np.inf)
    varies: np.ndarray = np.where(finite, values, -np.inf).max(axis=0, initial=-np.inf) > lowest
    return varies


def twins(values: np.ndarray, names: Sequence[str]) -> Mapping[str, str]:
    """Map the names of rows of finite values that are equal to an earlier one to the name of the first such row."""
    _, first, group = np.unique(values, axis=0, return_index=True, return_inverse=True)
    pairs = zip(names, first[group].tolist(), strict=True)  # each row's name, and the first row that is the same
    return {name: names[row] for name, row in pairs if names[row] != name}
