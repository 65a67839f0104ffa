import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import pairwise_distances

from mlproject.evaluation.block_shares import block_shares


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
