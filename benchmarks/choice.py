"""Which form of `umap` to take, by criteria that never see a genre: what docs/umap.md is about.

python -m benchmarks.choice --table features_30_sec.csv

Each candidate gets four numbers in [-1, 1], higher is better:

seeds      mean ARI of the K-Means partitions of several training seeds
clusterers mean ARI of K-Means with Ward's method and with a Gaussian mixture on the same latent
tracks     mean ARI of two partitions where two random 80 % of the tracks overlap, each trained on its own
columns    mean AMI of two partitions, each trained on a random half of the columns
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.cluster import AgglomerativeClustering, KMeans
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score
from sklearn.mixture import GaussianMixture
from tqdm import tqdm

import pipelines  # noqa: F401 - finds the package of this checkout
from benchmarks.evaluation import read_inputs
from mlproject.models.pca import PrincipalComponents
from mlproject.models.umap_ensemble import UmapEnsemble

Represent = Callable[[np.ndarray, int], np.ndarray]
N_CLUSTERS = 10
CANDIDATES: dict[str, dict[str, Any]] = {
    "z-scores, PCA 32": {"pca": "zscores"},
    "quantile-normalised, PCA 32": {"pca": "quantile"},
    "1 embedding of 10": {"n_embeddings": 1, "latent_dim": 10},
    "8 embeddings of 10": {"n_embeddings": 8, "latent_dim": 10},
    **{f"4 embeddings of {dim}": {"n_embeddings": 4, "latent_dim": dim} for dim in (8, 10, 12, 16, 24)},
    **{
        f"4 embeddings of {dim}, {near} neighbours": {"n_embeddings": 4, "latent_dim": dim, "n_neighbors": near}
        for dim in (10, 16)
        for near in (20, 40)
    },
}


def main() -> None:
    """Print a row a candidate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--table", type=Path, required=True, metavar="FILE", help="feature table, as for corpus: table")
    parser.add_argument("--repeats", type=int, default=8, help="seeds, pairs of track samples, pairs of column halves")
    options = parser.parse_args()
    values = read_inputs(options.table).statistics
    print(f"{values.shape[0]} tracks, {values.shape[1]} columns")
    print("| candidate | seeds | clusterers | tracks | columns | sum |\n|" + " --- |" * 6)
    for name, settings in CANDIDATES.items():
        found = criteria(values, represent_with(settings), repeats=options.repeats)
        print(f"| {name} | " + " | ".join(f"{value:.3f}" for value in (*found, sum(found))) + " |", flush=True)


def represent_with(settings: dict[str, Any]) -> Represent:
    """Return a function from columns and a seed to vectors."""
    if "pca" in settings:
        return lambda values, _: PrincipalComponents(min(32, values.shape[1]), scaling=settings["pca"]).fit_transform(
            values
        )
    return lambda values, seed: UmapEnsemble(**settings, random_state=seed).fit_transform(values)


def criteria(values: np.ndarray, represent: Represent, *, repeats: int) -> tuple[float, float, float, float]:
    """Return the four criteria in the order of the module's header."""
    rng, (n_tracks, n_columns) = np.random.default_rng(0), values.shape
    with tqdm(total=5 * repeats, leave=False) as bar:

        def vectors(some: np.ndarray, seed: int) -> np.ndarray:
            bar.update()
            return represent(some, seed)

        own = [vectors(values, seed) for seed in range(repeats)]
        parts = [kmeans(one, seed) for seed, one in enumerate(own)]
        tracks, columns = [], []
        for seed in range(repeats):
            one, other = (np.sort(rng.choice(n_tracks, int(0.8 * n_tracks), replace=False)) for _ in range(2))
            both = np.intersect1d(one, other)
            pair = [kmeans(vectors(values[rows], seed), seed)[np.searchsorted(rows, both)] for rows in (one, other)]
            tracks.append(adjusted_rand_score(*pair))
            halves = np.array_split(rng.permutation(n_columns), 2)
            columns.append(adjusted_mutual_info_score(*(kmeans(vectors(values[:, h], seed), seed) for h in halves)))
    seeds = [adjusted_rand_score(one, other) for one, other in combinations(parts, 2)]
    clusterers = [agreement(one, part, seed) for seed, (one, part) in enumerate(zip(own, parts, strict=True))]
    return tuple(float(np.mean(found)) for found in (seeds, clusterers, tracks, columns))  # type: ignore[return-value]


def kmeans(vectors: np.ndarray, seed: int) -> np.ndarray:
    """Partition as the evaluation does."""
    labels: np.ndarray = KMeans(N_CLUSTERS, n_init=10, random_state=seed).fit_predict(vectors)
    return labels


def agreement(vectors: np.ndarray, part: np.ndarray, seed: int) -> float:
    """Return the mean ARI of a partition with those of two other clusterers."""
    mixture = GaussianMixture(N_CLUSTERS, covariance_type="diag", reg_covar=1e-3, n_init=2, random_state=seed)
    others = (AgglomerativeClustering(N_CLUSTERS).fit_predict(vectors), mixture.fit_predict(vectors.astype(np.float64)))
    return float(np.mean([adjusted_rand_score(part, other) for other in others]))


if __name__ == "__main__":
    main()
