"""What `prepare` and the feature stages wrote -> the inputs of tasks, and how new music gets the same.

Rows are in one order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mlproject.config import TaskConfig
from mlproject.errors import StageError
from mlproject.experiment.design_matrix import TaskInputs, TextVectors
from mlproject.experiment.run_task import TaskResult
from mlproject.files import read_json
from mlproject.prediction.package import Recipe
from mlproject.results.cluster_descriptions import TrackFacts
from pipelines._workspace import AUDIO, LABELS, LYRICS, corpus_facts, features_config

__all__ = ["load_facts", "load_inputs", "recipe_of"]


def load_inputs() -> tuple[Any, TaskInputs]:
    """Load features and labels.

    Returns
    -------
    track_ids : Series of str
    inputs : TaskInputs
        Rows in the order of `track_ids`.
    """
    if not (AUDIO / "index.parquet").exists():
        raise StageError("the features are not there; run: dvc repro audio_features lyrics_features")
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


def load_facts(task: TaskConfig) -> TrackFacts:
    """Load what is known of the tracks beside what is clustered; words only of tasks that read lyrics."""
    track_ids = pd.read_parquet(AUDIO / "index.parquet").track_id
    artists = pd.read_parquet(LABELS).set_index("track_id").artist.reindex(track_ids)
    return TrackFacts(
        track_ids.tolist(),
        np.load(AUDIO / "statistics.npy"),
        read_json(AUDIO / "statistics.json")["columns"],
        _words(track_ids) if task.blocks.lyrics else None,
        None if artists.isna().all() else [None if pd.isna(artist) else str(artist) for artist in artists],
    )


def _words(track_ids: Any) -> list[str | None] | None:
    """Look up each track's lyrics; texts that stand for a genre are none."""
    index, texts = pd.read_parquet(LYRICS / "index.parquet"), pd.read_parquet(LYRICS / "texts.parquet").text
    if "genre" in index:
        return None
    words = dict(zip(index.track_id, texts.iloc[index.row], strict=True))
    return [words.get(track_id) for track_id in track_ids]


def recipe_of(name: str, task: TaskConfig, result: TaskResult, *, primary: str) -> Recipe:
    """Say how new music gets into a task's design matrix, or why it cannot."""
    corpus, derived = corpus_facts(), result.design.matrix.label_derived
    refusal = None
    if derived:
        refusal = (
            f"{name} was trained with the genre ({', '.join(derived)}), which nobody knows of new music; "
            "take a label-free model"
        )
    elif corpus["holds"] != "audio":
        refusal = f"{name} was trained on the columns of a feature table, which are not computed from audio here"
    clip = {key: corpus[key] for key in ("sample_rate", "clip_seconds", "clip_from") if key in corpus}
    return Recipe(
        task=name,
        refusal=refusal,
        audio=task.blocks.audio,
        features=features_config().audio,
        columns=dict(result.design.matrix.columns),
        lyrics_model=read_json(LYRICS / "lyrics.json")["model"] if task.blocks.lyrics else None,
        clusterer=primary,
        **clip,
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
