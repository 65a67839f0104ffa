"""A manifold step places every row by itself, and training rows exactly where they are."""

from __future__ import annotations

import numpy as np
import pytest

from mlproject.models.umap_embedding import UmapEmbedding


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    rng = np.random.default_rng(3)
    centres = 8 * rng.normal(size=(3, 6))
    return (centres[rng.integers(3, size=90)] + rng.normal(size=(90, 6))).astype(np.float32)


@pytest.fixture(scope="module")
def manifold(rows) -> UmapEmbedding:
    return UmapEmbedding(8, n_neighbors=10, random_state=0).fit(rows)


def test_training_rows_stay_exactly_where_they_are(manifold, rows):
    np.testing.assert_array_equal(manifold.transform(rows), manifold.embedding_)


def test_a_row_is_placed_whatever_stands_beside_it(manifold, rows):
    new = rows[:7] + np.float32(0.1)
    together = manifold.transform(new)
    alone = np.vstack([manifold.transform(row[None]) for row in new])
    np.testing.assert_array_equal(together, alone)


def test_a_new_row_lies_among_its_nearest_training_rows(manifold, rows):
    placed = manifold.transform(rows[:1] + np.float32(1e-4))
    np.testing.assert_allclose(placed[0], manifold.embedding_[0], atol=0.05)


def test_a_place_is_the_mean_weighted_by_inverse_distance(rows):
    manifold = UmapEmbedding(2, n_neighbors=5, random_state=0).fit(rows)
    manifold.rows_ = np.array([[0.0, 0], [3, 0]], dtype=np.float32)
    manifold.embedding_ = np.array([[0.0, 0], [6, 0]], dtype=np.float32)
    manifold.n_features_in_ = 2
    np.testing.assert_allclose(manifold.transform(np.array([[1.0, 0]], dtype=np.float32)), [[2, 0]])


def test_equal_training_rows_share_a_place(rows):
    doubled = np.vstack([rows, rows[:2]])
    placed = UmapEmbedding(8, n_neighbors=10, random_state=0).fit(doubled).transform(doubled)
    np.testing.assert_array_equal(placed[:2], placed[-2:])


def test_the_same_seed_gives_the_same_bits(rows):
    one, other = (UmapEmbedding(8, n_neighbors=10, random_state=1).fit(rows).embedding_ for _ in range(2))
    np.testing.assert_array_equal(one, other)


def test_groups_stay_apart(manifold, rows):
    from sklearn.cluster import KMeans
    from sklearn.metrics import adjusted_rand_score

    apart = KMeans(3, n_init=5, random_state=0).fit_predict(rows)
    found = KMeans(3, n_init=5, random_state=0).fit_predict(manifold.embedding_)
    assert adjusted_rand_score(apart, found) > 0.95
