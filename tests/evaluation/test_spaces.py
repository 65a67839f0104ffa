import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import pairwise_distances, silhouette_score

from mlproject.evaluation.spaces import block_shares, silhouette_matrix

GENRES = np.repeat(["blues", "jazz", "pop"], 10)


@pytest.fixture
def spaces(rng):
    code = np.repeat(np.arange(3), 10)
    near = 5 * rng.normal(size=(3, 4))[code] + rng.normal(size=(30, 4))
    return {"own": near.astype(np.float32), "reference": rng.normal(size=(30, 6))}


def test_every_partition_is_scored_in_every_space_as_scikit_learn_does(spaces):
    partitions = {"own": np.arange(30) % 4, "true genres": GENRES}
    matrix = silhouette_matrix(spaces, partitions)
    assert {name: set(row) for name, row in matrix.items()} == {key: set(spaces) for key in partitions}
    for partition, row in matrix.items():
        for space, silhouette in row.items():
            assert silhouette == pytest.approx(silhouette_score(spaces[space], partitions[partition]), abs=1e-5)


def test_genres_fit_the_space_that_has_their_means(spaces):
    row = silhouette_matrix(spaces, {"true genres": GENRES})["true genres"]
    assert row["own"] > 0.3 > 0.1 > row["reference"]


@pytest.mark.parametrize("labels", [np.r_[-1, np.arange(29) % 3], np.zeros(30, int), np.arange(30), np.full(30, -1)])
def test_noise_and_too_few_or_too_many_clusters_are_undefined(spaces, labels):
    assert silhouette_matrix(spaces, {"one": labels}) == {"one": {"own": None, "reference": None}}


def test_names_of_the_clusters_do_not_matter(spaces):
    labels = np.arange(30) % 3
    one = silhouette_matrix(spaces, {"one": labels})["one"]
    assert silhouette_matrix(spaces, {"one": np.array([9, 4, 7])[labels]})["one"] == pytest.approx(one)
    assert silhouette_matrix(spaces, {"one": np.array(["x", "a", "m"])[labels]})["one"] == pytest.approx(one)


@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 100))
def test_shares_are_those_of_the_mean_squared_distance(first, second, seed):
    latent = np.random.default_rng(seed).normal(size=(12, first + second)) * np.arange(1, first + second + 1)
    shares = block_shares(latent, {"audio": first, "lyrics": second})
    squares = [(pairwise_distances(part) ** 2).mean() for part in (latent[:, :first], latent)]
    assert shares["audio"] == pytest.approx(squares[0] / squares[1])
    assert sum(shares.values()) == pytest.approx(1)


def test_large_block_takes_it_all_by_accident(rng):
    latent = np.hstack([10 * rng.normal(size=(50, 4)), rng.normal(size=(50, 4))]).astype(np.float32)
    assert block_shares(latent, {"audio": 4, "lyrics": 4})["audio"] > 0.95
    assert block_shares(latent[:, :4], {"audio": 4}) == {"audio": 1}


def test_vectors_that_are_all_the_same_have_no_shares():
    assert block_shares(np.ones((5, 2)), {"audio": 1, "lyrics": 1}) == {"audio": 0, "lyrics": 0}
