"""Who made which track: a user's table of artists, or of artist groups."""

from __future__ import annotations

from pathlib import Path

from mlproject.corpus.user_tables import read_table
from mlproject.errors import ConfigError

__all__ = ["ARTIST_COLUMNS", "read_artists"]

ARTIST_COLUMNS = ("artist", "artist_group")


def read_artists(path: Path) -> dict[str, str]:
    """Read the table that the key ``artists`` of ``conf/data.yaml`` names.

    Parameters
    ----------
    path : Path
        CSV or parquet with ``track_id`` and one of `ARTIST_COLUMNS`, the first where both are there.

    Returns
    -------
    dict of str to str
        Artist by track id; tracks whose artist is blank are left out.

    Raises
    ------
    ConfigError
        If the file is missing, of another kind, lacks a column, or names a track twice.
    """
    frame = read_table(
        path, text=("track_id", *ARTIST_COLUMNS), key="artists", where="conf/data.yaml or MLPROJECT_ARTISTS"
    )
    column = next((name for name in ARTIST_COLUMNS if name in frame), None)
    if column is None or "track_id" not in frame:
        raise ConfigError(
            f"artists={str(path)!r} has the columns {', '.join(frame.columns)}; "
            f"it needs track_id and {' or '.join(ARTIST_COLUMNS)}"
        )
    if (twice := frame.track_id.duplicated()).any():
        raise ConfigError(f"artists={str(path)!r} has {frame.track_id[twice].iloc[0]!r} twice; keep one row a track")
    return {track: artist for track, artist in zip(frame.track_id, frame[column], strict=True) if artist}
