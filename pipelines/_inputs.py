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
    labels = pd.read_parquet(LABELS).set_index("track_id").genre.reindex(track_ids)
    if labels.isna().any() and not labels.isna().all():
        raise StageError(f"{labels.isna().sum()} of {len(labels)} tracks have no genre; run: dvc repro --force prepare")
    genres = None if labels.isna().all() else labels.to_numpy(dtype=str)
    mfcc = np.load(AUDIO / "mfcc.npy", mmap_mode="r")
    return track_ids, TaskInputs(mfcc, np.load(AUDIO / "statistics.npy"), _load_texts(track_ids), genres)


def _load_texts(track_ids: Any) -> TextVectors | None:
    vectors = np.load(LYRICS / "vectors.npy") if LYRICS.exists() else np.empty((0, 0))
    if not len(vectors):
        return None
    index = pd.read_parquet(LYRICS / "index.parquet")
    if "genre" in index:
        return TextVectors(vectors, row_by_genre=dict(zip(index.genre, index.row, strict=True)))
    rows = index.set_index("track_id").row.reindex(track_ids, fill_value=-1)
    return TextVectors(vectors, row_by_track=rows.to_numpy(dtype=np.int64))
