"""What processes share: starting, joining, claiming, telling, going on, stopping."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from optuna.trial import TrialState

from mlproject.errors import ConfigError, StudyChangedError, TrainingError
from mlproject.tuning.shared_study import SharedStudy, result_of
from mlproject.tuning.storage import open_storage
from mlproject.tuning.study_spec import StudySpec
from mlproject.tuning.trial import Objective
from mlproject.tuning.trial_table import trial_table
from mlproject.tuning.worker import work
from tests.tuning.small_study import EVALUATION, SPACE, run_small, small_spec


@pytest.fixture
def storage(tmp_path):
    return open_storage(None, tmp_path)


def test_joining_needs_a_study_of_that_name(storage):
    with pytest.raises(ConfigError, match="no study 'smal' in this storage; it has none yet"):
        SharedStudy.join(storage, "smal")
    SharedStudy.start(storage, small_spec())
    with pytest.raises(ConfigError, match="did you mean 'small'"):
        SharedStudy.join(storage, "smal")


def test_who_joins_gets_the_plan_as_it_was_started(storage):
    SharedStudy.start(storage, small_spec(sampler="random", objective=("silhouette",)))
    assert SharedStudy.join(storage, "small").spec == small_spec(sampler="random", objective=("silhouette",))


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (small_spec(space=SPACE | {"model.latent_dim": {"int": [2, 8]}}), "study.space"),
        (small_spec(seed=1), "study.seed"),
        (replace(small_spec(), data={"data": "other"}), "data.data"),
        (replace(small_spec(), code="other"), "code"),
        (replace(small_spec(), evaluation=EVALUATION.model_copy(update={"seed": 1})), "evaluation.seed"),
    ],
)
def test_a_study_does_not_go_on_with_other_settings_unless_told(storage, spec, words):
    SharedStudy.start(storage, small_spec())
    with pytest.raises(StudyChangedError, match="was started with other settings") as caught:
        SharedStudy.start(storage, spec)
    assert words in str(caught.value)
    assert SharedStudy.start(storage, spec, allow_changes=True).spec == spec


def test_another_objective_never_goes_on_with_a_study(storage):
    SharedStudy.start(storage, small_spec(objective=("ami",)))
    for allow in (False, True):
        with pytest.raises(StudyChangedError, match=r"study.objective") as caught:
            SharedStudy.start(storage, small_spec(), allow_changes=allow)
        assert "changed=allow" not in str(caught.value)


def test_what_was_the_same_for_all_trials_is_found_anew_after_a_change(storage):
    shared = SharedStudy.start(storage, small_spec())
    shared.note_context({"label_use": "label-free"})
    SharedStudy.start(storage, replace(small_spec(), data={"data": "other"}), allow_changes=True)
    assert shared.context == {}


def test_what_no_trial_reads_may_change(storage):
    SharedStudy.start(storage, small_spec())
    SharedStudy.start(
        storage, replace(small_spec(), evaluation=EVALUATION.model_copy(update={"seeds": 9, "level": 0.1}))
    )


def test_a_study_of_somebody_else_is_not_taken_over(storage):
    import optuna

    optuna.create_study(storage=storage.optuna, study_name="small").add_trial(optuna.trial.create_trial(value=1.0))
    with pytest.raises(ConfigError, match="is not this project's"):
        SharedStudy.start(storage, small_spec())


def test_fewer_trials_than_there_are_take_none_away(storage, objective):
    work(SharedStudy.start(storage, small_spec(trials=8)), objective)
    assert SharedStudy.start(storage, small_spec(trials=4)).spec.study.trials == 8


def test_more_trials_are_no_change(storage, objective):
    work(SharedStudy.start(storage, small_spec(trials=6)), objective)
    longer = SharedStudy.start(storage, small_spec(trials=9))
    assert work(longer, objective) == 3
    assert len(longer.trials()) == 9


def test_an_interrupted_study_that_is_extended_is_the_long_study(tmp_path, storage, objective):
    work(SharedStudy.start(storage, small_spec(trials=6)), objective)
    extended = SharedStudy.start(storage, small_spec(trials=10))
    work(extended, objective)
    whole = run_small(tmp_path / "whole", trials=10)
    tables = [trial_table(small_spec(), shared.trials()) for shared in (extended, whole)]
    assert tables[0].equals(tables[1])


def test_an_exception_lets_a_trial_wait_again(storage):
    shared = SharedStudy.start(storage, small_spec())
    shared.advance()
    with pytest.raises(KeyboardInterrupt), shared.claim():
        raise KeyboardInterrupt
    assert shared.trials()[0].state == TrialState.WAITING


def test_what_another_worker_has_told_meanwhile_stays(storage):
    shared = SharedStudy.start(storage, small_spec())
    shared.advance()
    with shared.claim() as trial:
        shared.tell(trial, TrialState.COMPLETE, [0.5], {"scores": {}})
        shared.tell(trial, TrialState.FAIL, None, {"error": "late"})
    assert shared.trials()[0].value == 0.5
    assert "error" not in result_of(shared.trials()[0])


def test_a_failing_trial_is_recorded_and_the_study_goes_on(storage, objective, monkeypatch):
    shared, own, calls = SharedStudy.start(storage, small_spec(trials=8)), objective.run, []

    def sometimes(task, **settings):
        calls.append(task)
        if len(calls) == 3:
            raise TrainingError("the loss left the finite numbers")
        return own(task, **settings)

    monkeypatch.setattr(Objective, "run", lambda _, task, **settings: sometimes(task, **settings))
    work(shared, objective)
    states = [trial.state for trial in shared.trials()]
    assert states.count(TrialState.FAIL) == 1
    assert len(states) == 8
    table = trial_table(shared.spec, shared.trials())
    assert table.error.dropna().tolist() == ["TrainingError: the loss left the finite numbers"]


@pytest.mark.parametrize("bug", [ValueError("shapes"), KeyError("typo"), TypeError("none")])
def test_a_bug_stops_the_study_and_lets_the_trial_wait(storage, objective, monkeypatch, bug):
    def broken(*_, **__):
        raise bug

    monkeypatch.setattr(Objective, "run", broken)
    shared = SharedStudy.start(storage, small_spec())
    with pytest.raises(type(bug)):
        work(shared, objective)
    assert {trial.state for trial in shared.trials()} == {TrialState.WAITING}


@pytest.mark.parametrize("failure", [ConfigError("no"), ZeroDivisionError("no"), np.linalg.LinAlgError("no")])
def test_a_numeric_failure_is_the_trials_result(storage, objective, monkeypatch, failure):
    def failing(*_, **__):
        raise failure

    monkeypatch.setattr(Objective, "run", failing)
    shared = SharedStudy.start(storage, small_spec(trials=1))
    work(shared, objective)
    assert result_of(shared.trials()[0]) == {"error": f"{type(failure).__name__}: no"}


def test_a_first_generation_that_fails_altogether_stops_the_study(storage, objective, monkeypatch):
    def always(*_, **__):
        raise TrainingError("no")

    monkeypatch.setattr(Objective, "run", always)
    shared = SharedStudy.start(storage, small_spec())
    assert work(shared, objective) == 4
    assert shared.is_finished()
    assert shared.stopped.startswith("all 4 trials of the first batch failed; the first one with: TrainingError: no")


def test_a_plan_survives_being_stored():
    assert StudySpec.from_record(small_spec().to_record()) == small_spec()
