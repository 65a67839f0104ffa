import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlproject.evaluation.external import accuracy, contingency, genre_purity, purity

# Clusters 0, 1, 2 by genres a, b:  [[3, 1], [0, 2], [2, 2]]
LABELS = np.array([0, 0, 0, 0, 1, 1, 2, 2, 2, 2])
GENRES = np.array(list("aaabbbaabb"))
PAIRS = st.lists(st.tuples(st.integers(0, 5), st.sampled_from("abcd")), min_size=1, max_size=40)


def split(pairs):
    labels, genres = zip(*pairs, strict=True)
    return np.array(labels), np.array(genres)


def test_tracks_are_counted_by_cluster_and_genre():
    counts, clusters, genres = contingency(LABELS, GENRES)
    assert counts.tolist() == [[3, 1], [0, 2], [2, 2]]
    assert clusters.tolist() == [0, 1, 2]
    assert genres.tolist() == ["a", "b"]


def test_purity_by_hand():
    assert purity(LABELS, GENRES) == pytest.approx((3 + 2 + 2) / 10)


def test_accuracy_matches_clusters_to_genres_one_to_one():
    assert accuracy(LABELS, GENRES) == pytest.approx((3 + 2) / 10)  # cluster 2 matches nothing


def test_accuracy_with_more_genres_than_clusters():
    assert accuracy(np.array([0, 0, 0, 1]), np.array(list("abca"))) == pytest.approx(2 / 4)


def test_best_matching_is_not_the_greedy_one():
    # [[5, 4], [4, 0]]: the largest count first would give 5 + 0
    labels, genres = split([(0, "a")] * 5 + [(0, "b")] * 4 + [(1, "a")] * 4)
    assert accuracy(labels, genres) == pytest.approx(8 / 13)


def test_genre_purity_by_hand():
    assert genre_purity(LABELS, GENRES) == {"a": 1.0, "b": pytest.approx(2 / 5)}  # the tie of cluster 2 goes to a


@given(PAIRS)
def test_mean_genre_purity_over_tracks_is_purity(pairs):
    labels, genres = split(pairs)
    by_genre = genre_purity(labels, genres)
    assert np.mean([by_genre[genre] for genre in genres]) == pytest.approx(purity(labels, genres))


@given(PAIRS)
def test_accuracy_is_at_most_purity_and_both_at_most_one(pairs):
    labels, genres = split(pairs)
    assert 0 < accuracy(labels, genres) <= purity(labels, genres) <= 1


@given(PAIRS, st.permutations(range(6)), st.permutations("abcd"))
def test_other_names_change_nothing(pairs, numbers, letters):
    labels, genres = split(pairs)
    other_labels = np.array(numbers)[labels]
    other_genres = np.array([letters["abcd".index(genre)] for genre in genres])
    for metric in (purity, accuracy):
        assert metric(other_labels, other_genres) == pytest.approx(metric(labels, genres))


@given(st.lists(st.sampled_from("abcd"), min_size=1))
def test_the_genres_themselves_are_perfect(letters):
    genres = np.array(letters)
    labels = np.unique(genres, return_inverse=True)[1]
    assert purity(labels, genres) == accuracy(labels, genres) == 1
    assert set(genre_purity(labels, genres).values()) == {1.0}
