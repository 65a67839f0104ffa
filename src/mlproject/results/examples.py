"""`examples.npz`: the little that figures show of MFCC."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mlproject.experiment.run_task import TaskResult

__all__ = ["Examples", "examples_of", "read_examples"]

MOST_GENRES, N_RECONSTRUCTED = 20, 3


@dataclass(frozen=True)
class Examples:
    """MFCC of a few tracks, float32, dB."""

    genres: np.ndarray  # (n_genres,): the first twenty by name
    by_genre: np.ndarray  # (n_genres, n_mfcc, n_frames): first track of each
    names: np.ndarray  # (n_examples,): genres, or numbers of tracks; empty for a model that does not reconstruct
    originals: np.ndarray  # (n_examples, n_mfcc, n_frames)
    reconstructions: np.ndarray  # of the same shape
    mean: np.ndarray  # (n_mfcc, 1): of each coefficient over all tracks and frames
    deviation: np.ndarray  # (n_mfcc, 1); one of 0 is 1


def examples_of(result: TaskResult, mfcc: np.ndarray) -> Examples | None:
    """Choose what figures show of the MFCC of a result's tracks, shape (n_tracks, n_mfcc, n_frames)."""
    encoder, shape = result.task.model.encoder_, mfcc.shape[1:]
    names, first = np.empty(0, dtype=np.str_), np.empty(0, dtype=np.int64)
    if result.genres is not None:
        # First row of each genre, in order of the names.
        names, first = np.unique(result.genres.astype(str), return_index=True)
    rows = _reconstructed(names, first) if hasattr(encoder, "reconstruct") else {}
    if not len(names) and not rows:
        return None
    chosen = list(rows.values())
    rebuilt = np.empty((0, *shape), dtype=np.float32)
    if chosen:
        # Rows of the flattened matrix -> images.
        rebuilt = encoder.reconstruct(result.design.matrix.values[chosen]).reshape(-1, *shape)
    # (n_mfcc, 1): over tracks and frames; float64, sums are long.
    deviation = mfcc.std(axis=(0, 2), dtype=np.float64)[:, None]
    return Examples(
        genres=np.array(names[:MOST_GENRES], dtype=np.str_),
        by_genre=np.asarray(mfcc[first[:MOST_GENRES]], dtype=np.float32),
        names=np.array(list(rows), dtype=np.str_),
        originals=np.asarray(mfcc[np.array(chosen, dtype=np.int64)], dtype=np.float32),
        reconstructions=np.asarray(rebuilt, dtype=np.float32),
        mean=mfcc.mean(axis=(0, 2), dtype=np.float64)[:, None].astype(np.float32),
        deviation=np.where(deviation > 0, deviation, 1.0).astype(np.float32),
    )


def _reconstructed(names: np.ndarray, first: np.ndarray) -> dict[str, int]:
    """Return up to three rows by name: the first of genres that are spread over the sorted names."""
    if not len(names):
        return {f"track {row + 1}": row for row in range(N_RECONSTRUCTED)}
    spread = sorted({0, len(names) // 2, len(names) - 1})  # fewer than three where there are fewer genres
    return {str(names[index]): int(first[index]) for index in spread}


def read_examples(path: Path) -> Examples:
    """Read an archive of the fields."""
    # numpy leaves a file open that turns out to be no archive.
    with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        return Examples(**{name: arrays[name] for name in Examples.__dataclass_fields__})
