"""Metrics of a partition against the genres that scikit-learn lacks: purity and accuracy.

Rows of a contingency table are clusters, columns genres.
"""

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.metrics.cluster import contingency_matrix

__all__ = ["accuracy", "contingency", "genre_purity", "match_clusters", "purity"]


def contingency(labels: np.ndarray, genres: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Count tracks by cluster and genre; labels and genres have shape (n_tracks,).

    Returns
    -------
    counts : ndarray of shape (n_clusters, n_genres)
    cluster_names, genre_names : ndarray
        Sorted.
    """
    return contingency_matrix(labels, genres), np.unique(labels), np.unique(genres)


def purity(labels: np.ndarray, genres: np.ndarray) -> float:
    """Return the share of tracks whose genre is the most frequent one of their cluster, in (0, 1].

    C. D. Manning, P. Raghavan, H. Schütze, *Introduction to Information Retrieval*, 2008, section 16.3. It grows with
    the number of clusters.
    """
    counts = contingency_matrix(labels, genres)
    return float(counts.max(axis=1).sum() / counts.sum())


def accuracy(labels: np.ndarray, genres: np.ndarray) -> float:
    """Return the share of tracks that a best one-to-one matching of clusters to genres gets right, in (0, 1].

    The matching is the Hungarian method's on the rectangular table: surplus clusters, or genres, match nothing.
    """
    counts = contingency_matrix(labels, genres)
    return float(counts[linear_sum_assignment(counts, maximize=True)].sum() / counts.sum())


def genre_purity(labels: np.ndarray, genres: np.ndarray) -> dict[str, float]:
    """Return, for each genre, the share of its tracks in clusters where it is the most frequent genre.

    The mean over tracks is `purity`; in a cluster with a tie the first genre by name counts as the most frequent one.
    """
    counts, _, names = contingency(labels, genres)
    winners = counts.argmax(axis=1)
    return {
        str(name): float(counts[winners == column, column].sum() / counts[:, column].sum())
        for column, name in enumerate(names)
    }


def match_clusters(labels: np.ndarray, genres: np.ndarray) -> dict[int, str]:
    """Match clusters with genres one to one so that most tracks agree, as `accuracy` does: the genre by cluster.

    The label -1 is noise and never matched; surplus clusters, or genres, are absent.
    """
    clustered = labels != -1
    if not clustered.any():
        return {}
    counts, clusters, names = contingency(labels[clustered], genres[clustered])
    pairs = zip(*linear_sum_assignment(counts, maximize=True), strict=True)
    matched = sorted((str(names[column]), int(clusters[row])) for row, column in pairs)
    return {cluster: genre for genre, cluster in matched}
