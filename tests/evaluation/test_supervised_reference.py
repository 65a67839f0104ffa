import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_mutual_info_score

from mlproject.evaluation.supervised_reference import predicted_genres

SIGNAL = 30  # dimensions in which simulated genres differ


@pytest.fixture
def genres():
    return np.array(["blues", "jazz", "metal", "pop"])[np.arange(60) % 4]


@pytest.fixture
def vectors(rng):
    return rng.normal(size=(60, 7)) + 3 * rng.normal(size=(4, 7))[np.arange(60) % 4]


def simulated(n_genres, n_columns, distance, *, n_tracks=80, seed=0):
    """Isotropic Gaussian genres, `distance` apart on average, in 30 dimensions; the others are noise of the same size.

    Returns vectors, genres, and the accuracy of who knows the means: the Bayes classifier's.
    """
    rng, codes = np.random.default_rng(seed), np.arange(n_tracks) % n_genres
    means = np.zeros((n_genres, n_columns))
    means[:, :SIGNAL] = distance / np.sqrt(2 * SIGNAL) * rng.normal(size=(n_genres, SIGNAL))
    fresh = np.arange(4000) % n_genres
    drawn = means[fresh] + rng.normal(size=(4000, n_columns))
    nearest = (drawn @ means.T - (means**2).sum(axis=1) / 2).argmax(axis=1)
    return means[codes] + rng.normal(size=(n_tracks, n_columns)), codes.astype(str), (nearest == fresh).mean()


def accuracy(latent, genres, groups=None):
    return (predicted_genres(latent, genres, groups, seed=0) == genres).mean()


class TestSimulated:
    @pytest.mark.parametrize("seed", range(3))
    @pytest.mark.parametrize(
        ("n_genres", "n_columns", "distance"),
        [(4, 79, 5), (8, 79, 6), (8, 200, 7), (4, 30, 4)],
        ids=["as many dimensions as there can be", "more genres", "wider than there are tracks", "signal alone"],
    )
    def test_recovers_what_is_there_and_more_than_clusters_do(self, n_genres, n_columns, distance, seed):
        latent, genres, possible = simulated(n_genres, n_columns, distance, seed=seed)
        predicted = predicted_genres(latent, genres, None, seed=0)
        assert possible - 0.25 < (predicted == genres).mean() <= 1
        clusters = KMeans(n_genres, n_init=10, random_state=0).fit_predict(latent)
        assert adjusted_mutual_info_score(genres, predicted) > adjusted_mutual_info_score(genres, clusters)

    def test_comes_near_what_is_possible_with_more_tracks(self):
        latent, genres, possible = simulated(4, 79, 4, n_tracks=800)
        assert possible - 0.05 < accuracy(latent, genres) < possible + 0.05

    def test_finds_nothing_where_there_is_nothing(self):
        latent, genres, possible = simulated(4, 79, 0)
        assert possible == pytest.approx(0.25, abs=0.05)
        assert accuracy(latent, genres) < 0.45
        assert abs(adjusted_mutual_info_score(genres, predicted_genres(latent, genres, None, seed=0))) < 0.1

    def test_weak_axes_do_not_hide_the_genre(self):
        # All the n - 1 axes of n points: at one scale each, all points would be equally far apart.
        latent, genres, _ = simulated(4, 400, 9)
        latent[:, SIGNAL:] *= 0.3
        u, s, _ = np.linalg.svd(latent - latent.mean(axis=0), full_matrices=False)
        assert accuracy((u * s)[:, :79], genres) > 0.9
        assert accuracy(u[:, :79], genres) < 0.5


def test_does_not_profit_from_knowing_the_artist(rng):
    # Each artist is a point far from all others; the genre shows in nothing else.
    artists, genres = np.repeat(np.arange(20), 5), np.repeat(np.arange(20) % 2, 5)
    vectors = 5 * rng.normal(size=(20, 12))[artists] + rng.normal(size=(100, 12))
    assert accuracy(vectors, genres) > 0.85
    assert accuracy(vectors, genres, artists) < 0.75


def test_unit_and_order_of_the_vectors_columns_do_not_matter(vectors, genres):
    own = predicted_genres(vectors, genres, None, seed=0)
    np.testing.assert_array_equal(own, predicted_genres(vectors * 2**20, genres, None, seed=0))
    np.testing.assert_array_equal(own, predicted_genres(vectors[:, ::-1], genres, None, seed=0))


def test_same_seed_same_prediction(vectors, genres):
    first, again = (predicted_genres(vectors, genres, None, seed=4) for _ in range(2))
    np.testing.assert_array_equal(first, again)


def test_few_artists_are_enough(vectors, genres):
    assert set(predicted_genres(vectors, genres, np.arange(60) // 4 % 2, seed=0)) <= set(genres)


@pytest.mark.parametrize(
    ("genres", "artists"),
    [
        (np.repeat("pop", 60), None),
        (np.arange(60).astype(str), None),
        (np.arange(60) % 4, np.zeros(60)),
        (np.repeat(["pop", "jazz"], 30), np.repeat(["one", "other"], 30)),
    ],
    ids=["one genre", "a genre a track", "one artist", "two genres by one artist each"],
)
def test_what_cannot_be_taught_has_no_reference(vectors, genres, artists):
    assert predicted_genres(vectors, genres, artists, seed=0) is None


def test_genre_of_two_tracks_makes_two_folds_and_leaves_the_penalty_as_it_is(vectors, genres):
    genres[np.flatnonzero(genres == "pop")[2:]] = "jazz"
    assert len(predicted_genres(vectors, genres, None, seed=0)) == 60


def test_equal_vectors_are_predicted_all_the_same(genres):
    assert accuracy(np.ones((60, 3)), genres) <= 0.3
