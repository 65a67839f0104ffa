"""The table of a study's trials, and the best ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import optuna
from optuna.trial import FrozenTrial, TrialState

from mlproject.tuning.objectives import directions
from mlproject.tuning.proposals import batch_of, quiet
from mlproject.tuning.shared_study import result_of
from mlproject.tuning.space import values_of
from mlproject.tuning.study_spec import StudySpec

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["best_trials", "trial_table"]


def trial_table(spec: StudySpec, trials: Sequence[FrozenTrial]) -> pd.DataFrame:
    """Return a data frame with one row per trial: the same for the same spec, whoever ran what when.

    Columns: number, batch, state, each parameter by its path, each objective, ``criterion/*`` and the scores of
    the partition, loss at the end, and the error of a failed one.
    """
    import pandas as pd

    rows = []
    for trial in trials:
        result, values = result_of(trial), trial.values or [None] * len(spec.study.objective)
        row: dict[str, Any] = {"number": trial.number, "batch": batch_of(trial.number, spec.study)}
        row |= {"state": trial.state.name.lower()}
        params = values_of(trial.params)
        row |= {path: params.get(path) for path in spec.study.space}
        row |= {f"objective/{name}": value for name, value in zip(spec.study.objective, values, strict=True)}
        row |= {f"criterion/{name}": value for name, value in result.get("criteria", {}).items()}
        row |= result.get("scores", {})
        row |= {f"held_out/{name}": value for name, value in result.get("held_out", {}).items()}
        row |= {"loss": (result.get("loss_curve") or [None])[-1]}
        rows.append(row | {"error": result.get("error")})
    return pd.DataFrame(rows)


def best_trials(spec: StudySpec, trials: Sequence[FrozenTrial]) -> list[FrozenTrial]:
    """Return the best finished trial, the first of equal ones; of several objectives the Pareto front."""
    done = [trial for trial in trials if trial.state == TrialState.COMPLETE]
    if not done:
        return []
    if len(spec.study.objective) == 1:
        # The lower number wins a tie, so that more trials do not change the choice without being better.
        sign = 1 if directions(spec.study)[0] == "maximize" else -1
        return [max(done, key=lambda trial: (sign * trial.values[0], -trial.number))]
    with quiet():
        # In a study of finished trials alone, numbers are positions in `done`.
        study = optuna.create_study(directions=directions(spec.study))
        study.add_trials(done)
        return [done[trial.number] for trial in study.best_trials]
