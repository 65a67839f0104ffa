"""A finished trial -> what its run in MLflow shows: named as the metrics of a task's own run are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from optuna.trial import FrozenTrial

from mlproject.config import StudyConfig
from mlproject.evaluation.scores import difference
from mlproject.tracking.study_runs import TrialRecord
from mlproject.tracking.task_runs import BARE_METRICS
from mlproject.tuning.objectives import is_oracle
from mlproject.tuning.proposals import generation_of
from mlproject.tuning.shared_study import Ledger, outcome_of
from mlproject.tuning.space import range_text, values_of
from mlproject.tuning.study_spec import EXTENDABLE

__all__ = ["flat_study", "trial_record"]


def trial_record(ledger: Ledger, trial: FrozenTrial, params: Mapping[str, Any]) -> TrialRecord:
    """Return the record of a finished trial.

    Parameters
    ----------
    ledger : Ledger
    trial : FrozenTrial
    params : mapping
        The flattened configuration of the task; the trial's own values take their places in it.
    """
    plan, found, surroundings = ledger.plan, outcome_of(trial), ledger.surroundings
    scores, reference = found.get("scores", {}), surroundings.get("reference", {})
    clusterer = plan.evaluation.primary
    metrics = {f"{clusterer}/{name}": value for name, value in scores.items()}
    metrics |= {name: scores.get(name) for name in BARE_METRICS}
    if scores:
        metrics |= {f"baseline/{name}": value for name, value in reference.items()}
        metrics |= {f"delta/{name}": value for name, value in difference(scores, reference).items()}
    metrics |= {
        f"objective/{name}": value for name, value in zip(plan.study.objective, trial.values or (), strict=False)
    }
    metrics |= {f"criterion/{name}": value for name, value in found.get("criteria", {}).items()}
    metrics |= {f"held_out/{name}": value for name, value in found.get("held_out", {}).items()}
    metrics |= {f"seconds/{name}": value for name, value in found.get("seconds", {}).items()}
    informed = "label-informed" if is_oracle(plan.study) else surroundings.get("representation", "unknown")
    return TrialRecord(
        number=trial.number,
        state=trial.state.name.lower(),
        started=_milliseconds(trial.datetime_start),
        ended=_milliseconds(trial.datetime_complete),
        params={**params, **values_of(trial.params)},
        metrics=metrics,
        loss_curve=found.get("loss_curve", ()),
        reason=found.get("error", found.get("pruned", "")),
        tags={"generation": str(generation_of(trial.number, plan.study)), "representation": informed},
    )


def _milliseconds(moment: datetime | None) -> int:
    return 0 if moment is None else int(moment.timestamp() * 1000)


def flat_study(study: StudyConfig) -> dict[str, Any]:
    """Flatten what a study was started with to the parameters of its run."""
    values = study.model_dump(mode="json", exclude={"space", *EXTENDABLE})  # a run's parameters cannot change
    spaces = {f"space.{path}": range_text(one) for path, one in study.space.items()}
    return {f"study.{key}": value for key, value in (values | spaces).items()}
