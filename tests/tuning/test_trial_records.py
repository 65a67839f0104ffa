"""A finished trial as the record of its run."""

from __future__ import annotations

import pytest

from mlproject.tuning.shared_study import outcome_of
from mlproject.tuning.trial_records import flat_study, trial_record
from tests.tuning.small_study import SPACE, small_plan
from tests.tuning.unlucky import unlucky_study


@pytest.fixture(scope="module")
def unlucky(tmp_path_factory):
    return unlucky_study(tmp_path_factory.mktemp("unlucky"))


def test_a_record_is_named_as_a_tasks_own_run(finished_ledger):
    trial = finished_ledger.trials()[5]
    record = trial_record(finished_ledger, trial, {"task": "medium", "model.latent_dim": 999, "model.epochs": 20})
    scores, reference = outcome_of(trial)["scores"], finished_ledger.surroundings["reference"]
    metrics = record.metrics
    assert metrics["kmeans/ami"] == metrics["ami"] == scores["ami"]
    assert metrics["baseline/ami"] == reference["ami"]
    assert metrics["delta/ami"] == scores["ami"] - reference["ami"]
    assert metrics["objective/label_free"] == trial.value == metrics["criterion/neighbours"]
    assert {"held_out/ami", "seconds/train"} <= set(metrics)
    assert (record.number, record.state, record.tags["generation"]) == (5, "complete", "1")
    assert record.started < record.ended
    assert record.params["model.latent_dim"] == trial.params["model.latent_dim"]
    assert (record.params["task"], record.params["model.epochs"]) == ("medium", 20)


def test_a_list_is_logged_as_a_list(finished_ledger):
    logged = {str(trial_record(finished_ledger, one, {}).params["model.hidden"]) for one in finished_ledger.trials()}
    assert logged <= {"[16]", "[16, 8]"}


def test_failed_and_pruned_trials_have_a_reason_and_no_score(unlucky):
    for trial, state, reason in zip(
        unlucky.trials(), ("fail", "pruned"), ("TrainingError: no", "ended after"), strict=False
    ):
        record = trial_record(unlucky, trial, {})
        assert record.state == state
        assert record.reason.startswith(reason)
        assert {name for name, value in record.metrics.items() if value is not None} == set()


def test_a_trial_of_an_oracle_is_label_informed_and_another_one_is_not(oracle_ledger, finished_ledger):
    informed = trial_record(oracle_ledger, oracle_ledger.trials()[0], {})
    assert informed.tags["representation"] == "label-informed"
    own = trial_record(finished_ledger, finished_ledger.trials()[0], {}).tags["representation"]
    assert own == finished_ledger.surroundings["representation"] != "label-informed"


def test_a_study_is_flattened_without_what_may_differ_when_it_goes_on():
    flat = flat_study(small_plan().study)
    assert flat["study.space.model.latent_dim"] == "int 2 to 16, log"
    assert flat["study.space.model.hidden"] == "choice [16], [16, 8]"
    assert flat["study.sampler"] == "tpe"
    assert {key for key in flat if key.startswith("study.space")} == {f"study.space.{path}" for path in SPACE}
    assert "study.trials" not in flat
