"""What `prepare` and the feature stages wrote -> the inputs of tasks, rows in one order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mlproject.errors import StageError
from mlproject.experiment.design import TaskInputs, TextVectors
from pipelines._workspace import AUDIO, LABELS, LYRICS

__all__ = ["load_inputs"]


def load_inputs() -> tuple[Any, TaskInputs]:
    """Load features and labels.

    Returns
    -------
    track_ids : Series of str
    inputs : TaskInputs
        Rows in the order of `track_ids`.
    """
    track_ids = pd.read_parquet(AUDIO / "index.parquet").track_id
    labels = pd.read_parquet(LABELS).set_index("track_id").reindex(track_ids)
    faulty = labels.fault.notna().to_numpy()
    return track_ids, TaskInputs(
        np.load(AUDIO / "mfcc.npy", mmap_mode="r") if (AUDIO / "mfcc.npy").exists() else None,
        np.load(AUDIO / "statistics.npy"),
        _load_texts(track_ids),
        _genres(labels.genre),
        artists=_artists(labels.artist),
        faulty=faulty if faulty.any() else None,
    )


def _genres(genres: pd.Series) -> np.ndarray | None:
    if genres.isna().all():
        return None
    if genres.isna().any():
        raise StageError(f"{genres.isna().sum()} of {len(genres)} tracks have no genre; run: dvc repro --force prepare")
    return genres.to_numpy(dtype=str)


def _artists(artists: pd.Series) -> np.ndarray | None:
    if artists.isna().all():
        return None
    return np.array([f"track:{row}" if pd.isna(artist) else artist for row, artist in enumerate(artists)], dtype=str)


def _load_texts(track_ids: Any) -> TextVectors | None:
    vectors = np.load(LYRICS / "vectors.npy") if LYRICS.exists() else np.empty((0, 0))
    if not len(vectors):
        return None
    index = pd.read_parquet(LYRICS / "index.parquet")
    if "genre" in index:
        return TextVectors(vectors, row_by_genre=dict(zip(index.genre, index.row, strict=True)))
    rows = index.set_index("track_id").row.reindex(track_ids, fill_value=-1)
    return TextVectors(vectors, row_by_track=rows.to_numpy(dtype=np.int64))
