"""One trial: what it tells, and that no genre gets into a label-free criterion."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mlproject.config import AutoencoderConfig
from mlproject.errors import ConfigError
from mlproject.experiment.design_matrix import build_design, rotated
from mlproject.experiment.fit import fit_model
from mlproject.tuning.objectives import CRITERIA, LABEL_FREE, OBJECTIVES, wanted
from mlproject.tuning.trial import Laboratory, Pruned
from tests.tuning.small_study import BASELINE, EVALUATION, TASK, small_inputs, small_plan


def test_a_trial_tells_all_criteria_and_scores(laboratory):
    outcome = laboratory.run(TASK)
    assert set(outcome.criteria) == set(CRITERIA)
    assert outcome.criteria["label_free"] == outcome.criteria[LABEL_FREE]
    assert outcome.criteria["latent_size"] == 8 + 4
    assert outcome.criteria["reconstruction"] == outcome.loss_curve[-1]
    assert len(outcome.loss_curve) == 20
    assert set(outcome.seconds) == {"train", "cluster", "criteria"}
    assert outcome.scores["ami"] is not None


def test_a_study_takes_what_it_optimises_and_what_costs_nothing(laboratory):
    study = small_plan(criteria="objective", objective=("agreement",)).study
    one, all_of_them = laboratory.run(TASK, criteria=wanted(study)), laboratory.run(TASK)
    taken = {name for name, value in one.criteria.items() if value is not None}
    assert taken == {"agreement", "label_free", "neighbours", "reconstruction", "latent_size"}
    assert {name: all_of_them.criteria[name] for name in taken} == {name: one.criteria[name] for name in taken}
    assert one.values(study) == all_of_them.values(study)


def test_the_same_trial_is_the_same_to_the_last_bit(laboratory):
    one, other = laboratory.run(TASK), laboratory.run(TASK)
    assert replace(one, seconds={}) == replace(other, seconds={})


def test_other_genres_change_scores_but_no_criterion(laboratory):
    inputs = small_inputs()
    shuffled = np.random.default_rng(0).permutation(inputs.genres)
    other = Laboratory(TASK, BASELINE, EVALUATION, replace(inputs, genres=shuffled)).run(TASK)
    one = laboratory.run(TASK)
    assert one.criteria == other.criteria
    assert one.scores["ami"] != other.scores["ami"]
    label_free = [name for name, objective in OBJECTIVES.items() if not objective.oracle]
    for name in label_free:
        config = small_plan(objective=(name,)).study
        assert one.values(config) == other.values(config)


def test_a_trial_without_genres_has_criteria_but_no_scores():
    unlabelled = Laboratory(TASK, BASELINE, EVALUATION, replace(small_inputs(), genres=None))
    outcome = unlabelled.run(TASK)
    assert outcome.tuning == outcome.held_out == {}
    assert outcome.criteria["label_free"] is not None
    with pytest.raises(ConfigError, match="the objective ami is undefined"):
        outcome.values(small_plan(objective=("ami",)).study)


def test_an_oracle_sees_one_half_of_the_tracks(laboratory):
    outcome = laboratory.run(TASK)
    assert outcome.values(small_plan(objective=("ami",)).study) == [outcome.tuning["ami"]]
    assert outcome.tuning["ami"] != outcome.held_out["ami"]


def test_halves_keep_artists_whole():
    inputs = small_inputs()
    artists = np.array([f"artist {row % 12}" for row in range(60)])
    half = Laboratory(TASK, BASELINE, EVALUATION, replace(inputs, artists=artists))._half
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


def test_a_training_can_be_ended(laboratory):
    seen = []

    def after_ten(losses: dict[int, float]) -> bool:
        seen.append(max(losses))
        return max(losses) >= 5

    with pytest.raises(Pruned) as caught:
        laboratory.run(TASK, should_end=after_ten)
    assert seen == [1, 2, 3, 4, 5]
    assert sorted(caught.value.losses) == seen


def test_a_baseline_that_has_seen_the_genres_is_refused():
    tuned = BASELINE.model_copy(update={"tuned_on_labels": True})
    reads = BASELINE.model_copy(update={"blocks": TASK.blocks.model_copy(update={"genre": "one_hot"})})
    for baseline in (tuned, reads):
        with pytest.raises(ConfigError, match="has seen the genres"):
            Laboratory(TASK, baseline, EVALUATION, small_inputs())


def test_any_number_of_threads_gives_the_same_preparation(laboratory):
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        one = Laboratory(TASK, BASELINE, EVALUATION, small_inputs())
    np.testing.assert_array_equal(one.trained.matrix.values, laboratory.trained.matrix.values)
    assert one.reference == laboratory.reference


def test_too_few_tracks_for_a_subsample_leave_its_criterion_out():
    many = EVALUATION.model_copy(update={"n_clusters": 50})
    outcome = Laboratory(TASK, BASELINE, many, small_inputs()).run(TASK)
    assert outcome.criteria["stability"] is None
    assert outcome.criteria["label_free"] is not None


def test_a_task_that_reads_the_genre_is_label_informed():
    blocks = TASK.blocks.model_copy(update={"genre": "one_hot"})
    informed = Laboratory(TASK.model_copy(update={"blocks": blocks}), BASELINE, EVALUATION, small_inputs())
    assert informed.label_use == "label-informed"
