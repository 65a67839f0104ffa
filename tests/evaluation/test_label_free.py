"""Criteria that see no label: bounds, order, and what noise gets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlproject.evaluation.label_free import CommonSpace


@pytest.fixture
def blobs(rng):
    labels = np.repeat(np.arange(4), 20)
    return rng.normal(size=(4, 5))[labels] * 10 + rng.normal(size=(80, 5)), labels


def _space(vectors: np.ndarray) -> CommonSpace:
    return CommonSpace(vectors, rng=np.random.default_rng(0))


def test_separate_groups_are_preferred_to_random_ones(blobs, rng):
    vectors, labels = blobs
    space, random = _space(vectors), rng.permutation(labels)
    assert space.neighbours_together(labels) == pytest.approx(0.75)  # all near tracks together; by chance a quarter
    assert abs(space.neighbours_together(random)) < 0.1
    assert space.silhouette_excess(labels) > 0.5
    assert abs(space.silhouette_excess(random)) < 0.1


def test_one_cluster_gets_nothing(blobs):
    vectors, labels = blobs
    assert _space(vectors).neighbours_together(np.zeros_like(labels)) == 0
    assert _space(vectors).silhouette_excess(np.zeros_like(labels)) is None


def test_fewer_tracks_than_neighbours():
    assert _space(np.eye(4)).neighbours_together(np.array([0, 0, 1, 1])) == pytest.approx(1 / 3 - 1 / 2)


@given(seed=st.integers(0, 2**32 - 1), n_clusters=st.integers(1, 6))
def test_criteria_stay_in_their_bounds_and_do_not_know_names(seed, n_clusters):
    rng = np.random.default_rng(seed)
    vectors, labels = rng.normal(size=(30, 3)), rng.integers(n_clusters, size=30)
    space, renamed = _space(vectors), (labels * 7 + 3)
    assert -1 <= space.neighbours_together(labels) <= 1
    assert space.neighbours_together(labels) == space.neighbours_together(renamed)
    excess = space.silhouette_excess(labels)
    assert excess is None or -2 <= excess <= 2
