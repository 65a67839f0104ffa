from typing import get_args

import numpy as np
import pytest
from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_rand_score

from mlproject.clustering.clusterers import KneeDBSCAN, make_clusterer
from mlproject.config.evaluation import ClustererName

NAMES = get_args(ClustererName)


@pytest.fixture(scope="module")
def blobs():
    vectors, labels = make_blobs(120, n_features=5, centers=4, cluster_std=0.5, random_state=3)
    return vectors.astype(np.float32), labels


def partition(name, vectors, **options):
    return make_clusterer(name, **{"n_clusters": 4, "random_state": 0} | options).fit_predict(vectors)


@pytest.mark.filterwarnings("ignore:Graph is not fully connected:UserWarning")
@pytest.mark.parametrize("name", NAMES)
class TestEveryClusterer:
    def test_clear_groups_are_found(self, name, blobs):
        vectors, labels = blobs
        found = partition(name, vectors)
        assert found.shape == (120,)
        clustered = found != -1
        assert clustered.mean() > 0.8
        assert adjusted_rand_score(labels[clustered], found[clustered]) == pytest.approx(1)

    def test_same_seed_gives_the_same_partition(self, name, blobs):
        vectors, _ = blobs
        np.testing.assert_array_equal(partition(name, vectors), partition(name, vectors))

    def test_vectors_stay_as_they_are(self, name, blobs):
        vectors, _ = blobs
        before = vectors.copy()
        partition(name, vectors)
        np.testing.assert_array_equal(vectors, before)


@pytest.mark.parametrize("name", [name for name in NAMES if "dbscan" not in name])
def test_stated_number_of_clusters_is_found(name, rng):
    vectors = rng.normal(size=(80, 4)).astype(np.float32)
    assert set(partition(name, vectors, n_clusters=7)) == set(range(7))


def test_settings_arrive():
    kmeans = make_clusterer("kmeans", n_clusters=3, n_init=7, random_state=5)
    assert (kmeans.n_clusters, kmeans.n_init, kmeans.init, kmeans.random_state) == (3, 7, "k-means++", 5)
    assert make_clusterer("agglomerative", n_clusters=3).linkage == "ward"
    spectral = make_clusterer("spectral", n_clusters=3, n_neighbors=6)
    assert (spectral.affinity, spectral.n_neighbors) == ("nearest_neighbors", 6)
    assert make_clusterer("dbscan", n_clusters=3, n_neighbors=6).n_neighbors == 6
    assert make_clusterer("hdbscan", n_clusters=3, n_neighbors=6).min_cluster_size == 6
    mixture = make_clusterer("gaussian_mixture", n_clusters=3, n_init=7, random_state=5)
    assert (mixture.n_components, mixture.covariance_type, mixture.n_init) == (3, "diag", 7)


def test_a_mixture_takes_columns_that_say_nothing_and_lie_far_from_zero(rng):
    vectors = rng.normal(size=(60, 4)).astype(np.float32) + np.float32(1e4)
    vectors[:, 1] = 1e4
    assert set(partition("gaussian_mixture", vectors, n_clusters=3)) <= {0, 1, 2}


def test_few_points_of_a_kind_are_noise_to_hdbscan(blobs):
    vectors = np.vstack([blobs[0], [[100.0] * 5], [[-100.0] * 5]])
    labels = partition("hdbscan", vectors)
    assert set(labels[-2:]) == {-1}
    assert len(set(labels)) == 5


class TestKneeDBSCAN:
    def test_radius_is_the_distance_farthest_below_the_chord(self):
        # On a line; distances to the nearest other point are 1, 1, 1, 1, 2, 10.
        points = np.array([[0.0], [1.0], [2.0], [3.0], [5.0], [15.0]])
        assert KneeDBSCAN(n_neighbors=1).fit(points).eps_ == 2.0

    def test_points_far_from_all_are_noise(self, blobs):
        vectors = np.vstack([blobs[0], [[100.0] * 5], [[-100.0] * 5]])
        labels = KneeDBSCAN().fit(vectors).labels_
        assert labels.dtype == np.int32
        assert set(labels[-2:]) == {-1}

    def test_equal_points_are_one_cluster(self):
        model = KneeDBSCAN(n_neighbors=3).fit(np.ones((20, 2)))
        assert set(model.labels_) == {0}
        assert model.eps_ > 0

    def test_fewer_points_than_neighbours_are_noise(self):
        assert set(KneeDBSCAN(n_neighbors=10).fit_predict(np.arange(6.0)[:, None])) == {-1}

    def test_no_neighbour_is_refused(self):
        with pytest.raises(ValueError, match="n_neighbors == 0, must be >= 1"):
            KneeDBSCAN(0).fit(np.ones((5, 2)))
