"""The table of trials, the best of them, and the replay that finds what was tampered with."""

from __future__ import annotations

from copy import deepcopy

import pytest

from mlproject.tuning.trial_table import best_trials, replay, trial_table
from tests.tuning.small_study import run_small


def test_the_table_has_a_row_a_trial_and_no_time(finished_ledger):
    table = trial_table(finished_ledger.plan, finished_ledger.trials())
    assert table.number.tolist() == list(range(24))
    assert table.generation.tolist() == [number // 4 for number in range(24)]
    assert not [name for name in table if "second" in name or "time" in name]
    assert {"model.latent_dim", "objective/label_free", "criterion/stability", "ami", "held_out/ami"} <= set(table)


def test_the_best_trial_is_the_first_of_the_highest(finished_ledger):
    table = trial_table(finished_ledger.plan, finished_ledger.trials())
    (best,) = best_trials(finished_ledger.plan, finished_ledger.trials())
    assert best.number == table["objective/label_free"].idxmax()


def test_every_decision_of_a_finished_study_holds(finished_ledger):
    assert replay(finished_ledger.plan, finished_ledger.trials()) == []


def test_a_changed_parameter_or_result_is_found(finished_ledger):
    trials = deepcopy(finished_ledger.trials())
    trials[9].params["model.latent_dim"] = 7 if trials[9].params["model.latent_dim"] != 7 else 6
    assert any("trial 9: proposed" in line for line in replay(finished_ledger.plan, trials))
    trials = deepcopy(finished_ledger.trials())
    trials[4].values = [99.0]  # the model of later generations would have learnt something else
    assert replay(finished_ledger.plan, trials) != []


def test_pruning_decisions_are_replayed(tmp_path):
    ledger = run_small(tmp_path, pruner="median")
    trials = deepcopy(ledger.trials())
    pruned = [trial for trial in trials if trial.state.name == "PRUNED"]
    assert pruned
    assert replay(ledger.plan, trials) == []
    last = max(pruned[0].intermediate_values)
    pruned[0].intermediate_values[last] = 0.0  # a loss that no pruner would end
    assert any("ended there" in line for line in replay(ledger.plan, trials))


@pytest.mark.parametrize(
    "objective", [("reconstruction", "label_free"), ("reconstruction", "label_free", "latent_size")]
)
def test_several_objectives_have_a_front_that_nothing_dominates(tmp_path, objective):
    ledger = run_small(tmp_path, objective=objective, trials=12)
    front = best_trials(ledger.plan, ledger.trials())
    signs = [-1 if name in ("reconstruction", "latent_size") else 1 for name in objective]
    values = {t.number: [s * v for s, v in zip(signs, t.values, strict=True)] for t in ledger.trials()}
    for trial in front:
        better = [n for n, v in values.items() if all(a >= b for a, b in zip(v, values[trial.number], strict=True))]
        assert all(values[n] == values[trial.number] for n in better)
