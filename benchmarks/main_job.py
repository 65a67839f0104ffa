"""How fast the main job is on 400 tracks: features, training with and without rotation, a whole `mlflow run`.

GTZAN_ROOT=... python -m benchmarks.main_job
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import yaml

import pipelines  # noqa: F401 - finds the package of this checkout
from benchmarks.tracks import gtzan_root, write_shifted
from mlproject.clustering.clusterers import make_clusterer
from mlproject.config.data import AudioConfig
from mlproject.config.loading import load_config
from mlproject.config.tasks import TaskConfig
from mlproject.corpus.track_clips import TrackClip
from mlproject.experiment.design_matrix import one_hot
from mlproject.features.audio import frame_count, mfcc_frames
from mlproject.features.blocks import Block, DesignMatrix
from mlproject.features.extraction import extract_audio
from mlproject.models.autoencoder import Autoencoder, train
from mlproject.models.scaling import column_statistics

ROOT = Path(__file__).resolve().parent.parent
SR, SECONDS = 22050, 30.0


def main() -> None:
    """Print all measurements."""
    with tempfile.TemporaryDirectory() as temporary:
        tracks = Path(temporary) / "tracks"
        print(f"{write_shifted(gtzan_root(), tracks)} tracks, {os.cpu_count()} cores")
        mfcc, genres = features(tracks)
        print("\n| model | rotated, s | NMI | plain MLPRegressor, s | NMI | times faster |\n|" + " --- |" * 6)
        for task in ("easy", "hard"):
            print(training(task, mfcc, genres))
        whole_run(tracks, Path(temporary) / "clone")


def features(tracks: Path) -> tuple[np.ndarray, np.ndarray]:
    """Time the extraction of MFCC frames; return them, shape (n_tracks, n_columns), and the genres."""
    paths = sorted(tracks.rglob("*.wav"))
    clips = [TrackClip(path, 0.0, SECONDS, SR, complete=True) for path in paths]
    config = AudioConfig()
    settings: dict[str, Any] = {"sr": SR, "n_frames": frame_count(SECONDS, sr=SR, config=config), "config": config}
    extract_audio(clips[:32], compute=mfcc_frames, **settings)  # the imports of this process and of the workers
    start = time.perf_counter()
    rows = extract_audio(clips, compute=mfcc_frames, **settings)
    print(f"cold MFCC extraction of {len(clips)} tracks after the imports: {time.perf_counter() - start:.1f} s")
    return np.stack([np.asarray(row) for row in rows]).reshape(len(rows), -1), np.array(
        [path.parent.name for path in paths]
    )


def training(task: str, mfcc: np.ndarray, genres: np.ndarray) -> str:
    """Time a task's network on the rotated and on the original columns; return a row of the table."""
    config = load_config(TaskConfig, ROOT / "conf" / "tasks" / f"{task}.yaml")
    blocks = [Block("audio", mfcc)] + ([Block("genre", one_hot(genres))] if config.blocks.genre else [])
    matrix = DesignMatrix.join(blocks)
    settings = config.model.model_dump(exclude={"name", "lyrics_dim"})
    Autoencoder(2, epochs=1).fit(mfcc[:20])  # the imports
    model = Autoencoder(**settings, blocks=matrix.columns, random_state=0)
    fast, latent = timed(lambda: model.fit(matrix.values).transform(matrix.values))
    slow, plain_latent = timed(lambda: plain(config, matrix))
    scores = [nmi(vectors, genres) for vectors in (latent, plain_latent)]
    return f"| {task} | {fast:.1f} | {scores[0]:.3f} | {slow:.1f} | {scores[1]:.3f} | {slow / fast:.0f} |"


def plain(config: TaskConfig, matrix: DesignMatrix) -> np.ndarray:
    """Train the same network on the original columns and return its codes, shape (n_tracks, latent_dim)."""
    from sklearn.neural_network import MLPRegressor

    start, end = matrix.columns["audio"]
    audio = matrix.values[:, start:end]
    mean, scale = column_statistics(audio)
    target = (audio - mean) / scale
    inputs = np.hstack([target, matrix.values[:, end:]])
    model: Any = config.model
    network = MLPRegressor(
        hidden_layer_sizes=(*model.hidden, model.latent_dim, *reversed(model.hidden)),
        learning_rate_init=model.learning_rate,
        batch_size=len(inputs),
        shuffle=False,
        random_state=0,
    )
    train(network, inputs, target, model.epochs)
    code = inputs
    for weights, bias in zip(network.coefs_[: len(model.hidden) + 1], network.intercepts_, strict=False):
        code = np.maximum(code @ weights + bias, 0)
    return code


def whole_run(tracks: Path, clone: Path) -> None:
    """Time a warm `mlflow run` of `hard` in a clone."""
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
    configure(clone / "conf" / "data.yaml", corpus="folder", root=str(tracks))
    configure(clone / "conf" / "features.yaml", lyrics={"source": "themes"})
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MLFLOW")} | {"PATH": path}
    command = [shutil.which("mlflow", path=path) or "mlflow", "run", ".", "-P", "task=hard", "--env-manager", "local"]
    for state in ("cold", "warm", "warm"):
        seconds, _ = timed(lambda: subprocess.run(command, cwd=clone, env=environment, check=True, capture_output=True))
        print(f"{state} mlflow run . -P task=hard --env-manager local: {seconds:.1f} s")


def configure(path: Path, **changes: Any) -> None:
    """Change keys of a conf file."""
    content = yaml.safe_load(path.read_text())
    for key, value in changes.items():
        content[key] = content[key] | value if isinstance(value, dict) else value
    path.write_text(yaml.safe_dump(content, sort_keys=False))


def timed(function: Callable[[], Any]) -> tuple[float, Any]:
    """Call a function and return the seconds it took, and its result."""
    start = time.perf_counter()
    result = function()
    return time.perf_counter() - start, result


def nmi(latent: np.ndarray, genres: np.ndarray) -> float:
    """Return the NMI of K-Means with ten clusters."""
    from sklearn.metrics import normalized_mutual_info_score

    labels = make_clusterer("kmeans", n_clusters=10, random_state=0).fit_predict(latent)
    return float(normalized_mutual_info_score(genres, labels))


if __name__ == "__main__":
    main()
