"""What a task is compared with on a corpus."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlproject.config.evaluation import EvaluationConfig
from mlproject.config.models import PrincipalComponentsConfig
from mlproject.config.tasks import BlocksConfig, TaskConfig
from mlproject.errors import NotApplicableError
from mlproject.experiment.requirements import baseline_task, check_task, clustering_needs

BASELINE = TaskConfig(model=PrincipalComponentsConfig(latent_dim=32))


def test_where_there_are_frames_the_baseline_is_the_reference(small_inputs):
    assert baseline_task(BASELINE, small_inputs) is BASELINE


def test_a_feature_table_is_compared_with_the_same_pca_of_its_columns(small_inputs):
    reference = baseline_task(BASELINE, replace(small_inputs, mfcc=None))
    assert reference.blocks == BlocksConfig(audio="statistics")
    assert reference.model.latent_dim == 7  # columns there are
    assert reference.fusion == BASELINE.fusion


def test_frames_that_are_not_there_make_a_task_not_applicable(small_inputs, small_evaluation):
    table = replace(small_inputs, mfcc=None)
    with pytest.raises(NotApplicableError, match="needs MFCC frames"):
        check_task(BASELINE, baseline_task(BASELINE, table), small_evaluation, table)


def test_neighbours_are_needed_by_clusterers_that_use_them():
    assert clustering_needs(EvaluationConfig(clusterers=("kmeans",))) == {"evaluation.n_clusters": 11}
    assert "evaluation.n_neighbors" in clustering_needs(EvaluationConfig(clusterers=("kmeans", "dbscan")))
