"""What `prepare` and the feature stages wrote -> the inputs of tasks, rows in one order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlproject.config.data import AudioConfig
from mlproject.config.tasks import TaskConfig
from mlproject.errors import StageError
from mlproject.experiment.design_matrix import TaskInputs, TextVectors
from mlproject.experiment.limits import fit_to_tracks
from mlproject.experiment.requirements import baseline_task
from mlproject.files import read_json
from mlproject.results.cluster_descriptions import TrackFacts
from mlproject.workspace.facts import CorpusFacts, corpus_facts
from mlproject.workspace.paths import Workspace
from mlproject.workspace.settings import features_config
from mlproject.workspace.task_settings import BASELINE, evaluation_config, task_config

__all__ = ["LoadedCorpus", "count_tracks", "has_features", "load_corpus", "load_track_facts", "lyrics_model"]


@dataclass(frozen=True)
class LoadedCorpus:
    """All that tasks read of a corpus, loaded once however many of them run."""

    facts: CorpusFacts
    inputs: TaskInputs
    baseline: TaskConfig  # what all tasks are compared with on this corpus
    audio: AudioConfig  # what the audio features were computed with

    @property
    def frame_seconds(self) -> float:
        """Time from one MFCC frame to the next, s."""
        return self.audio.hop_length / self.facts.sample_rate


def has_features(workspace: Workspace) -> bool:
    """Whether this checkout has features that a task can be run on."""
    return (workspace.audio / "index.parquet").exists()


def count_tracks(workspace: Workspace) -> int:
    """Count the tracks that every task can use: those with MFCC frames, all of a table."""
    frames = workspace.audio / "mfcc.npy"
    if not frames.exists():
        return len(_track_ids(workspace))
    return int(np.isfinite(np.load(frames, mmap_mode="r")[:, 0, 0]).sum())


def load_corpus(workspace: Workspace) -> LoadedCorpus:
    """Load features and labels; `StageError` if the stages before have not run."""
    if not has_features(workspace):
        raise StageError("the features are not there; run: dvc repro audio_features lyrics_features")
    track_ids, audio = _track_ids(workspace), workspace.audio
    labels = pd.read_parquet(workspace.labels).set_index("track_id").reindex(track_ids)
    faulty = labels.fault.notna().to_numpy()
    inputs = TaskInputs(
        np.load(audio / "mfcc.npy", mmap_mode="r") if (audio / "mfcc.npy").exists() else None,
        np.load(audio / "statistics.npy"),
        _text_vectors(workspace, track_ids),
        _genres(labels.genre),
        artists=_artists(labels.artist),
        faulty=faulty if faulty.any() else None,
    )
    baseline, evaluation = baseline_task(task_config(workspace, BASELINE), inputs), evaluation_config(workspace)
    baseline = fit_to_tracks(baseline, evaluation, count_tracks(workspace), name=BASELINE).task
    return LoadedCorpus(corpus_facts(workspace), inputs, baseline, features_config(workspace).audio)


def load_track_facts(workspace: Workspace, task: TaskConfig) -> TrackFacts:
    """Load what is known of the tracks beside what is clustered; words only for tasks that read lyrics."""
    track_ids = _track_ids(workspace)
    artists = pd.read_parquet(workspace.labels).set_index("track_id").artist.reindex(track_ids)
    return TrackFacts(
        track_ids.tolist(),
        np.load(workspace.audio / "statistics.npy"),
        read_json(workspace.audio / "statistics.json")["columns"],
        _words(workspace, track_ids) if task.blocks.lyrics else None,
        None if artists.isna().all() else [None if pd.isna(artist) else str(artist) for artist in artists],
    )


def lyrics_model(workspace: Workspace) -> str:
    """Name the model that has encoded the lyrics."""
    return str(read_json(workspace.lyrics / "lyrics.json")["model"])


def _track_ids(workspace: Workspace) -> pd.Series[str]:
    track_ids: pd.Series[str] = pd.read_parquet(workspace.audio / "index.parquet").track_id
    return track_ids


def _words(workspace: Workspace, track_ids: pd.Series[str]) -> list[str | None] | None:
    """Look up the lyrics of each track; texts that stand for a genre are no track's words."""
    index = pd.read_parquet(workspace.lyrics / "index.parquet")
    if "genre" in index:
        return None
    texts = pd.read_parquet(workspace.lyrics / "texts.parquet").text
    words = dict(zip(index.track_id, texts.iloc[index.row], strict=True))
    return [words.get(track_id) for track_id in track_ids]


def _text_vectors(workspace: Workspace, track_ids: pd.Series[str]) -> TextVectors | None:
    folder = workspace.lyrics
    vectors = np.load(folder / "vectors.npy") if folder.exists() else np.empty((0, 0))
    if not len(vectors):
        return None
    index = pd.read_parquet(folder / "index.parquet")
    if "genre" in index:
        return TextVectors(vectors, row_by_genre=dict(zip(index.genre, index.row, strict=True)))
    rows = index.set_index("track_id").row.reindex(track_ids, fill_value=-1)
    return TextVectors(vectors, row_by_track=rows.to_numpy(dtype=np.int64))


def _genres(genres: pd.Series[str]) -> np.ndarray | None:
    if genres.isna().all():
        return None
    if genres.isna().any():
        raise StageError(f"{genres.isna().sum()} of {len(genres)} tracks have no genre; run: dvc repro --force prepare")
    return genres.to_numpy(dtype=str)


def _artists(artists: pd.Series[str]) -> np.ndarray | None:
    """Return the artist of each track; a track of an unknown artist is a group of its own."""
    if artists.isna().all():
        return None
    return np.array([f"track:{row}" if pd.isna(artist) else artist for row, artist in enumerate(artists)], dtype=str)
