"""A finished trial as the record of its run."""

from __future__ import annotations

import pytest

from mlproject.tuning.shared_study import result_of
from mlproject.tuning.trial_records import flat_study, trial_record
from tests.tuning.small_study import SPACE, small_spec
from tests.tuning.unlucky import unlucky_study


@pytest.fixture(scope="module")
def unlucky(tmp_path_factory):
    return unlucky_study(tmp_path_factory.mktemp("unlucky"))


def test_a_record_is_named_as_a_tasks_own_run(finished_study):
    trial = finished_study.trials()[5]
    record = trial_record(finished_study, trial, {"task": "medium", "model.latent_dim": 999, "model.epochs": 20})
    scores, reference = result_of(trial)["scores"], finished_study.context["baseline"]
    metrics = record.metrics
    assert metrics["ami"] == scores["ami"]
    assert len(metrics) <= 29  # and the loss
    assert metrics["baseline/ami"] == reference["ami"]
    assert metrics["delta/ami"] == scores["ami"] - reference["ami"]
    assert metrics["objective/neighbours"] == trial.value == metrics["criterion/neighbours"]
    assert {"held_out/ami", "seconds/train"} <= set(metrics)
    assert (record.number, record.state, record.tags["batch"]) == (5, "complete", "1")
    assert record.started < record.ended
    assert record.params["model.latent_dim"] == trial.params["model.latent_dim"]
    assert (record.params["task"], record.params["model.epochs"]) == ("medium", 20)


def test_a_list_is_logged_as_a_list(finished_study):
    logged = {str(trial_record(finished_study, one, {}).params["model.hidden"]) for one in finished_study.trials()}
    assert logged <= {"[16]", "[16, 8]"}


def test_a_failed_trial_has_a_reason_and_no_score(unlucky):
    record = trial_record(unlucky, unlucky.trials()[0], {})
    assert record.state == "fail"
    assert record.reason == "TrainingError: no"
    assert {name for name, value in record.metrics.items() if value is not None} == set()


def test_a_trial_of_an_oracle_is_label_informed_and_another_one_is_not(oracle_study, finished_study):
    informed = trial_record(oracle_study, oracle_study.trials()[0], {})
    assert informed.tags["label_use"] == "label-informed"
    own = trial_record(finished_study, finished_study.trials()[0], {}).tags["label_use"]
    assert own == finished_study.context["label_use"] != "label-informed"


def test_a_study_is_flattened_without_what_may_differ_when_it_goes_on():
    flat = flat_study(small_spec().study)
    assert flat["study.space.model.latent_dim"] == "int 2 to 16, log"
    assert flat["study.space.model.hidden"] == "choice [16], [16, 8]"
    assert flat["study.sampler"] == "tpe"
    assert {key for key in flat if key.startswith("study.space")} == {f"study.space.{path}" for path in SPACE}
    assert "study.trials" not in flat
