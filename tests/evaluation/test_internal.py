import numpy as np
import pytest
from sklearn.metrics import silhouette_score

from mlproject.evaluation.internal import INTERNAL_METRICS, internal_metrics, silhouette_matrix

POINTS = np.array([[0.0], [2.0], [10.0], [12.0]])
LABELS = np.array([0, 0, 1, 1])
GENRES = np.repeat(["blues", "jazz", "pop"], 10)


def test_two_pairs_on_a_line_by_hand():
    # Inner points: 2 to their own pair's other point, 8 and 10 to the other pair; outer ones 2, 10 and 12.
    scores = internal_metrics(POINTS, LABELS)
    assert scores["silhouette"] == pytest.approx(((1 - 2 / 9) + (1 - 2 / 11)) / 2)
    assert scores["calinski_harabasz"] == pytest.approx((4 * 25) / (4 / 2))
    assert scores["davies_bouldin"] == pytest.approx((1 + 1) / 10)


@pytest.mark.parametrize("labels", [[0, 0, 0, 0], [0, 1, 2, 3]])
def test_one_cluster_or_one_for_each_track_is_undefined(labels):
    assert internal_metrics(POINTS, np.array(labels)) == dict.fromkeys(INTERNAL_METRICS)


def test_names_of_the_clusters_do_not_matter():
    assert internal_metrics(POINTS, np.array([7, 7, 3, 3])) == internal_metrics(POINTS, LABELS)


def test_scale_changes_none_of_them(rng):
    points, labels = rng.normal(size=(30, 3)), np.arange(30) % 3
    assert internal_metrics(points * 100, labels) == pytest.approx(internal_metrics(points, labels))


@pytest.fixture
def spaces(rng):
    code = np.repeat(np.arange(3), 10)
    near = 5 * rng.normal(size=(3, 4))[code] + rng.normal(size=(30, 4))
    return {"own": near.astype(np.float32), "baseline": rng.normal(size=(30, 6))}


def test_every_partition_is_scored_in_every_space_as_scikit_learn_does(spaces):
    partitions = {"own": np.arange(30) % 4, "true genres": GENRES}
    matrix = silhouette_matrix(spaces, partitions)
    assert {name: set(row) for name, row in matrix.items()} == {key: set(spaces) for key in partitions}
    for partition, row in matrix.items():
        for space, silhouette in row.items():
            assert silhouette == pytest.approx(silhouette_score(spaces[space], partitions[partition]), abs=1e-5)


def test_genres_fit_the_space_that_has_their_means(spaces):
    row = silhouette_matrix(spaces, {"true genres": GENRES})["true genres"]
    assert row["own"] > 0.3 > 0.1 > row["baseline"]


@pytest.mark.parametrize("labels", [np.r_[-1, np.arange(29) % 3], np.zeros(30, int), np.arange(30), np.full(30, -1)])
def test_noise_and_too_few_or_too_many_clusters_are_undefined(spaces, labels):
    assert silhouette_matrix(spaces, {"one": labels}) == {"one": {"own": None, "baseline": None}}


def test_names_of_the_clusters_do_not_matter_in_any_space(spaces):
    labels = np.arange(30) % 3
    one = silhouette_matrix(spaces, {"one": labels})["one"]
    assert silhouette_matrix(spaces, {"one": np.array([9, 4, 7])[labels]})["one"] == pytest.approx(one)
    assert silhouette_matrix(spaces, {"one": np.array(["x", "a", "m"])[labels]})["one"] == pytest.approx(one)
