import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlproject.evaluation.internal import INTERNAL_METRICS
from mlproject.evaluation.metrics import ADJUSTED_METRICS
from mlproject.evaluation.scores import (
    EXTERNAL_METRICS,
    difference,
    score_genres,
    score_partition,
)

LATENT = np.array([[0.0], [1.0], [2.0], [10.0], [11.0], [12.0]])
GENRES = np.array(list("aaabbb"))
REWARD_NOISE = set(EXTERNAL_METRICS) - set(ADJUSTED_METRICS) | set(INTERNAL_METRICS)


def score(labels, genres=GENRES, n_clusters=2):
    return score_partition(LATENT[: len(labels)], np.array(labels), genres, n_clusters=n_clusters)


def undefined(scores):
    return {name for name, value in scores.items() if value is None}


def test_perfect_partition_scores_one():
    scores = score([1, 1, 1, 0, 0, 0])
    assert {name: scores[name] for name in EXTERNAL_METRICS} == pytest.approx(dict.fromkeys(EXTERNAL_METRICS, 1.0))
    assert (scores["n_clusters"], scores["coverage"]) == (2, 1)


def test_one_track_in_the_wrong_cluster_by_hand():
    # Counts [[3, 1], [0, 2]]. Pairs: 7 together by cluster, 6 by genre, 4 by both, of 15; expected 7 * 6 / 15 = 2.8.
    scores = score([0, 0, 0, 0, 1, 1])
    assert scores["ari"] == pytest.approx((4 - 2.8) / ((7 + 6) / 2 - 2.8))
    entropy_clusters = -(4 / 6 * np.log(4 / 6) + 2 / 6 * np.log(2 / 6))
    information = 3 / 6 * np.log(3 / 6 / (4 / 6 * 1 / 2)) + sum(
        n / 6 * np.log(n / 6 / (size / 6 * 1 / 2)) for n, size in ((1, 4), (2, 2))
    )
    assert scores["homogeneity"] == pytest.approx(information / np.log(2))
    assert scores["completeness"] == pytest.approx(information / entropy_clusters)
    assert scores["nmi"] == pytest.approx(2 * information / (np.log(2) + entropy_clusters))
    assert scores["purity"] == scores["accuracy"] == pytest.approx(5 / 6)
    assert scores["ami"] < scores["nmi"]


LABELS = st.lists(st.integers(0, 2), min_size=6, max_size=6)


@given(LABELS, st.permutations(range(3)))
def test_other_cluster_numbers_change_nothing(labels, numbers):
    for n_clusters in (2, 3):
        before, after = score(labels, n_clusters=n_clusters), score(np.array(numbers)[labels], n_clusters=n_clusters)
        assert undefined(before) == undefined(after)
        assert {k: v for k, v in after.items() if v is not None} == pytest.approx(
            {k: v for k, v in before.items() if v is not None}, abs=1e-12
        )


@given(LABELS)
def test_adjusted_metrics_are_always_defined_and_all_are_in_their_range(labels):
    scores = score(labels)
    assert all(-1 <= scores[name] <= 1 for name in ADJUSTED_METRICS)
    assert all(-1e-9 <= scores[name] <= 1 + 1e-9 for name in EXTERNAL_METRICS[2:] if scores[name] is not None)
    assert (undefined(scores) == set()) == (len(set(labels)) == 2)


def test_noise_leaves_the_adjusted_metrics_alone_with_noise_as_singletons():
    scores = score([0, 0, -1, 1, 1, -1])
    assert undefined(scores) == REWARD_NOISE
    assert scores["n_clusters"] == 2
    assert scores["coverage"] == pytest.approx(4 / 6)
    singled = score([0, 0, 2, 1, 1, 3], n_clusters=4)
    assert (scores["ami"], scores["ari"]) == pytest.approx((singled["ami"], singled["ari"]))


def test_all_noise_scores_nothing():
    scores = score([-1] * 6)
    assert undefined(scores) == REWARD_NOISE
    assert (scores["n_clusters"], scores["coverage"]) == (0, 0)
    assert scores["ami"] == pytest.approx(0, abs=1e-9)
    assert scores["ari"] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("labels", [[0, 0, 0, 0, 0, 0], [0, 0, 1, 1, 2, 2]])
def test_another_number_of_clusters_than_stated_leaves_the_adjusted_metrics_alone(labels):
    scores = score(labels)
    assert undefined(scores) == REWARD_NOISE
    assert scores["coverage"] == 1


def test_dbscan_that_finds_the_stated_number_without_noise_is_scored_in_full():
    assert undefined(score([5, 5, 5, 8, 8, 8])) == set()


def test_without_labels_only_label_free_metrics_are_there():
    assert set(score([0, 0, 0, 1, 1, 1], None)) == {"n_clusters", "coverage", *INTERNAL_METRICS}


def test_difference_is_undefined_where_either_side_is():
    ours = {"nmi": 0.5, "ari": None, "ami": 0.1, "n_clusters": 2.0, "silhouette": 0.2}
    theirs = {"nmi": 0.25, "ari": 0.1, "ami": None, "n_clusters": 3.0}
    assert difference(ours, theirs) == {"nmi": 0.25, "ari": None, "ami": None}


def test_purity_by_genre_is_undefined_where_purity_is():
    genres = np.array(["a", "a", "b", "b"])
    assert score_genres(np.array([0, 0, 1, 1]), genres, n_clusters=2) == {"a": 1.0, "b": 1.0}
    assert score_genres(np.array([0, 0, 1, -1]), genres, n_clusters=2) is None
    assert score_genres(np.array([0, 0, 1, 2]), genres, n_clusters=2) is None
    assert score_genres(np.array([0, 0, 1, 1]), None, n_clusters=2) is None
