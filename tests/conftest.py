"""Fixtures that many tests share: where real data lies, small sounds, the inputs of a small task, PostgreSQL."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, settings

from mlproject.config.evaluation import EvaluationConfig
from mlproject.experiment.design_matrix import TaskInputs, TextVectors
from tests.tuning import postgres

settings.register_profile("untimed", deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


def _folder_from(variable: str) -> Path:
    if value := os.environ.get(variable):
        return Path(value)
    if os.environ.get("CI") == "true":
        pytest.fail(f"{variable} is not set, and a run in CI needs it")
    pytest.skip(f"{variable} is not set")


@pytest.fixture(scope="session")
def gtzan_root() -> Path:
    """Folder with genres_original/<genre>/<track>.wav."""
    return _folder_from("GTZAN_ROOT")


@pytest.fixture(scope="session")
def test_data() -> Path:
    """Folder with gtzan_features_30_sec.csv, gtzan_tracks.csv and original_results/*.npy."""
    return _folder_from("MLPROJECT_TEST_DATA")


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20260101)


@pytest.fixture(scope="session")
def tone() -> Callable[..., np.ndarray]:
    """Make a decaying tone, float32 of shape (n_samples,)."""

    def make(seconds: float = 2.0, *, sr: int = 22050, frequency: float = 440.0) -> np.ndarray:
        time = np.arange(round(seconds * sr)) / sr
        return (0.5 * np.sin(2 * np.pi * frequency * time) * np.exp(-time / 4)).astype(np.float32)

    return make


@pytest.fixture(scope="session")
def write_tone(tone: Callable[..., np.ndarray]) -> Callable[..., Path]:
    """Write a tone to a file, by default 16 bit mono, in the format that the suffix names."""

    def write(
        path: Path, seconds: float = 2.0, *, sr: int = 22050, channels: int = 1, frequency: float = 440.0
    ) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        samples = tone(seconds, sr=sr, frequency=frequency)
        soundfile.write(path, np.stack([samples / (i + 1) for i in range(channels)], axis=1), sr)
        return path

    return write


@pytest.fixture
def small_inputs() -> TaskInputs:
    """60 tracks of 4 genres in no order, each genre with its own mean in every feature, and words for each track."""
    rng = np.random.default_rng(7)
    code = rng.permutation(np.repeat(np.arange(4), 15))
    genres = np.array(["blues", "jazz", "metal", "pop"])[code]

    def around_means(*shape: int) -> np.ndarray:
        means = rng.normal(size=(4, *shape))
        return (means[code] + rng.normal(size=(60, *shape))).astype(np.float32)

    texts = TextVectors(around_means(24), row_by_track=np.arange(60))
    return TaskInputs(around_means(5, 12), around_means(7), texts, genres)


@pytest.fixture
def small_evaluation() -> EvaluationConfig:
    """Clustering that suits `small_inputs`."""
    return EvaluationConfig(n_clusters=4, n_init=2, n_neighbors=5, figures=False)


@pytest.fixture(scope="session")
def database():
    """Address of an empty database on a real PostgreSQL."""
    if postgres.binaries() is None:
        if os.environ.get("CI") == "true":
            pytest.fail("PostgreSQL is not installed, and a run in CI needs it")
        pytest.skip("PostgreSQL is not installed")
    with postgres.server() as url:
        yield url
