"""Labels that arrive as values: does a block that is declared label-free give the genre away?

A file of "lyrics" that are the genre, or the row number of a sorted listing, is label-free by every declaration. Its
values give it away: nothing that is measured in the sound of GTZAN reaches an AMI of .5 with the genre on its own.
With two genres ten bins reach .46 at most, so that a column of many values is never red: a loud genre looks the same.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import entr
from sklearn.metrics import adjusted_mutual_info_score
from sklearn.metrics.cluster import contingency_matrix

from mlproject.clustering.clusterers import make_clusterer
from mlproject.features.blocks import Block
from mlproject.models.scaling import column_statistics

__all__ = ["LIMIT", "Finding", "find_leaks"]

LIMIT = 0.5  # AMI with the genre
N_BINS = 10
FEW_VALUES = 20  # distinct values of a column that may be a code
EXPLAINED = 0.5  # share of such a column's entropy that the genre explains, from which it counts as a code of the genre
ENOUGH_TRACKS = 30  # the best of 25,840 columns of noise reaches .58 on 20 tracks, .29 on 40
CANDIDATES = 10  # columns whose adjusted score is taken
CHUNK = 2048  # columns that are binned at a time


class Finding(NamedTuple):
    """The AMI with the genre that one check of a block reaches."""

    block: str
    check: str
    ami: float
    red: bool  # whether it is above the limit


def find_leaks(block: Block, genres: np.ndarray, *, n_clusters: int, seed: int, audio: bool) -> list[Finding]:
    """Check a block that is declared label-free in three ways.

    Groups of identical rows, in all columns and in those that look like a code of the genre: few distinct values, for
    the most part explained by it, as those of a one-hot are beside any number of others; the worst single column in ten
    quantile bins; K-Means on the block alone, unless it is `audio`: clusters of what is measured in sound are what the
    task is after, and no leak. `genres` have shape (n_tracks,).
    """
    values = block.values + np.float32(0)  # no negative zeros: rows are compared by their bytes
    checks: dict[str, float] = {"identical rows": _ami(genres, _identical_rows(values))}
    codes = [i for i in np.flatnonzero(_distinct(values) <= FEW_VALUES) if _explained(values[:, i], genres) > EXPLAINED]
    if codes:
        checks["identical rows in columns of few values"] = _ami(genres, _identical_rows(values[:, codes]))
    if len(values) >= ENOUGH_TRACKS:
        checks["worst column in quantile bins"] = _worst_column(values, genres)
    if not audio:
        checks["k-means alone"] = _ami(genres, _kmeans(values, n_clusters, seed))
    return [Finding(block.name, check, ami, ami > LIMIT) for check, ami in checks.items()]


def _ami(genres: np.ndarray, labels: np.ndarray) -> float:
    return float(adjusted_mutual_info_score(genres, labels))


def _identical_rows(values: np.ndarray) -> np.ndarray:
    rows: dict[bytes, int] = {}
    return np.array([rows.setdefault(row.tobytes(), len(rows)) for row in np.ascontiguousarray(values)])


def _kmeans(values: np.ndarray, n_clusters: int, seed: int) -> np.ndarray:
    mean, scale = column_statistics(values)
    distinct = len(np.unique(_identical_rows(values)))
    kmeans = make_clusterer("kmeans", n_clusters=min(n_clusters, distinct), random_state=seed)
    return np.asarray(kmeans.fit_predict((values - mean) / scale))


def _worst_column(values: np.ndarray, genres: np.ndarray) -> float:
    """Highest AMI of any column; the adjusted score is taken of the few columns that share most with the genre."""
    columns = [np.ascontiguousarray(values[:, i : i + CHUNK].T) for i in range(0, values.shape[1], CHUNK)]
    shared = np.concatenate([_shared(_bins(chunk), genres) for chunk in columns])
    worst = np.ascontiguousarray(values[:, np.argsort(shared)[-CANDIDATES:]].T)
    return max(_ami(genres, column) for column in _bins(worst))


def _distinct(values: np.ndarray) -> np.ndarray:
    """Count the distinct values of each column; for most columns their first rows show more than enough."""
    counts = (np.diff(np.sort(values[: 2 * FEW_VALUES], axis=0), axis=0) > 0).sum(axis=0) + 1
    for i in np.flatnonzero(counts <= FEW_VALUES):
        counts[i] = len(np.unique(values[:, i]))
    return np.asarray(counts)


def _explained(column: np.ndarray, genres: np.ndarray) -> float:
    """Share of a column's entropy that the genre explains, in [0, 1]; 0 for a constant column."""
    joint = contingency_matrix(column, genres) / len(column)  # (n_values, n_genres)
    # I(column; genre) / H(column) = 1 - (H(column, genre) - H(genre)) / H(column)
    entropy = entr(joint.sum(axis=1)).sum()
    return float(1 - (entr(joint).sum() - entr(joint.sum(axis=0)).sum()) / entropy) if entropy > 0 else 0.0


def _bins(columns: np.ndarray) -> np.ndarray:
    """Number the ten quantile bins of each of (n_columns, n_tracks); equal values share one."""
    n_tracks = columns.shape[1]
    # (n_columns, N_BINS - 1): the last value of each bin; a value that is above k of them falls into bin k.
    edges = np.sort(columns, axis=1)[:, n_tracks * np.arange(1, N_BINS) // N_BINS - 1]
    return np.asarray(sum((columns > edge[:, None]).astype(np.int8) for edge in edges.T))


def _shared(bins: np.ndarray, genres: np.ndarray) -> np.ndarray:
    """Normalised mutual information of each column's bins with the genre, shape (n_columns,)."""
    names, code = np.unique(genres, return_inverse=True)
    indicators = np.eye(len(names), dtype=np.float32)[code]
    # (n_columns, n_tracks) @ (n_tracks, n_genres) per bin -> (n_columns, N_BINS, n_genres): shares of the tracks.
    joint = np.stack([(bins == i).astype(np.float32) @ indicators for i in range(N_BINS)], axis=1) / len(genres)
    by_bin, by_genre = joint.sum(axis=2), indicators.mean(axis=0)
    entropies = entr(by_bin).sum(axis=1) + entr(by_genre).sum()
    # I = H(bin) + H(genre) - H(bin, genre), divided by the mean of both entropies
    information = entropies - entr(joint).sum(axis=(1, 2))
    return np.asarray(2 * information / np.where(entropies > 0, entropies, 1))
