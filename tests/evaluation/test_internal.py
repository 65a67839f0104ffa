import numpy as np
import pytest

from mlproject.evaluation.internal import INTERNAL_METRICS, internal_metrics

POINTS = np.array([[0.0], [2.0], [10.0], [12.0]])
LABELS = np.array([0, 0, 1, 1])


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
