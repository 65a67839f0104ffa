"""A study's trials as all its processes see them: which wait, who works on which, what comes next.

Trials are proposed in generations. Whoever finds a generation finished proposes the next one (`advance`); whoever has
nothing to do takes a waiting trial (`claim`) and tells what came of it (`tell`). No process is special.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from optuna.exceptions import UpdateFinishedTrialError
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from mlproject.errors import ConfigError, did_you_mean
from mlproject.tuning.objectives import directions
from mlproject.tuning.proposals import generation_of, propose, quiet, total_trials
from mlproject.tuning.storage import Storage
from mlproject.tuning.study_spec import Plan

__all__ = ["Ledger", "outcome_of"]

# Attributes of a study, and of a trial.
PLAN, STARTED, STOPPED, KEY, SURROUNDINGS = "plan", "started", "stopped", "key", "surroundings"
OUTCOME = "outcome"


def outcome_of(trial: FrozenTrial) -> dict[str, Any]:
    """Return what a worker has told of a finished trial."""
    found: dict[str, Any] = json.loads(trial.user_attrs.get(OUTCOME, "{}"))
    return found


class Ledger:
    """One study in a storage.

    Parameters
    ----------
    storage : Storage
    plan : Plan
    study_id : int
    """

    def __init__(self, storage: Storage, plan: Plan, study_id: int) -> None:
        self.storage, self.plan, self._study_id = storage, plan, study_id

    @classmethod
    def start(cls, storage: Storage, plan: Plan, *, allow_changes: bool = False) -> Ledger:
        """Start a study, or go on with the one of this name.

        Raises
        ------
        StudyChangedError
            If that one was started with other settings, and `allow_changes` is not given.
        """
        with storage.exclusive(plan.name), quiet():
            study_id = _find(storage, plan.name)
            if study_id is None:
                to_enum = {"maximize": StudyDirection.MAXIMIZE, "minimize": StudyDirection.MINIMIZE}
                goals = [to_enum[one] for one in directions(plan.study)]
                study_id = storage.optuna.create_new_study(goals, plan.name)
            record = storage.optuna.get_study_user_attrs(study_id).get(PLAN)
            if record is None and storage.optuna.get_all_trials(study_id, deepcopy=False):
                raise ConfigError(f"the study {plan.name!r} there is not this project's; give another study_name")
            if record is not None:
                if plan.check_unchanged(json.loads(record), allow=allow_changes):
                    storage.optuna.set_study_user_attr(study_id, SURROUNDINGS, "{}")
                plan = plan.with_trials(max(plan.study.trials, json.loads(record)["study"]["trials"]))
            new = json.dumps(plan.to_record())
            if new != record:
                storage.optuna.set_study_user_attr(study_id, PLAN, new)
            storage.optuna.set_study_user_attr(study_id, STARTED, time.time())
            storage.optuna.set_study_user_attr(study_id, STOPPED, None)
            if KEY not in storage.optuna.get_study_user_attrs(study_id):
                storage.optuna.set_study_user_attr(study_id, KEY, uuid.uuid4().hex)
        return cls(storage, plan, study_id)

    @classmethod
    def join(cls, storage: Storage, name: str) -> Ledger:
        """Join a study that was started elsewhere.

        Raises
        ------
        ConfigError
            If there is none of this name.
        """
        study_id = _find(storage, name)
        record = None if study_id is None else storage.optuna.get_study_user_attrs(study_id).get(PLAN)
        if study_id is None or record is None:
            names = [study.study_name for study in storage.optuna.get_all_studies()]
            known = did_you_mean(name, names) if names else "it has none yet"
            raise ConfigError(f"no study {name!r} in this storage; {known}; python -m pipelines.study starts one")
        return cls(storage, Plan.from_record(json.loads(record)), study_id)

    def trials(self) -> list[FrozenTrial]:
        """Return all trials in their order, as they are now."""
        return self.storage.optuna.get_all_trials(self._study_id, deepcopy=False)

    @property
    def key(self) -> str:
        """What tells this study from another one of the same name in another storage."""
        return str(self.storage.optuna.get_study_user_attrs(self._study_id)[KEY])

    @property
    def surroundings(self) -> dict[str, Any]:
        """Return what is the same for all trials: ``reference`` scores of PCA + K-Means, ``representation``."""
        found: dict[str, Any] = json.loads(
            self.storage.optuna.get_study_user_attrs(self._study_id).get(SURROUNDINGS, "{}")
        )
        return found

    def note_surroundings(self, surroundings: Mapping[str, Any]) -> None:
        """Write down what is the same for all trials; each worker finds the same."""
        if not self.surroundings:
            self.storage.optuna.set_study_user_attr(self._study_id, SURROUNDINGS, json.dumps(surroundings))

    @property
    def stopped(self) -> str | None:
        """Why the study ended before its last trial, if it did."""
        found: str | None = self.storage.optuna.get_study_user_attrs(self._study_id).get(STOPPED)
        return found

    def is_finished(self, trials: Sequence[FrozenTrial] | None = None) -> bool:
        """Whether nothing is left to do."""
        trials = self.trials() if trials is None else trials
        if not all(trial.state.is_finished() for trial in trials):
            return False
        return len(trials) >= total_trials(self.plan.study) or self.stopped is not None

    def free_abandoned(self) -> None:
        """Let trials wait again whose worker is gone."""
        with self.storage.exclusive(self.plan.name):
            running = [trial for trial in self.trials() if trial.state == TrialState.RUNNING]
            self.storage.free_abandoned(self._study_id, running)

    def advance(self) -> None:
        """Let abandoned trials wait again, and propose the next generation if the present one is finished."""
        with self.storage.exclusive(self.plan.name):
            trials = self.trials()
            self.storage.free_abandoned(
                self._study_id, [trial for trial in trials if trial.state == TrialState.RUNNING]
            )
            if not self._is_due(trials):
                return
            if reason := self._reason_to_stop(trials):
                self.storage.optuna.set_study_user_attr(self._study_id, STOPPED, reason)
                return
            for trial in propose(self.plan.study, self.plan.task, trials):
                self.storage.optuna.create_new_trial(self._study_id, trial)

    @contextmanager
    def claim(self) -> Iterator[FrozenTrial | None]:
        """Take the first trial that waits, and hold it; None if there is none. An exception lets it wait again."""
        for trial in self.trials():
            if trial.state != TrialState.WAITING:
                continue
            with self.storage.lease(trial) as had:
                if not had or not self._take(trial):
                    continue
                try:
                    yield trial
                except BaseException:
                    with suppress(UpdateFinishedTrialError):
                        self.storage.optuna.set_trial_state_values(trial._trial_id, TrialState.WAITING)
                    raise
                return
        yield None

    def tell(
        self,
        trial: FrozenTrial,
        state: TrialState,
        values: Sequence[float] | None,
        outcome: Mapping[str, Any],
        losses: Mapping[int, float],
    ) -> None:
        """Write down what came of a trial; what another one has told of it meanwhile stays."""
        storage, trial_id = self.storage.optuna, trial._trial_id
        with suppress(UpdateFinishedTrialError):
            storage.set_trial_user_attr(trial_id, OUTCOME, json.dumps(outcome))
            for epoch, loss in losses.items():
                storage.set_trial_intermediate_value(trial_id, epoch, loss)
            storage.set_trial_state_values(trial_id, state, values)

    def before(self, trial: FrozenTrial) -> list[FrozenTrial]:
        """Return the trials of the generations before a trial's own: all that its pruner may know."""
        first = generation_of(trial.number, self.plan.study) * self.plan.study.generation_size
        return self.trials()[:first]

    def _take(self, trial: FrozenTrial) -> bool:
        with suppress(UpdateFinishedTrialError):
            return self.storage.optuna.set_trial_state_values(trial._trial_id, TrialState.RUNNING)
        return False

    def _is_due(self, trials: Sequence[FrozenTrial]) -> bool:
        """Whether a generation has to be proposed, or what a killed process left of one completed."""
        if len(trials) >= total_trials(self.plan.study) or self.stopped is not None:
            return False
        begun = len(trials) % self.plan.study.generation_size != 0
        finished = all(trial.state.is_finished() for trial in trials)
        return finished or begun

    def _reason_to_stop(self, trials: Sequence[FrozenTrial]) -> str | None:
        first = trials[: self.plan.study.generation_size]
        if first and all(trial.state == TrialState.FAIL for trial in first) and len(trials) == len(first):
            error = outcome_of(first[0]).get("error", "unknown")
            return (
                f"all {len(first)} trials of the first generation failed; the first one with: {error}; "
                "mend that and start a new one with study_name=NAME"
            )
        limit, started = self.plan.study.time_limit, self.storage.optuna.get_study_user_attrs(self._study_id)[STARTED]
        if limit is not None and trials and time.time() - started > limit:
            return f"the time limit of {limit:g} s is over after {len(trials)} trials"
        return None


def _find(storage: Storage, name: str) -> int | None:
    with suppress(KeyError):
        return int(storage.optuna.get_study_id_from_name(name))
    return None
