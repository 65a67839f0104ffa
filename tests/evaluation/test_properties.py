"""What holds for every metric and partition: names and order do not matter, bounds, agreement with scikit-learn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from mlproject.evaluation.external import contingency
from mlproject.evaluation.internal import INTERNAL_METRICS
from mlproject.evaluation.metrics import ADJUSTED_METRICS
from mlproject.evaluation.scores import (
    EXTERNAL_METRICS,
    difference,
    score_external,
    score_genres,
    score_labels,
    score_partition,
)

TRACKS = st.lists(st.tuples(st.integers(0, 4), st.sampled_from("abcd")), min_size=2, max_size=40)
WITH_NOISE = st.lists(st.tuples(st.integers(-1, 3), st.sampled_from("abcd")), min_size=2, max_size=40)
TWINS = {
    "ami": metrics.adjusted_mutual_info_score,
    "ari": metrics.adjusted_rand_score,
    "nmi": metrics.normalized_mutual_info_score,
    "homogeneity": metrics.homogeneity_score,
    "completeness": metrics.completeness_score,
}


def split(tracks):
    labels, genres = zip(*tracks, strict=True)
    return np.array(labels), np.array(genres)


def latent_of(n_tracks):
    return np.random.default_rng(n_tracks).normal(size=(n_tracks, 3))


def same(one, other):
    assert {name for name in one if one[name] is None} == {name for name in other if other[name] is None}
    for name, value in one.items():
        assert value is None or other[name] == pytest.approx(value, abs=1e-9)


@settings(max_examples=40)
@given(TRACKS)
def test_metrics_that_scikit_learn_has_are_its_own(tracks):
    labels, genres = split(tracks)
    scores = score_external(labels, genres)
    assert set(scores) == set(EXTERNAL_METRICS)
    for name, twin in TWINS.items():
        assert scores[name] == pytest.approx(twin(genres, labels), abs=1e-9)


@settings(max_examples=40)
@given(TRACKS)
def test_table_is_scikit_learns(tracks):
    labels, genres = split(tracks)
    counts, clusters, names = contingency(labels, genres)
    np.testing.assert_array_equal(counts, metrics.cluster.contingency_matrix(genres, labels).T)
    assert clusters.tolist() == sorted(set(labels))
    assert names.tolist() == sorted(set(genres))


@settings(max_examples=40)
@given(WITH_NOISE, st.permutations(range(4)), st.permutations("abcd"))
def test_other_names_change_no_score(tracks, numbers, letters):
    labels, genres = split(tracks)
    renamed = np.where(labels == -1, -1, np.array([*numbers, -1])[labels])
    regenred = np.array([letters["abcd".index(genre)] for genre in genres])
    latent = latent_of(len(labels))
    same(
        score_partition(latent, labels, genres, n_clusters=3), score_partition(latent, renamed, regenred, n_clusters=3)
    )


@settings(max_examples=40)
@given(WITH_NOISE, st.randoms())
def test_order_of_the_tracks_changes_no_score(tracks, random):
    labels, genres = split(tracks)
    order = list(range(len(labels)))
    random.shuffle(order)
    latent = latent_of(len(labels))
    same(
        score_partition(latent, labels, genres, n_clusters=3),
        score_partition(latent[order], labels[order], genres[order], n_clusters=3),
    )
    assert score_genres(labels, genres, n_clusters=3) == score_genres(labels[order], genres[order], n_clusters=3)


@settings(max_examples=40)
@given(WITH_NOISE, st.integers(1, 5))
def test_scores_stay_in_their_bounds(tracks, n_clusters):
    labels, genres = split(tracks)
    scores = score_partition(latent_of(len(labels)), labels, genres, n_clusters=n_clusters)
    lowest = dict.fromkeys([*ADJUSTED_METRICS, "silhouette"], -1.0)
    for name in (*EXTERNAL_METRICS, "silhouette", "coverage"):
        assert scores[name] is None or lowest.get(name, 0) - 1e-9 <= scores[name] <= 1 + 1e-9
    for name in ("calinski_harabasz", "davies_bouldin"):
        assert scores[name] is None or scores[name] >= 0
    assert all(scores[name] is not None for name in ADJUSTED_METRICS)


@settings(max_examples=40)
@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=40), st.permutations(range(4)))
def test_identical_partitions_score_one(letters, numbers):
    genres = np.array(letters)
    labels = np.array(numbers)[np.unique(genres, return_inverse=True)[1]]
    scores = score_external(labels, genres)
    assert scores == pytest.approx(dict.fromkeys(EXTERNAL_METRICS, 1.0))


@settings(max_examples=40)
@given(TRACKS)
def test_symmetric_metrics_do_not_care_which_is_the_truth(tracks):
    labels, genres = split(tracks)
    one, other = score_external(labels, genres), score_external(genres, labels)
    for name in ("ami", "ari", "nmi", "accuracy"):
        assert one[name] == pytest.approx(other[name], abs=1e-9)
    assert one["homogeneity"] == pytest.approx(other["completeness"], abs=1e-9)


@settings(max_examples=40)
@given(WITH_NOISE, st.integers(1, 5))
def test_labels_alone_are_scored_as_beside_vectors(tracks, n_clusters):
    labels, genres = split(tracks)
    whole = score_partition(latent_of(len(labels)), labels, genres, n_clusters=n_clusters)
    assert score_labels(labels, genres, n_clusters=n_clusters) == {name: whole[name] for name in EXTERNAL_METRICS}


@settings(max_examples=40)
@given(WITH_NOISE)
def test_without_a_stated_number_of_clusters_noise_alone_leaves_metrics_undefined(tracks):
    labels, genres = split(tracks)
    scores = score_labels(labels, genres, n_clusters=None)
    assert (scores["purity"] is None) == (-1 in labels)


@settings(max_examples=40)
@given(TRACKS)
def test_a_partition_differs_from_itself_by_nothing(tracks):
    labels, genres = split(tracks)
    scores = score_partition(latent_of(len(labels)), labels, genres, n_clusters=len(set(labels)))
    assert {*difference(scores, scores)} == {*EXTERNAL_METRICS, *INTERNAL_METRICS}
    assert all(value in (None, 0) for value in difference(scores, scores).values())
