"""A study's trials as all its processes see them: which wait, who works on which, what comes next.

Trials are proposed in batches. Whoever finds a batch finished proposes the next one (`advance`); whoever has
nothing to do takes a waiting trial (`claim`) and records its result (`tell`). No process is special.
"""

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Self

from optuna.exceptions import UpdateFinishedTrialError
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from mlproject.errors import ConfigError, did_you_mean
from mlproject.tuning.objectives import directions, is_oracle
from mlproject.tuning.proposals import propose, quiet, total_trials
from mlproject.tuning.storage import Storage
from mlproject.tuning.study_spec import StudySpec

__all__ = ["SharedStudy", "result_of"]

# Attributes of a study, and of a trial.
SPEC, STOPPED, KEY, CONTEXT = "spec", "stopped", "key", "context"
RESULT = "result"


def result_of(trial: FrozenTrial) -> dict[str, Any]:
    """Return the result that a worker has recorded of a finished trial."""
    result: dict[str, Any] = json.loads(trial.user_attrs.get(RESULT, "{}"))
    return result


class SharedStudy:
    """One study in a storage."""

    def __init__(self, storage: Storage, spec: StudySpec, study_id: int) -> None:
        self.storage, self.spec, self._study_id = storage, spec, study_id

    @classmethod
    def start(cls, storage: Storage, spec: StudySpec, *, allow_changes: bool = False) -> Self:
        """Start a study, or continue the one of this name; `StudyChangedError` if that one had other settings."""
        with storage.exclusive(spec.name), quiet():
            study_id = _find(storage, spec.name)
            if study_id is None:
                goals = [StudyDirection[direction.upper()] for direction in directions(spec.study)]
                study_id = storage.optuna.create_new_study(goals, spec.name)
            record = storage.optuna.get_study_user_attrs(study_id).get(SPEC)
            if record is None and storage.optuna.get_all_trials(study_id, deepcopy=False):
                raise ConfigError(f"the study {spec.name!r} there is not this project's; give another study_name")
            if record is not None:
                if spec.check_unchanged(json.loads(record), allow=allow_changes):
                    storage.optuna.set_study_user_attr(study_id, CONTEXT, "{}")
                spec = spec.with_trials(max(spec.study.trials, json.loads(record)["study"]["trials"]))
            new = json.dumps(spec.to_record())
            if new != record:  # a journal grows by each write
                storage.optuna.set_study_user_attr(study_id, SPEC, new)
            storage.optuna.set_study_user_attr(study_id, STOPPED, None)
            if KEY not in storage.optuna.get_study_user_attrs(study_id):
                storage.optuna.set_study_user_attr(study_id, KEY, uuid.uuid4().hex)
        return cls(storage, spec, study_id)

    @classmethod
    def join(cls, storage: Storage, name: str) -> Self:
        """Join a study that was started elsewhere; `ConfigError` if there is none of this name."""
        study_id = _find(storage, name)
        record = None if study_id is None else storage.optuna.get_study_user_attrs(study_id).get(SPEC)
        if study_id is None or record is None:
            names = [study.study_name for study in storage.optuna.get_all_studies()]
            known = did_you_mean(name, names) if names else "it has none yet"
            raise ConfigError(f"no study {name!r} in this storage; {known}; python -m pipelines.study starts one")
        return cls(storage, StudySpec.from_record(json.loads(record)), study_id)

    def trials(self) -> list[FrozenTrial]:
        """Return all trials in their order, as they are now."""
        return self.storage.optuna.get_all_trials(self._study_id, deepcopy=False)

    @property
    def _attributes(self) -> dict[str, Any]:
        return self.storage.optuna.get_study_user_attrs(self._study_id)

    @property
    def key(self) -> str:
        """What distinguishes this study from another one of the same name in another storage."""
        return str(self._attributes[KEY])

    @property
    def context(self) -> dict[str, Any]:
        """Return what is the same for all trials: ``baseline`` scores of PCA + K-Means, and ``label_use``."""
        context: dict[str, Any] = json.loads(self._attributes.get(CONTEXT, "{}"))
        return context

    @property
    def label_use(self) -> str:
        """Whether a label reaches the vectors or the choice of a trial, ``unknown`` before the first worker says so."""
        return "label-informed" if is_oracle(self.spec.study) else self.context.get("label_use", "unknown")

    def note_context(self, context: Mapping[str, Any]) -> None:
        """Write down what is the same for all trials; each worker finds the same."""
        if not self.context:
            self.storage.optuna.set_study_user_attr(self._study_id, CONTEXT, json.dumps(context))

    @property
    def stopped(self) -> str | None:
        """Why the study ended before its last trial, if it did."""
        reason: str | None = self._attributes.get(STOPPED)
        return reason

    def is_finished(self, trials: Sequence[FrozenTrial] | None = None) -> bool:
        """Whether nothing is left to do."""
        trials = self.trials() if trials is None else trials
        if not all(trial.state.is_finished() for trial in trials):
            return False
        return len(trials) >= total_trials(self.spec.study) or self.stopped is not None

    def free_abandoned(self) -> None:
        """Let trials wait again whose worker is gone."""
        with self.storage.exclusive(self.spec.name):
            self.storage.free_abandoned(self._study_id, self.trials())

    def advance(self) -> None:
        """Let abandoned trials wait again, and propose the next batch if the present one is finished."""
        with self.storage.exclusive(self.spec.name):
            trials = self.trials()
            self.storage.free_abandoned(self._study_id, trials)
            if not self._is_due(trials):
                return
            if reason := self._reason_to_stop(trials):
                self.storage.optuna.set_study_user_attr(self._study_id, STOPPED, reason)
                return
            for trial in propose(self.spec.study, self.spec.task, trials):
                self.storage.optuna.create_new_trial(self._study_id, trial)

    @contextmanager
    def claim(self) -> Iterator[FrozenTrial | None]:
        """Take the first trial that waits, and hold it; None if there is none. An exception lets it wait again."""
        for trial in self.trials():
            if trial.state != TrialState.WAITING:
                continue
            with self.storage.lease(trial) as had:
                if not had or not self._take(trial):  # another worker was faster
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
        self, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None, result: Mapping[str, Any]
    ) -> None:
        """Record the result of a trial; one that another worker has recorded meanwhile stays."""
        storage, trial_id = self.storage.optuna, trial._trial_id
        with suppress(UpdateFinishedTrialError):
            storage.set_trial_user_attr(trial_id, RESULT, json.dumps(result))
            storage.set_trial_state_values(trial_id, state, values)

    def _take(self, trial: FrozenTrial) -> bool:
        with suppress(UpdateFinishedTrialError):
            return self.storage.optuna.set_trial_state_values(trial._trial_id, TrialState.RUNNING)
        return False

    def _is_due(self, trials: Sequence[FrozenTrial]) -> bool:
        """Whether a batch has to be proposed, or what a killed process left of one completed."""
        if len(trials) >= total_trials(self.spec.study) or self.stopped is not None:
            return False
        # A process that was killed between two writes leaves a batch of fewer trials.
        begun = len(trials) % self.spec.study.batch_size != 0
        return begun or all(trial.state.is_finished() for trial in trials)

    def _reason_to_stop(self, trials: Sequence[FrozenTrial]) -> str | None:
        # Where nothing works in the first batch, nothing will: a sampler learns from results alone.
        first = trials[: self.spec.study.batch_size]
        if first and all(trial.state == TrialState.FAIL for trial in first) and len(trials) == len(first):
            error = result_of(first[0]).get("error", "unknown")
            reason = f"all {len(first)} trials of the first batch failed; the first one with: {error}"
            return f"{reason}; mend that and start a new one with study_name=NAME"
        return None


def _find(storage: Storage, name: str) -> int | None:
    with suppress(KeyError):
        return int(storage.optuna.get_study_id_from_name(name))
    return None
