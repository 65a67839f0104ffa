import numpy as np
import pytest
from sklearn.metrics import silhouette_score

from mlproject.clustering.clusterers import make_clusterer
from mlproject.evaluation.chance import chance_levels, silhouette_nulls
from mlproject.evaluation.scores import EXTERNAL_METRICS

# Mean and 97.5th percentile of random labels, 10 clusters and 10 equal genres, by number of tracks.
PUBLISHED = {
    100: {"nmi": (0.212, 0.261), "purity": (0.261, 0.300)},
    399: {"nmi": (0.048, 0.064), "purity": (0.178, 0.198)},
    999: {"nmi": (0.018, 0.023), "purity": (0.148, 0.160)},
}
# Silhouette of K-Means with 10 clusters on Gaussian noise, by number of dimensions.
NOISE = {2: 0.33, 10: 0.075, 32: 0.025}


def genres_of(n_tracks):
    return np.array([f"genre {i}" for i in range(10)])[np.arange(n_tracks) % 10]


def kmeans(vectors):
    return make_clusterer("kmeans", n_clusters=10, n_init=2, random_state=0).fit_predict(vectors)


@pytest.mark.parametrize("n_tracks", PUBLISHED)
def test_levels_are_the_published_ones(rng, n_tracks):
    levels = chance_levels(genres_of(n_tracks), n_clusters=10, rng=rng, n_draws=200)
    assert set(levels) == set(EXTERNAL_METRICS)
    for metric, (mean, upper) in PUBLISHED[n_tracks].items():
        assert levels[metric].mean == pytest.approx(mean, abs=0.004)
        assert levels[metric].upper == pytest.approx(upper, abs=0.011)


def test_adjusted_metrics_have_no_chance_level_and_purity_grows_with_the_clusters(rng):
    few, many = (chance_levels(genres_of(200), n_clusters=k, rng=rng, n_draws=50) for k in (10, 100))
    for levels in (few, many):
        assert levels["ami"].mean == pytest.approx(0, abs=0.01)
        assert levels["ari"].mean == pytest.approx(0, abs=0.01)
        assert all(level.upper >= level.mean for level in levels.values())
    assert many["purity"].mean > few["purity"].mean + 0.2


def test_same_generator_gives_the_same_levels():
    first, again = (
        chance_levels(genres_of(50), n_clusters=5, rng=np.random.default_rng(3), n_draws=9) for _ in range(2)
    )
    assert first == again


@pytest.mark.parametrize("n_dimensions", NOISE)
def test_noise_has_a_silhouette_and_no_excess_over_its_nulls(rng, n_dimensions):
    noise = rng.normal(size=(1000, n_dimensions))
    nulls = silhouette_nulls(noise, kmeans, rng=rng, n_draws=3)
    own = silhouette_score(noise, kmeans(noise))
    for null in nulls.values():
        assert null == pytest.approx(NOISE[n_dimensions], abs=0.015)
        assert own == pytest.approx(null, abs=0.02)


def test_real_clusters_stand_out_from_both_nulls(rng):
    vectors = 4 * rng.normal(size=(10, 8))[np.arange(300) % 10] + rng.normal(size=(300, 8))
    nulls = silhouette_nulls(vectors, kmeans, rng=rng)
    own = silhouette_score(vectors, kmeans(vectors))
    assert own - max(nulls.values()) > 0.2


def test_correlated_columns_are_what_only_the_gaussian_keeps(rng):
    line = rng.normal(size=(300, 1)) @ np.ones((1, 6)) + 0.01 * rng.normal(size=(300, 6))
    nulls = silhouette_nulls(line, kmeans, rng=rng)
    assert nulls["gaussian"] == pytest.approx(silhouette_score(line, kmeans(line)), abs=0.05)
    assert nulls["permuted"] < nulls["gaussian"] - 0.2


def test_clusterer_sees_vectors_of_the_same_shape_type_and_spread(rng):
    latent = (rng.normal(size=(200, 3)) * [1, 10, 100] + 7).astype(np.float32)
    seen = []

    def cluster(vectors):
        seen.append(vectors)
        return np.arange(200) % 2

    silhouette_nulls(latent, cluster, rng=rng, n_draws=2)
    assert len(seen) == 4
    for vectors in seen:
        assert (vectors.shape, vectors.dtype) == (latent.shape, latent.dtype)
        np.testing.assert_allclose(vectors.std(axis=0), latent.std(axis=0), rtol=0.2)
    np.testing.assert_array_equal(np.sort(seen[0], axis=0), np.sort(latent, axis=0))


def test_clusterer_that_finds_one_cluster_leaves_the_null_undefined(rng):
    nulls = silhouette_nulls(rng.normal(size=(20, 2)), lambda vectors: np.zeros(len(vectors)), rng=rng, n_draws=2)
    assert np.isnan(list(nulls.values())).all()


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_columns_that_depend_on_each_other_and_large_ones_are_drawn_without_warning(rng, scale):
    latent = scale * rng.normal(size=(60, 2)) @ rng.normal(size=(2, 12))
    assert np.isfinite(list(silhouette_nulls(latent, kmeans, rng=rng, n_draws=1).values())).all()
