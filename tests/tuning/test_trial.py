"""One trial: what it tells, and that no genre gets into a label-free criterion."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mlproject.config.models import AutoencoderConfig
from mlproject.errors import ConfigError
from mlproject.experiment.design_matrix import build_design, rotated
from mlproject.experiment.fit import fit_model
from mlproject.tuning.objectives import CRITERIA, OBJECTIVES, criteria_taken
from mlproject.tuning.trial import Objective
from tests.tuning.small_study import BASELINE, EVALUATION, TASK, small_inputs, small_spec


def test_a_trial_tells_all_criteria_and_scores(objective):
    result = objective.run(TASK)
    assert set(result.criteria) == set(CRITERIA)
    assert result.criteria["latent_size"] == 8 + 4
    assert result.criteria["reconstruction"] == result.loss_curve[-1]
    assert len(result.loss_curve) == 20
    assert set(result.seconds) == {"train", "cluster", "criteria"}
    assert result.scores["ami"] is not None


def test_a_study_takes_what_it_optimises_and_what_costs_nothing(objective):
    study = small_spec(objective=("silhouette",)).study
    one, all_of_them = objective.run(TASK, criteria=criteria_taken(study)), objective.run(TASK)
    taken = {name for name, value in one.criteria.items() if value is not None}
    assert taken == {"silhouette", "neighbours", "reconstruction", "latent_size"}
    assert {name: all_of_them.criteria[name] for name in taken} == {name: one.criteria[name] for name in taken}
    assert one.values(study) == all_of_them.values(study)


def test_the_same_trial_is_the_same_to_the_last_bit(objective):
    one, other = objective.run(TASK), objective.run(TASK)
    assert replace(one, seconds={}) == replace(other, seconds={})


def test_other_genres_change_scores_but_no_criterion(objective):
    inputs = small_inputs()
    shuffled = np.random.default_rng(0).permutation(inputs.genres)
    other = Objective.prepare(TASK, BASELINE, EVALUATION, replace(inputs, genres=shuffled)).run(TASK)
    one = objective.run(TASK)
    assert one.criteria == other.criteria
    assert one.scores["ami"] != other.scores["ami"]
    label_free = tuple(name for name, objective in OBJECTIVES.items() if not objective.oracle)
    config = small_spec(objective=label_free).study
    assert one.values(config) == other.values(config)


def test_a_trial_without_genres_has_criteria_but_no_scores():
    unlabelled = Objective.prepare(TASK, BASELINE, EVALUATION, replace(small_inputs(), genres=None))
    result = unlabelled.run(TASK)
    assert result.tuning == result.held_out == {}
    assert result.criteria["neighbours"] is not None
    with pytest.raises(ConfigError, match="the objective ami is undefined"):
        result.values(small_spec(objective=("ami",)).study)


def test_an_oracle_sees_one_half_of_the_tracks(objective):
    result = objective.run(TASK)
    assert result.values(small_spec(objective=("ami",)).study) == [result.tuning["ami"]]
    assert result.tuning["ami"] != result.held_out["ami"]


def test_halves_keep_artists_whole():
    inputs = small_inputs()
    artists = np.array([f"artist {row % 12}" for row in range(60)])
    half = Objective.prepare(TASK, BASELINE, EVALUATION, replace(inputs, artists=artists)).tuning_half
    assert 20 <= half.sum() <= 40
    assert not set(artists[half]) & set(artists[~half])


def test_rotated_tracks_give_the_vectors_of_the_original_columns():
    inputs = small_inputs()
    design = build_design(TASK.blocks, inputs, np.arange(60))
    assert rotated(design).matrix.values.shape[1] < design.matrix.values.shape[1]
    task = TASK.model_copy(update={"model": AutoencoderConfig(latent_dim=4, hidden=(16,), epochs=5, lyrics_dim=4)})
    one, other = (fit_model(task, EVALUATION, given)[1] for given in (design, rotated(design)))
    np.testing.assert_allclose(one, other, atol=1e-4)


def test_a_rotated_condition_keeps_its_weight():
    inputs = small_inputs()
    blocks = TASK.blocks.model_copy(update={"genre": "one_hot"})
    design = build_design(blocks, inputs, np.arange(60))
    task = TASK.model_copy(update={"blocks": blocks, "model": TASK.model.model_copy(update={"epochs": 5})})
    one, other = (fit_model(task, EVALUATION, given)[1] for given in (design, rotated(design)))
    np.testing.assert_allclose(one, other, atol=1e-4)
    assert rotated(design).matrix.label_derived == ("genre",)


def test_a_baseline_that_has_seen_the_genres_is_refused():
    tuned = BASELINE.model_copy(update={"tuned_on_labels": True})
    reads = BASELINE.model_copy(update={"blocks": TASK.blocks.model_copy(update={"genre": "one_hot"})})
    for baseline in (tuned, reads):
        with pytest.raises(ConfigError, match="has seen the genres"):
            Objective.prepare(TASK, baseline, EVALUATION, small_inputs())


def test_any_number_of_threads_gives_the_same_preparation(objective):
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        one = Objective.prepare(TASK, BASELINE, EVALUATION, small_inputs())
    np.testing.assert_array_equal(one.trained.matrix.values, objective.trained.matrix.values)
    assert one.baseline_scores == objective.baseline_scores


def test_a_task_that_reads_the_genre_is_label_informed():
    blocks = TASK.blocks.model_copy(update={"genre": "one_hot"})
    informed = Objective.prepare(TASK.model_copy(update={"blocks": blocks}), BASELINE, EVALUATION, small_inputs())
    assert informed.label_use == "label-informed"
