"""The one table of metrics: its order and its names are those of every selection."""

from __future__ import annotations

import numpy as np
import pytest

from mlproject.evaluation import metrics
from mlproject.evaluation.scores import score_partition


def test_every_selection_is_in_the_order_of_the_table():
    order = list(metrics.METRICS)
    for name in ("ADJUSTED_METRICS", "EXTERNAL_METRICS", "HEADLINE", "INTERNAL_METRICS", "TESTED"):
        chosen = list(getattr(metrics, name))
        assert chosen == [key for key in order if key in chosen], name
    assert order == [*metrics.EXTERNAL_METRICS, *metrics.INTERNAL_METRICS]


def test_labels_are_unique_and_every_score_has_one(rng):
    labels = [metric.label for metric in metrics.METRICS.values()]
    assert len(set(labels)) == len(labels)
    partition = np.arange(20) % 2
    scores = score_partition(rng.normal(size=(20, 3)), partition, partition.astype(str), n_clusters=2)
    assert scores.keys() - metrics.METRICS.keys() == {"n_clusters", "coverage"}


@pytest.mark.parametrize(
    ("key", "label"),
    [
        ("ami", "AMI (0 is chance, 1 is best)"),
        ("purity", "purity (0 to 1)"),
        ("silhouette", "silhouette (-1 to 1)"),
        ("calinski_harabasz", "score (higher is better)"),
        ("davies_bouldin", "score (lower is better)"),
    ],
)
def test_an_axis_says_what_the_values_mean(key, label):
    assert metrics.METRICS[key].axis_label == label
