"""The table of trials, and the best of them."""

from __future__ import annotations

import pytest

from mlproject.tuning.trial_table import best_trials, trial_table
from tests.tuning.small_study import run_small


def test_the_table_has_a_row_a_trial_and_no_time(finished_study):
    table = trial_table(finished_study.spec, finished_study.trials())
    assert table.number.tolist() == list(range(24))
    assert table.batch.tolist() == [number // 4 for number in range(24)]
    assert not [name for name in table if "second" in name or "time" in name]
    assert {"model.latent_dim", "objective/neighbours", "criterion/neighbours", "ami", "held_out/ami"} <= set(table)


def test_the_best_trial_is_the_first_of_the_highest(finished_study):
    table = trial_table(finished_study.spec, finished_study.trials())
    (best,) = best_trials(finished_study.spec, finished_study.trials())
    assert best.number == table["objective/neighbours"].idxmax()


@pytest.mark.parametrize(
    "objective", [("reconstruction", "neighbours"), ("reconstruction", "neighbours", "latent_size")]
)
def test_several_objectives_have_a_front_that_nothing_dominates(tmp_path, objective):
    shared = run_small(tmp_path, objective=objective, trials=12)
    front = best_trials(shared.spec, shared.trials())
    signs = [-1 if name in ("reconstruction", "latent_size") else 1 for name in objective]
    values = {t.number: [s * v for s, v in zip(signs, t.values, strict=True)] for t in shared.trials()}
    for trial in front:
        better = [n for n, v in values.items() if all(a >= b for a, b in zip(v, values[trial.number], strict=True))]
        assert all(values[n] == values[trial.number] for n in better)
