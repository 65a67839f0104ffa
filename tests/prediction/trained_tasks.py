"""A small task that was trained on rendered clips: its folder as the pipeline writes it, and the clips."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
import soundfile

from mlproject.config.data import AudioConfig
from mlproject.config.evaluation import EvaluationConfig
from mlproject.config.models import PrincipalComponentsConfig
from mlproject.config.tasks import BlocksConfig, TaskConfig
from mlproject.corpus.demo.audio import render_clip
from mlproject.corpus.track_clips import TrackClip
from mlproject.experiment.design_matrix import TaskInputs, TextVectors
from mlproject.experiment.run_task import TaskResult, run_task
from mlproject.features.audio import frame_count, statistics_names
from mlproject.features.extraction import extract_audio
from mlproject.prediction.package import Recipe
from mlproject.results.cluster_descriptions import TrackFacts
from mlproject.results.task_output import TaskOutput
from mlproject.results.write_task import record_of, write_task

GENRES = ("classical", "disco", "hiphop", "metal")
SECONDS, SR, AUDIO = 3.0, 22050, AudioConfig(n_mfcc=8)
EVALUATION = EvaluationConfig(
    n_clusters=4, clusterers=("kmeans", "agglomerative", "dbscan"), n_init=2, n_neighbors=3, figures=False
)
COMPONENTS = PrincipalComponentsConfig(latent_dim=4, lyrics_dim=3)
SOUND = TaskConfig(blocks=BlocksConfig(audio="statistics"), fusion="concatenate", model=COMPONENTS)
FRAMES = TaskConfig(blocks=BlocksConfig(audio="mfcc"), fusion="concatenate", model=COMPONENTS)
WORDS = TaskConfig(blocks=BlocksConfig(audio="statistics", lyrics="embedding"), model=COMPONENTS)


class Trained(NamedTuple):
    """A task's output, and what it was made from."""

    output: TaskOutput
    package: Path
    result: TaskResult
    labels: np.ndarray
    ids: list[str]


@cache
def rendered(seconds: float = SECONDS) -> dict[str, bytes]:
    """Return 20 clips as WAV files, by id."""
    clips = {}
    for number in range(20):
        genre, file = GENRES[number % 4], io.BytesIO()
        samples = render_clip(genre, rng=np.random.default_rng(number), sr=SR, seconds=seconds)
        soundfile.write(file, samples, SR, format="WAV", subtype="PCM_16")
        clips[f"{genre}.{number:05d}"] = file.getvalue()
    return clips


@cache
def inputs() -> TaskInputs:
    """Return features of the clips, as the stage `audio_features` computes them."""
    with TemporaryDirectory() as folder:
        clips = []
        for name, content in rendered().items():
            path = Path(folder) / f"{name}.wav"
            path.write_bytes(content)
            clips.append(TrackClip(path, 0.0, SECONDS, SR, complete=True))
        n_frames = frame_count(SECONDS, sr=SR, config=AUDIO)
        found = extract_audio(clips, sr=SR, n_frames=n_frames, config=AUDIO, n_jobs=1)
    genres = np.array([name.split(".")[0] for name in rendered()])
    mfcc, statistics = ([getattr(one, kind) for one in found] for kind in ("mfcc", "statistics"))
    return TaskInputs(np.stack(mfcc), np.stack(statistics), None, genres)


def some_texts(rows: np.ndarray | None = None) -> TextVectors:
    """Return vectors of texts that were never written, one a track."""
    vectors = np.random.default_rng(3).normal(size=(20, 24)).astype(np.float32)
    return TextVectors(vectors, row_by_track=np.arange(20) if rows is None else rows)


def train(
    folder: Path,
    task: TaskConfig = SOUND,
    *,
    primary: str = "kmeans",
    texts: TextVectors | None = None,
    words: Sequence[str | None] | None = None,
    refusal: str | None = None,
    name: str = "small",
) -> Trained:
    """Train a task on the clips and write its output."""
    heard = inputs()
    given = TaskInputs(heard.mfcc, heard.statistics, texts, heard.genres)
    evaluation = EVALUATION.model_copy(
        update={"clusterers": (primary, *(one for one in EVALUATION.clusterers if one != primary))}
    )
    result = run_task(task, SOUND, evaluation, given)
    facts = TrackFacts(list(rendered()), heard.statistics, statistics_names(AUDIO), words)
    recipe = Recipe(
        task=name,
        refusal=refusal,
        audio=task.blocks.audio,
        features=AUDIO,
        sample_rate=SR,
        clip_seconds=SECONDS,
        columns=dict(result.design.matrix.columns),
        lyrics_model="packaged" if task.blocks.lyrics else None,
        clusterer=primary,
    )
    folder.mkdir(parents=True)
    described = {"name": name, "description": "PCA of statistics.", "corpus": "demo", "clusterer": primary}
    record = record_of(result, **described, seed=evaluation.clustering_seed)
    output = write_task(folder, result, record, facts=facts, package=recipe, projections=False)
    return Trained(output, folder / "model", result, result.task.partitions[primary], list(rendered()))
