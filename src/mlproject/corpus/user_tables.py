"""A user's own table, CSV or parquet -> a frame; its text stays text, such as an id 000002 or an artist NA.

A CSV may come from any program: its encoding, its separator and its decimal sign are found out, and said.
"""

from __future__ import annotations

import io
import re
import warnings
from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from mlproject.corpus.texts import as_joined, read_text
from mlproject.errors import ConfigError, MlprojectError, TextSourceError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ARTIST_COLUMNS", "TABLE_SUFFIXES", "ByTrack", "UserTable", "read_artists", "read_table", "read_text_table"]

TABLE_SUFFIXES = (".csv", ".parquet")
ARTIST_COLUMNS = ("artist", "artist_group")
MISSING = ("", "NA", "N/A", "#N/A", "NaN", "nan", "-nan", "NULL", "null", "None", "none", "<NA>", "?")
SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_SEPARATOR_LINE = re.compile(r"sep=(.)\1*", re.IGNORECASE)  # Excel's first line


class UserTable(NamedTuple):
    """A table, and what was found out about its format where that is not the usual one, a line each."""

    frame: pd.DataFrame
    notes: list[str]


class ByTrack(NamedTuple):
    """One text by track id, blank ones left out, and the notes of its `UserTable`."""

    values: dict[str, str]
    notes: list[str]


class _Format(NamedTuple):
    separator: str = ","
    decimal: str = "."
    skipped: int = 0  # lines before the header
    encoding: str = "utf-8"


def read_table(
    path: Path, *, text: Collection[str], key: str, where: str, error: type[MlprojectError] = ConfigError
) -> UserTable:
    """Read a table.

    Parameters
    ----------
    path : Path
        A file that ends in one of `TABLE_SUFFIXES`.
    text : collection of str
        Lower-case names of columns that hold text. They are found in any case and with blanks around them, get the
        names given here, and their cells are stripped, empty where missing.
    key, where : str
        The configuration key that names the file and the conf file that holds it, for messages.
    error : type of MlprojectError
        What is raised.

    Raises
    ------
    MlprojectError
        Of the type `error`, if the file is of another kind, cannot be read, or has a text column twice.
    """
    from pandas.errors import ParserWarning

    named = f"{key}={str(path)!r}"
    if path.exists() and not path.is_file():
        raise error(f"{named} is no regular file; correct {key} in {where}")
    if path.suffix.lower() not in TABLE_SUFFIXES:
        raise error(f"{named}: expected a file that ends in {' or '.join(TABLE_SUFFIXES)}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", ParserWarning)  # rows longer than the header
            frame, notes = (_read_csv if path.suffix.lower() == ".csv" else _read_parquet)(path, text)
    except (OSError, ValueError, TypeError, LookupError, ArithmeticError, RuntimeError, ParserWarning) as problem:
        reason = " ".join(str(problem).split())
        raise error(f"{named} cannot be read ({reason}); correct {key} in {where}") from problem
    for name, count in Counter(frame.columns).items():
        if count > 1:
            raise error(f"{named} has the column {name!r} {count} times; keep one of them")
    for name in set(text) & set(frame.columns):
        frame[name] = [_text(cell) for cell in frame[name]]
    return UserTable(frame, notes)


def _by_track(
    path: Path, columns: Collection[str], *, key: str, where: str, error: type[MlprojectError] = ConfigError
) -> ByTrack:
    """Read ``track_id`` and the first of `columns` that is there; the rest is as in `read_table`.

    Raises
    ------
    MlprojectError
        Of the type `error`, if the table cannot be read, lacks a column, or names a track twice.
    """
    frame, notes = read_table(path, text=("track_id", *columns), key=key, where=where, error=error)
    column = next((name for name in columns if name in frame), None)
    if column is None or "track_id" not in frame:
        has = ", ".join(map(str, frame.columns))
        raise error(f"{key}={str(path)!r} has the columns {has}; it needs track_id and {' or '.join(columns)}")
    frame = frame[frame[column] != ""]
    if (twice := frame.track_id.duplicated()).any():
        raise error(f"{key}={str(path)!r} has {frame.track_id[twice].iloc[0]!r} twice; keep one row per track")
    return ByTrack(dict(zip(frame.track_id, frame[column], strict=True)), notes)


