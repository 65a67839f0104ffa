"""A small task that was trained, and its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from mlproject.config.evaluation import EvaluationConfig
from mlproject.config.models import AutoencoderConfig, PrincipalComponentsConfig
from mlproject.config.tasks import TaskConfig
from mlproject.experiment.design_matrix import TaskInputs
from mlproject.experiment.run_task import TaskResult, run_task
from mlproject.prediction.package import Recipe
from mlproject.results.cluster_descriptions import TrackFacts
from mlproject.results.task_output import TaskOutput
from mlproject.results.write_task import record_of, write_task

TASK = TaskConfig(model=AutoencoderConfig(latent_dim=3, hidden=(8,), epochs=4, lyrics_dim=3))
BASELINE = TaskConfig(fusion="concatenate", model=PrincipalComponentsConfig(latent_dim=4, lyrics_dim=3))
EVALUATION = EvaluationConfig(n_clusters=4, n_init=2, n_neighbors=5)


def small_frames() -> TaskInputs:
    """Return 60 tracks of 4 genres with MFCC frames of their own mean for each genre."""
    rng, code = np.random.default_rng(7), np.arange(60) % 4
    mfcc = (rng.normal(size=(4, 5, 12))[code] + rng.normal(size=(60, 5, 12))).astype(np.float32)
    return TaskInputs(mfcc, rng.normal(size=(60, 7)).astype(np.float32), None, np.array(list("abcd"))[code])


def small_result(inputs: TaskInputs, task: TaskConfig = TASK) -> TaskResult:
    """Train and score a task."""
    return run_task(task, BASELINE, EVALUATION, inputs)


def small_output(
    folder: Path, inputs: TaskInputs, *, result: TaskResult | None = None, artists: Any = None, **changes: Any
) -> TaskOutput:
    """Write a result, by default that of `small_result`, into a new folder."""
    folder.mkdir()
    result = small_result(inputs) if result is None else result
    columns = [f"mfcc_{i}_mean" for i in range(1, 7)] + ["tempo"]
    facts = TrackFacts([f"t{i}" for i in range(60)], inputs.statistics, columns, artists=artists)
    given = {"name": "easy", "description": "A task.", "corpus": "demo", "clusterer": "kmeans"} | changes
    projections = given.pop("projections", True)
    record = record_of(result, **given, seed=1, frame_seconds=0.5)
    package = Recipe(task="easy", audio="mfcc", columns=dict(result.design.matrix.columns))
    return write_task(folder, result, record, facts=facts, package=package, mfcc=inputs.mfcc, projections=projections)
