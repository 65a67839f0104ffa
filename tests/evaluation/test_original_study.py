"""The arrays that the original study stored must give its table again, to the last printed digit."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from mlproject.clustering.clusterers import make_clusterer
from mlproject.evaluation.internal import internal_metrics
from mlproject.evaluation.scores import score_partition

COLUMNS = ("silhouette", "calinski_harabasz", "davies_bouldin", "nmi", "ami", "ari")
COLUMNS += ("homogeneity", "completeness", "purity", "accuracy")
TABLE = {
    "pca": "0.0927 135.35 2.204 0.3156 0.3025 0.1720 0.3084 0.3233 0.3774 0.3684",
    "vae": "0.1664 124.92 1.721 0.2189 0.2042 0.1232 0.2148 0.2231 0.3133 0.2833",
}
SILHOUETTE_OF_THE_GENRES = {"pca": "-0.035", "vae": "-0.031"}
FEATURES = {"pca": "pca_features", "vae": "vae_latent_features"}


@pytest.fixture(params=["pca", "vae"])
def row(request):
    return request.param


@pytest.fixture
def stored(test_data):
    return {path.stem: np.load(path) for path in (test_data / "original_results").glob("*.npy")}


def test_table(row, stored):
    features, labels = stored[FEATURES[row]], stored[f"{row}_clusters"]
    scores = score_partition(features, labels, stored["true_labels"], n_clusters=10)
    printed = dict(zip(COLUMNS, TABLE[row].split(), strict=True))
    digits = {name: len(text.split(".")[1]) for name, text in printed.items()}
    assert {name: f"{scores[name]:.{digits[name]}f}" for name in COLUMNS} == printed


def test_clustering_gives_the_stored_partition_again(row, stored):
    kmeans = make_clusterer("kmeans", n_clusters=10, n_init=10, random_state=42)
    assert adjusted_rand_score(stored[f"{row}_clusters"], kmeans.fit_predict(stored[FEATURES[row]])) == 1


def test_silhouette_of_the_genres_themselves(row, stored):
    silhouette = internal_metrics(stored[FEATURES[row]], stored["true_labels"])["silhouette"]
    assert f"{silhouette:.3f}" == SILHOUETTE_OF_THE_GENRES[row]
