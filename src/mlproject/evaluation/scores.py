"""All scores of one partition, undefined ones as None."""

from collections.abc import Mapping

import numpy as np
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score, homogeneity_completeness_v_measure

from mlproject.evaluation.external import accuracy, genre_purity, purity
from mlproject.evaluation.internal import internal_metrics
from mlproject.evaluation.metrics import EXTERNAL_METRICS, INTERNAL_METRICS, METRICS

__all__ = ["EXTERNAL_METRICS", "difference", "score_external", "score_genres", "score_labels", "score_partition"]

Scores = dict[str, float | None]


def score_partition(latent: np.ndarray, labels: np.ndarray, genres: np.ndarray | None, *, n_clusters: int) -> Scores:
    """Score one partition of a latent, shape (n_tracks, n_columns), by metric; undefined scores are None.

    Labels have shape (n_tracks,), -1 is noise; so have genres, and without them the metrics that need labels are left
    out. `n_clusters` is the number that was asked for. A partition with noise, or with another number of clusters, is
    scored by AMI and ARI alone, noise tracks as clusters of their own, beside its number of clusters and its coverage
    in [0, 1]: the other metrics reward noise (all noise has purity 1).
    """
    noise = labels == -1
    scores: Scores = {"n_clusters": float(len(np.unique(labels[~noise]))), "coverage": float(1 - noise.mean())}
    comparable = _comparable(labels, n_clusters)
    scores |= internal_metrics(latent, labels) if comparable else dict.fromkeys(INTERNAL_METRICS)
    if genres is not None:
        scores |= score_labels(labels, genres, n_clusters=n_clusters)
    return scores


def score_labels(labels: np.ndarray, genres: np.ndarray, *, n_clusters: int | None) -> Scores:
    """Score a partition against the genres alone, as `score_partition` does.

    `n_clusters` is the number that was asked for; None takes whatever number there is.
    """
    singled = labels.astype(np.int64)
    noise = np.flatnonzero(singled == -1)  # its tracks become clusters of their own
    singled[noise] = singled.max(initial=0) + 1 + np.arange(len(noise))
    if _comparable(labels, len(np.unique(labels)) if n_clusters is None else n_clusters):
        return dict(score_external(singled, genres))
    return dict.fromkeys(EXTERNAL_METRICS) | _adjusted(singled, genres)


def score_genres(labels: np.ndarray, genres: np.ndarray | None, *, n_clusters: int) -> dict[str, float] | None:
    """Return the purity of each genre; None where `score_partition` leaves purity undefined."""
    if genres is None or not _comparable(labels, n_clusters):
        return None
    return genre_purity(labels, genres)


def difference(scores: Mapping[str, float | None], baseline: Mapping[str, float | None]) -> Scores:
    """Subtract a baseline's scores; None where either is undefined."""
    return {
        name: None if scores[name] is None or baseline[name] is None else scores[name] - baseline[name]  # type: ignore[operator]
        for name in METRICS
        if name in scores and name in baseline
    }


def _comparable(labels: np.ndarray, n_clusters: int) -> bool:
    return -1 not in labels and len(np.unique(labels)) == n_clusters


def score_external(labels: np.ndarray, genres: np.ndarray) -> dict[str, float]:
    """Score a partition without noise against the genres; see `EXTERNAL_METRICS`."""
    # NMI with the arithmetic mean is the V-measure.
    homogeneity, completeness, nmi = map(float, homogeneity_completeness_v_measure(genres, labels))
    return _adjusted(labels, genres) | {
        "nmi": nmi,
        "homogeneity": homogeneity,
        "completeness": completeness,
        "purity": purity(labels, genres),
        "accuracy": accuracy(labels, genres),
    }


def _adjusted(labels: np.ndarray, genres: np.ndarray) -> dict[str, float]:
    return {"ami": float(adjusted_mutual_info_score(genres, labels)), "ari": float(adjusted_rand_score(genres, labels))}