def read_artists(path: Path) -> ByTrack:
    """Read the table that the key ``artists`` names; of `ARTIST_COLUMNS` the first counts. Raises ConfigError."""
    return _by_track(path, ARTIST_COLUMNS, key="artists", where="conf/data.yaml or MLPROJECT_ARTISTS")


def read_text_table(path: Path) -> ByTrack:
    """Read the table that the key ``lyrics.file`` names, which has a column ``text``. Raises TextSourceError."""
    return _by_track(path, ("text",), key="lyrics.file", where="conf/features.yaml", error=TextSourceError)


def _canonical(name: object, text: Collection[str]) -> str:
    stripped = str(name).strip()
    return stripped.lower() if stripped.lower() in text else stripped


def _read_csv(path: Path, text: Collection[str]) -> tuple[pd.DataFrame, list[str]]:
    import pandas as pd

    content, encoding = read_text(path.read_bytes())
    found = _format(content.splitlines(), encoding)
    given: dict[str, Any] = {"sep": found.separator, "skiprows": found.skipped, "index_col": False}
    names = pd.read_csv(io.StringIO(content), nrows=0, **given).columns
    words = [name for name in names if _canonical(name, text) in text]
    missing = dict.fromkeys(names.difference(words), MISSING)
    frame = pd.read_csv(
        io.StringIO(content),
        **given,
        decimal=found.decimal,
        dtype=dict.fromkeys(words, str),
        keep_default_na=False,
        na_values=missing,
        low_memory=False,
    )
    return frame.rename(columns=lambda name: _canonical(name, text)), _format_notes(path, found)


def _format(lines: list[str], encoding: str) -> _Format:
    """Find out how a CSV is written: from a line ``sep=;``, else the most frequent separator in its header."""
    skipped, told = _to_header(lines, 0), None
    if skipped < len(lines) and (told := _SEPARATOR_LINE.fullmatch(lines[skipped].strip('"\r\n '))):
        skipped = _to_header(lines, skipped + 1)
    header = lines[skipped] if skipped < len(lines) else ""
    outside = re.sub(r'"[^"]*"', "", header)  # separators in quotes are text
    separator = told[1] if told else max(SEPARATORS, key=outside.count)
    body = "" if separator == "," else "\n".join(lines[skipped + 1 :][:10_000])
    pattern = r'(?:^|(?<={0})) *"?-?\d+{1}\d+(?:[eE][+-]?\d+)?"? *(?:$|(?={0}))'
    count = {sign: len(re.findall(pattern.format(re.escape(separator), sign), body, re.M)) for sign in (",", r"\.")}
    comma = count[","] > count[r"\."]
    return _Format(separator, "," if comma else ".", skipped, encoding)


def _to_header(lines: list[str], first: int) -> int:
    """Return the first line that is neither blank nor a comment; ``#,track_id`` numbers rows."""
    while first < len(lines) and re.fullmatch(r"\s*|#(?![,;|\t]).*", lines[first]):
        first += 1
    return first


def _format_notes(path: Path, found: _Format) -> list[str]:
    said = [f"{SEPARATORS.get(found.separator, repr(found.separator))} between its cells"] * (found.separator != ",")
    said += ["decimal commas"] * (found.decimal == ",")
    said += [f"the encoding {found.encoding}"] * (found.encoding != "utf-8")
    said += [f"its header in line {found.skipped + 1}"] * (found.skipped > 0)
    return [f"{path.name} was read with {', '.join(said)}"] if said else []


def _read_parquet(path: Path, text: Collection[str]) -> tuple[pd.DataFrame, list[str]]:
    import pandas as pd

    frame = pd.read_parquet(path)
    if any(name is not None for name in frame.index.names):  # ids that pandas kept as the index
        frame = frame.reset_index()
    return frame.rename(columns=lambda name: _canonical(name, text)), []


def _text(cell: Any) -> str:
    import pandas as pd

    return "" if pd.api.types.is_scalar(cell) and pd.isna(cell) else as_joined(cell)
