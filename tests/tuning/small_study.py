"""A study of seconds over 60 made-up tracks; run as a module, a worker process of it.

python -m tests.tuning.small_study FOLDER [postgresql://...]
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from mlproject.config.evaluation import EvaluationConfig
from mlproject.config.models import AutoencoderConfig, PrincipalComponentsConfig
from mlproject.config.study import StudyConfig
from mlproject.config.tasks import BlocksConfig, TaskConfig
from mlproject.experiment.design_matrix import TaskInputs, TextVectors
from mlproject.tuning.shared_study import SharedStudy
from mlproject.tuning.storage import open_storage
from mlproject.tuning.study_spec import StudySpec, code_hash
from mlproject.tuning.trial import Objective
from mlproject.tuning.worker import work

SPACE: dict[str, Any] = {
    "model.latent_dim": {"int": [2, 16], "log": True, "grid": [2, 4, 8]},
    "model.learning_rate": {"float": [0.0001, 0.1], "log": True, "grid": [0.001, 0.01]},
    "model.hidden": {"choice": [[16], [16, 8]]},
}
EVALUATION = EvaluationConfig(
    n_clusters=4, n_init=2, n_neighbors=5, figures=False, seeds=2, subsamples=4, clusterers=("kmeans",)
)
BASELINE = TaskConfig(model=PrincipalComponentsConfig(latent_dim=8))
TASK = TaskConfig(
    blocks=BlocksConfig(lyrics="embedding"),
    fusion="concatenate",
    model=AutoencoderConfig(latent_dim=8, hidden=(16,), epochs=20, lyrics_dim=4),
)


def small_inputs() -> TaskInputs:
    """60 tracks of 4 genres in no order, each genre with its own mean, more columns than tracks."""
    rng = np.random.default_rng(7)
    code = rng.permutation(np.repeat(np.arange(4), 15))
    genres = np.array(["blues", "jazz", "metal", "pop"])[code]

    def around_means(*shape: int) -> np.ndarray:
        means = 0.4 * rng.normal(size=(4, *shape))
        return (means[code] + rng.normal(size=(60, *shape))).astype(np.float32)

    texts = TextVectors(around_means(24), row_by_track=np.arange(60))
    return TaskInputs(around_means(5, 16), around_means(7), texts, genres)


def small_spec(name: str = "small", **changes: Any) -> StudySpec:
    """Make a spec of 24 trials in batches of 4; changes are those of `StudyConfig`."""
    study = StudyConfig(**({"space": SPACE, "trials": 24, "batch_size": 4} | changes))
    return StudySpec(name, "medium", TASK, BASELINE, EVALUATION, study, {"data": "made up"}, code_hash())


def small_objective() -> Objective:
    return Objective.prepare(TASK, BASELINE, EVALUATION, small_inputs())


def run_small(folder: Path, url: str | None = None, **changes: Any) -> SharedStudy:
    """Run the study to its end in this process."""
    shared = SharedStudy.start(open_storage(url, folder), small_spec(**changes))
    work(shared, small_objective())
    return shared


if __name__ == "__main__":
    run_small(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None)
