"""The table of a study's trials, its best ones, and the replay of its decisions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import optuna
from optuna.trial import FrozenTrial, TrialState

from mlproject.tuning.objectives import directions
from mlproject.tuning.proposals import generation_of, propose, pruning_step, quiet
from mlproject.tuning.shared_study import outcome_of
from mlproject.tuning.space import values_of
from mlproject.tuning.study_spec import Plan

__all__ = ["best_trials", "replay", "trial_table"]


def trial_table(plan: Plan, trials: Sequence[FrozenTrial]) -> Any:
    """Return a data frame with a row a trial: the same for the same plan, whoever ran what when.

    Columns: number, generation, state, each parameter by its path, each objective, ``criterion/*`` and the scores of
    the partition, loss at the end, and the error of a failed one.
    """
    import pandas as pd

    rows = []
    for trial in trials:
        found, values = outcome_of(trial), trial.values or [None] * len(plan.study.objective)
        row: dict[str, Any] = {"number": trial.number, "generation": generation_of(trial.number, plan.study)}
        row |= {"state": trial.state.name.lower()}
        params = values_of(trial.params)
        row |= {path: params.get(path) for path in plan.study.space}
        row |= {f"objective/{name}": value for name, value in zip(plan.study.objective, values, strict=True)}
        row |= {f"criterion/{name}": value for name, value in found.get("criteria", {}).items()}
        row |= found.get("scores", {})
        row |= {f"held_out/{name}": value for name, value in found.get("held_out", {}).items()}
        row |= {"loss": (found.get("loss_curve") or [None])[-1]}
        row |= {"ended_after": found["pruned"]} if "pruned" in found else {}
        rows.append(row | {"error": found.get("error")})
    return pd.DataFrame(rows)


def best_trials(plan: Plan, trials: Sequence[FrozenTrial]) -> list[FrozenTrial]:
    """Return the best finished trial, the first of equal ones; of several objectives the Pareto front."""
    done = [trial for trial in trials if trial.state == TrialState.COMPLETE]
    if not done:
        return []
    if len(plan.study.objective) == 1:
        sign = 1 if directions(plan.study)[0] == "maximize" else -1
        return [max(done, key=lambda trial: (sign * trial.values[0], -trial.number))]
    with quiet():
        study = optuna.create_study(directions=directions(plan.study))
        study.add_trials(done)
        return [done[trial.number] for trial in study.best_trials]


def replay(plan: Plan, trials: Sequence[FrozenTrial]) -> list[str]:
    """Decide again all that a study has decided, from its results; return a line for each decision that differs.

    Parameters
    ----------
    plan : Plan
    trials : sequence of FrozenTrial
        All of them, in their order.
    """
    plan, size, found = plan.with_trials(len(trials)), plan.study.generation_size, list[str]()
    for first in range(0, len(trials), size):
        again = propose(plan.study, plan.task, trials[:first])
        for trial, other in zip(trials[first : first + size], again, strict=True):
            if trial.params != other.params:
                found.append(f"trial {trial.number}: proposed {other.params}, recorded {trial.params}")
            if plan.study.pruner != "none" and trial.state in (TrialState.COMPLETE, TrialState.PRUNED):
                found += _replay_pruning(plan, trials[:first], trial)
    return found


def _replay_pruning(plan: Plan, past: Sequence[FrozenTrial], trial: FrozenTrial) -> list[str]:
    losses: dict[int, float] = {}
    for epoch in sorted(trial.intermediate_values):
        losses[epoch] = trial.intermediate_values[epoch]
        last = epoch == max(trial.intermediate_values)
        expected = last and trial.state == TrialState.PRUNED
        if pruning_step(plan.study, past, dict(losses)) != expected:
            what = "ended there" if expected else "went on"
            return [f"trial {trial.number}: {what} after {epoch} tenths, decided otherwise again"]
    return []
