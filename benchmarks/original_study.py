"""What the original study claimed, what its outputs printed, and what its stored arrays score here.

S. Hossain, *Hybrid Music Genre Clustering via Autoencoder and VAE Architectures*, 2026, repository
sajjad321s/music-clustering-vae on GitHub: the table of its README, and the outputs in its notebooks.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.results_records import rounded
from mlproject.evaluation.chance import chance_levels
from mlproject.evaluation.internal import internal_metrics
from mlproject.evaluation.scores import score_partition

__all__ = ["measure_original"]

SOURCE = (
    "S. Hossain, *Hybrid Music Genre Clustering via Autoencoder and VAE Architectures*, 2026, "
    "GitHub sajjad321s/music-clustering-vae"
)
METRICS = ("silhouette", "nmi", "ari", "purity")
# System, task here, clusterer, whether its input is made from the genre; README; outputs and their number of tracks.
STUDY: tuple[tuple[str, str, str, bool, tuple[float, ...] | None, tuple[float, ...], int], ...] = (
    ("PCA + K-Means", "baseline", "kmeans", False, (0.15, 0.12, 0.04, 0.25), (0.088, 0.316, 0.171, 0.401), 399),
    ("easy (a VAE)", "easy", "kmeans", False, (0.16, 0.13, 0.05, 0.26), (0.166, 0.219, 0.123, 0.313), 999),
    ("medium", "medium", "kmeans", True, (0.20, 0.16, 0.06, 0.30), (0.220, 0.284, 0.111, 0.328), 299),
    ("hard", "hard", "kmeans", True, (0.22, 0.19, 0.08, 0.34), (0.158, 0.300, 0.145, 0.386), 399),
    ("hard, agglomerative", "hard", "agglomerative", True, None, (0.129, 0.402, 0.234, 0.439), 399),
)
STORED = {"PCA + K-Means": ("pca_features", "pca_clusters"), "easy (a VAE)": ("vae_latent_features", "vae_clusters")}
N_CLUSTERS = 10


def measure_original(folder: Path) -> dict[str, Any]:
    """Score the stored arrays, and put them beside the claims.

    Parameters
    ----------
    folder : Path
        Holds true_labels, pca_features, pca_clusters, vae_latent_features and vae_clusters as .npy.
    """
    stored = {path.stem: np.load(path) for path in folder.glob("*.npy")}
    genres = stored["true_labels"]
    chance = chance_levels(genres, n_clusters=N_CLUSTERS, rng=np.random.default_rng(0))
    record = {
        "source": SOURCE,
        "tracks": len(genres),
        "chance": {name: chance[name]._asdict() for name in METRICS[1:]},
        "rows": [_row(row, stored) for row in STUDY],
    }
    return {key: rounded(value) for key, value in record.items()}


def _row(row: tuple[Any, ...], stored: dict[str, np.ndarray]) -> dict[str, Any]:
    system, task, clusterer, derived, claimed, printed, tracks = row
    return {
        "system": system,
        "task": task,
        "clusterer": clusterer,
        "label_derived": derived,
        "claimed": claimed and dict(zip(METRICS, claimed, strict=True)),
        "printed": {"tracks": tracks, **dict(zip(METRICS, printed, strict=True))},
        "measured": _measured(*STORED[system], stored) if system in STORED else None,
    }


def _measured(vectors: str, labels: str, stored: dict[str, np.ndarray]) -> dict[str, Any]:
    genres = stored["true_labels"]
    scores = score_partition(stored[vectors], stored[labels], genres, n_clusters=N_CLUSTERS)
    of_genres = internal_metrics(stored[vectors], genres)["silhouette"]
    return {"tracks": len(genres), **{name: scores[name] for name in METRICS}, "silhouette_of_genres": of_genres}
