"""What processes share: starting, joining, claiming, telling, going on, stopping."""

from __future__ import annotations

from dataclasses import replace

import pytest
from optuna.trial import TrialState

from mlproject.errors import ConfigError, StudyChangedError, TrainingError
from mlproject.tuning.shared_study import Ledger, outcome_of
from mlproject.tuning.storage import open_storage
from mlproject.tuning.study_spec import Plan
from mlproject.tuning.trial_table import trial_table
from mlproject.tuning.worker import work
from tests.tuning.small_study import EVALUATION, SPACE, run_small, small_plan


@pytest.fixture
def storage(tmp_path):
    return open_storage(None, tmp_path)


def test_joining_needs_a_study_of_that_name(storage):
    with pytest.raises(ConfigError, match="no study 'smal' in this storage; it has none yet"):
        Ledger.join(storage, "smal")
    Ledger.start(storage, small_plan())
    with pytest.raises(ConfigError, match="did you mean 'small'"):
        Ledger.join(storage, "smal")


def test_who_joins_gets_the_plan_as_it_was_started(storage):
    Ledger.start(storage, small_plan(sampler="random", objective=("agreement",)))
    assert Ledger.join(storage, "small").plan == small_plan(sampler="random", objective=("agreement",))


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (small_plan(space=SPACE | {"model.latent_dim": {"int": [2, 8]}}), "study.space"),
        (small_plan(seed=1), "study.seed"),
        (replace(small_plan(), data={"data": "other"}), "data.data"),
        (replace(small_plan(), code="other"), "code"),
        (replace(small_plan(), evaluation=EVALUATION.model_copy(update={"seed": 1})), "evaluation.seed"),
    ],
)
def test_a_study_does_not_go_on_with_other_settings_unless_told(storage, plan, words):
    Ledger.start(storage, small_plan())
    with pytest.raises(StudyChangedError, match="was started with other settings") as caught:
        Ledger.start(storage, plan)
    assert words in str(caught.value)
    assert Ledger.start(storage, plan, allow_changes=True).plan == plan


def test_another_objective_never_goes_on_with_a_study(storage):
    Ledger.start(storage, small_plan(objective=("ami",)))
    for allow in (False, True):
        with pytest.raises(StudyChangedError, match=r"study.objective") as caught:
            Ledger.start(storage, small_plan(), allow_changes=allow)
        assert "changed=allow" not in str(caught.value)


def test_what_was_the_same_for_all_trials_is_found_anew_after_a_change(storage):
    ledger = Ledger.start(storage, small_plan())
    ledger.note_surroundings({"representation": "label-free"})
    Ledger.start(storage, replace(small_plan(), data={"data": "other"}), allow_changes=True)
    assert ledger.surroundings == {}


def test_what_no_trial_reads_may_change(storage):
    Ledger.start(storage, small_plan())
    Ledger.start(storage, replace(small_plan(), evaluation=EVALUATION.model_copy(update={"seeds": 9, "level": 0.1})))


def test_a_study_of_somebody_else_is_not_taken_over(storage):
    import optuna

    optuna.create_study(storage=storage.optuna, study_name="small").add_trial(optuna.trial.create_trial(value=1.0))
    with pytest.raises(ConfigError, match="is not this project's"):
        Ledger.start(storage, small_plan())


def test_fewer_trials_than_there_are_take_none_away(storage, laboratory):
    work(Ledger.start(storage, small_plan(trials=8)), laboratory)
    assert Ledger.start(storage, small_plan(trials=4)).plan.study.trials == 8


def test_more_trials_are_no_change(storage, laboratory):
    work(Ledger.start(storage, small_plan(trials=6)), laboratory)
    longer = Ledger.start(storage, small_plan(trials=9))
    assert work(longer, laboratory) == 3
    assert len(longer.trials()) == 9


def test_an_interrupted_study_that_is_extended_is_the_long_study(tmp_path, storage, laboratory):
    work(Ledger.start(storage, small_plan(trials=6)), laboratory)
    extended = Ledger.start(storage, small_plan(trials=10))
    work(extended, laboratory)
    whole = run_small(tmp_path / "whole", trials=10)
    tables = [trial_table(small_plan(), ledger.trials()) for ledger in (extended, whole)]
    assert tables[0].equals(tables[1])


def test_an_exception_lets_a_trial_wait_again(storage):
    ledger = Ledger.start(storage, small_plan())
    ledger.advance()
    with pytest.raises(KeyboardInterrupt), ledger.claim():
        raise KeyboardInterrupt
    assert ledger.trials()[0].state == TrialState.WAITING


def test_what_another_worker_has_told_meanwhile_stays(storage):
    ledger = Ledger.start(storage, small_plan())
    ledger.advance()
    with ledger.claim() as trial:
        ledger.tell(trial, TrialState.COMPLETE, [0.5], {"scores": {}}, {})
        ledger.tell(trial, TrialState.FAIL, None, {"error": "late"}, {})
    assert ledger.trials()[0].value == 0.5
    assert "error" not in outcome_of(ledger.trials()[0])


def test_a_failing_trial_is_recorded_and_the_study_goes_on(storage, laboratory, monkeypatch):
    ledger, own, calls = Ledger.start(storage, small_plan(trials=8)), laboratory.run, []

    def sometimes(task, **settings):
        calls.append(task)
        if len(calls) == 3:
            raise TrainingError("the loss left the finite numbers")
        return own(task, **settings)

    monkeypatch.setattr(laboratory, "run", sometimes)
    work(ledger, laboratory)
    states = [trial.state for trial in ledger.trials()]
    assert states.count(TrialState.FAIL) == 1
    assert len(states) == 8
    table = trial_table(ledger.plan, ledger.trials())
    assert table.error.dropna().tolist() == ["TrainingError: the loss left the finite numbers"]


def test_a_first_generation_that_fails_altogether_stops_the_study(storage, laboratory, monkeypatch):
    def always(*_, **__):
        raise TrainingError("no")

    monkeypatch.setattr(laboratory, "run", always)
    ledger = Ledger.start(storage, small_plan())
    assert work(ledger, laboratory) == 4
    assert ledger.is_finished()
    assert ledger.stopped.startswith(
        "all 4 trials of the first generation failed; the first one with: TrainingError: no"
    )


def test_the_time_limit_ends_a_study_after_a_generation_and_it_can_go_on(storage, laboratory):
    ledger = Ledger.start(storage, small_plan(time_limit=1e-6))
    assert work(ledger, laboratory) == 4
    assert "time limit" in ledger.stopped
    again = Ledger.start(storage, small_plan())
    assert work(again, laboratory) == 20


def test_a_plan_survives_being_stored():
    assert Plan.from_record(small_plan().to_record()) == small_plan()
