"""A table of precomputed features as a corpus: one row per track, one column per feature; no audio, no MFCC frames.

What of it is not used, in this order:

1. rows without a genre, where other rows have one;
2. columns that are no feature by their name: `ROLES`, ``length``, and columns without a name (row numbers);
3. columns that hold anything but numbers;
4. columns that are missing or infinite in more than half of the rows, and columns with one value alone, be it in all
   rows or in those without a gap;
5. rows with a missing or infinite value in a column that is left;
6. of rows that are identical in all these columns, all but the first by track_id: known faults.

Values are judged as the float32 numbers that tasks get, and over the whole table, whichever tracks are chosen of it.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable
from functools import cached_property
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from mlproject.corpus.audio_stream import AUDIO_SUFFIXES
from mlproject.corpus.feature_columns import label_candidates, numeric_columns, segments, twins, usable_columns
from mlproject.corpus.genres import genre_notes, one_spelling
from mlproject.corpus.tracks import Track, Words
from mlproject.corpus.user_tables import ARTIST_COLUMNS, TABLE_SUFFIXES, UserTable, read_table
from mlproject.errors import ConfigError, CorpusNotFoundError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ROLES", "FeatureTable"]

ID_COLUMNS = ("track_id", "filename")
GENRE_COLUMNS = ("genre", "label")
ROLES = (*ID_COLUMNS, *GENRE_COLUMNS, *ARTIST_COLUMNS)
WHERE = "conf/data.yaml or MLPROJECT_ROOT"
NO_GENRE = "has no genre, where other tracks have one"


class _Content(NamedTuple):
    """What is known of a table; one row per track, in order of the ids."""

    tracks: list[Track]
    columns: list[str]
    values: np.ndarray
    left_out: dict[str, str]
    notes: list[str]


class FeatureTable:
    """A CSV or parquet of features, one row per track; `labelled` says whether its genres are used.

    Columns are ``track_id``, or ``filename`` less its audio suffix; perhaps ``genre``, ``label`` or the one that
    `label_column` names; perhaps ``artist`` or ``artist_group``; numbers.
    """

    holds: Literal["audio", "statistics"] = "statistics"
    lyrics: Literal["tracks", "themes"] = "tracks"

    def __init__(self, path: Path, *, labelled: bool, label_column: str | None = None) -> None:
        self._path, self._labelled = path, labelled
        self._label_column = label_column.strip().lower() if label_column else None
        self._named = f"root={str(path)!r}"  # in messages

    def tracks(self) -> list[Track]:
        return self._content.tracks

    def checksums(self) -> dict[str, str]:
        content = self._content
        head = json.dumps([content.columns, content.left_out]).encode()
        rows = zip(content.tracks, content.values, strict=True)
        return {track.track_id: hashlib.sha256(head + row.tobytes()).hexdigest() for track, row in rows}

    def words(self, tracks: Collection[Track]) -> Words:  # noqa: ARG002 - a table has no words
        return Words({})

    def notes(self) -> list[str]:
        return self._content.notes

    @property
    def columns_left_out(self) -> dict[str, str]:
        """Map the columns that are not used to the reason."""
        return self._content.left_out

    def features(self, tracks: Iterable[Track]) -> pd.DataFrame:
        """Return the usable columns of the given tracks: float32, one row per track in their order."""
        import pandas as pd

        rows = {track.track_id: row for row, track in enumerate(self._content.tracks)}
        chosen = [rows[track.track_id] for track in tracks]
        return pd.DataFrame(self._content.values[chosen], columns=self._content.columns)

    @cached_property
    def _content(self) -> _Content:
        frame, notes = self._read()
        found = _role(frame, self._genre_columns(frame))
        spellings = one_spelling(found)
        genres = [spellings.get(str(genre)) for genre in found]
        labelled = any(genres)
        has_genre = np.array([genre is not None or not labelled for genre in genres])  # (n_rows,)
        numbers, left_out = numeric_columns(frame, roles=self._roles)
        usable = usable_columns(numbers[has_genre].to_numpy())
        left_out |= {numbers.columns[i]: reason for i, reason in usable.left_out.items()}
        if not len(usable.columns):
            examples = "; ".join(f"{name}: {reason}" for name, reason in list(left_out.items())[:3])
            raise ConfigError(
                f"{self._named} has no column to use as a feature ({examples or 'there is none'}); "
                "give a table with numbers that differ between its tracks"
            )
        columns = [str(numbers.columns[i]) for i in usable.columns]
        # (n_rows, n_usable): judged and hashed as the float32 that tasks get.
        values = np.ascontiguousarray(numbers.to_numpy()[:, usable.columns])
        unusable = [_gaps(row, columns) if known else NO_GENRE for row, known in zip(values, has_genre, strict=True)]
        if self._labelled and not labelled:
            notes = [*notes, "no column genre or label names a genre; nothing is scored by genre"]
        notes = [*notes, *genre_notes(spellings, {genre for genre in genres if genre})]
        return _Content(_tracks(frame, genres, values, unusable), columns, values, left_out, notes)

    @property
    def _roles(self) -> tuple[str, ...]:
        return ROLES if self._label_column is None else (self._label_column, *ROLES)

    def _genre_columns(self, frame: pd.DataFrame) -> Collection[str]:
        """Return the names of columns that may hold the genres, none where they are not used; ask if it is unclear."""
        if not self._labelled:
            return ()
        if self._label_column is not None:
            if self._label_column not in frame:
                raise ConfigError(
                    f"label_column={self._label_column!r} is no column of {self._named}; "
                    f"{did_you_mean(self._label_column, map(str, frame.columns))}"
                )
            return (self._label_column,)
        known = [name for name in GENRE_COLUMNS if name in frame]
        if not known and (candidates := label_candidates(frame, roles=ROLES)):
            raise ConfigError(
                f"{self._named} has no column genre or label; set label_column in conf/data.yaml to the one that holds "
                f"the genres ({', '.join(candidates)}), or labels: none"
            )
        return known

    def _read(self) -> UserTable:
        """Read the table, one row per track id, which is its index, ascending."""
        if not self._path.is_file():
            kind = "is a folder" if self._path.is_dir() else "is no regular file"
            what = kind if self._path.exists() else "does not exist"
            raise CorpusNotFoundError(
                f"{self._named} {what}; expected a {' or '.join(TABLE_SUFFIXES)} file of features: "
                f"correct root in {WHERE}"
            )
        frame, notes = read_table(self._path, text=self._roles, key="root", where=WHERE)
        if frame.empty:
            raise ConfigError(f"{self._named} has no rows; give a table with one row per track")
        column = next((name for name in ID_COLUMNS if name in frame), None)
        if column is None:
            raise ConfigError(
                f"{self._named} has neither track_id nor filename among its {len(frame.columns)} columns "
                f"({', '.join([*frame.columns[:4], '...'])}); name each track in a column track_id"
            )
        ids = list(frame[column]) if column == "track_id" else [_without_suffix(name) for name in frame[column]]
        for track_id, count in Counter(ids).items():
            if count > 1 or not track_id:
                what = f"{track_id!r} {count} times" if track_id else f"{count} rows without a name"
                raise ConfigError(
                    f"{self._named} has {what} in the column {column}; give each row a {column} of its own"
                )
        if parts := segments(ids):
            raise ConfigError(
                f"{self._named} has segments of tracks as rows ({parts}), which would count as so many tracks; give "
                "features of whole tracks, such as features_30_sec.csv of GTZAN's Kaggle copy, or other names"
            )
        return UserTable(frame.set_axis(ids).loc[sorted(ids)], notes)


def _tracks(
    frame: pd.DataFrame, genres: list[str | None], values: np.ndarray, unusable: list[str | None]
) -> list[Track]:
    complete = [i for i, reason in enumerate(unusable) if reason is None]
    original = twins(values[complete], [frame.index[i] for i in complete])
    genre_of, artists = dict(zip(frame.index, genres, strict=True)), _role(frame, ARTIST_COLUMNS)
    names = _role(frame, ("filename", "track_id"))
    return [
        Track(
            track_id,
            genres[i],
            str(names[i] or track_id),
            values[i].nbytes,
            fault=_fault(original[track_id], genres[i], genre_of) if track_id in original else None,
            unusable=unusable[i],
            artist=artists[i],
        )
        for i, track_id in enumerate(frame.index)
    ]


def _role(frame: pd.DataFrame, names: Collection[str]) -> list[str | None]:
    """Return the first of the named columns that is there, None where it is blank."""
    column = next((name for name in names if name in frame), None)
    return [None] * len(frame) if column is None else [cell or None for cell in frame[column]]


def _without_suffix(name: str) -> str:
    path = PurePath(name)
    return str(path.with_suffix("")) if path.suffix.lower() in AUDIO_SUFFIXES else name


def _gaps(row: np.ndarray, columns: list[str]) -> str | None:
    gaps = np.flatnonzero(~np.isfinite(row))
    if not len(gaps):
        return None
    return f"{len(gaps)} of {len(columns)} columns are missing or infinite, such as {columns[gaps[0]]}"


def _fault(original: str, genre: str | None, genre_of: dict[str, str | None]) -> str:
    other = genre_of[original]
    return f"identical to {original}" + (f", which is {other} and not {genre}" if other != genre else "")
