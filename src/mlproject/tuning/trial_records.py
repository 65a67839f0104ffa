"""A finished trial -> what its run in MLflow shows: named as the metrics of a task's own run are."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from optuna.trial import FrozenTrial

from mlproject.config.study import StudyConfig
from mlproject.evaluation.metrics import TESTED
from mlproject.tracking.study_runs import TrialRecord
from mlproject.tracking.task_runs import score_metrics
from mlproject.tuning.proposals import batch_of
from mlproject.tuning.shared_study import SharedStudy, result_of
from mlproject.tuning.space import range_text, values_of
from mlproject.tuning.study_spec import EXTENDABLE

__all__ = ["flat_study", "trial_record"]


def trial_record(shared: SharedStudy, trial: FrozenTrial, params: Mapping[str, Any]) -> TrialRecord:
    """Return the record of a finished trial; its own values replace those of the flat configuration."""
    spec, result = shared.spec, result_of(trial)
    scores, baseline = result.get("scores", {}), shared.context.get("baseline", {})
    metrics = score_metrics(scores, baseline if scores else {})
    objectives = zip(spec.study.objective, trial.values or (), strict=False)
    metrics |= {f"objective/{name}": value for name, value in objectives}
    for prefix, kind in (("criterion", "criteria"), ("seconds", "seconds")):
        metrics |= {f"{prefix}/{name}": value for name, value in result.get(kind, {}).items()}
    held_out = result.get("held_out", {})
    metrics |= {f"held_out/{name}": held_out[name] for name in TESTED if name in held_out}
    return TrialRecord(
        number=trial.number,
        state=trial.state.name.lower(),
        started=_milliseconds(trial.datetime_start),
        ended=_milliseconds(trial.datetime_complete),
        params={**params, **values_of(trial.params)},
        metrics=metrics,
        loss_curve=result.get("loss_curve", ()),
        reason=result.get("error", ""),
        tags={"batch": str(batch_of(trial.number, spec.study)), "label_use": shared.label_use},
    )


def _milliseconds(moment: datetime | None) -> int:
    return 0 if moment is None else int(moment.timestamp() * 1000)


def flat_study(study: StudyConfig) -> dict[str, Any]:
    """Flatten what a study was started with to the parameters of its run."""
    values = study.model_dump(mode="json", exclude={"space", *EXTENDABLE})  # a run's parameters cannot change
    spaces = {f"space.{path}": range_text(span) for path, span in study.space.items()}
    return {f"study.{key}": value for key, value in (values | spaces).items()}
