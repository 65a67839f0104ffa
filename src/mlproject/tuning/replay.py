"""The replay of a study: does its spec propose the trials that its storage holds?"""

from collections.abc import Sequence

from optuna.trial import FrozenTrial

from mlproject.tuning.proposals import propose
from mlproject.tuning.study_spec import StudySpec

__all__ = ["replay"]


def replay(spec: StudySpec, trials: Sequence[FrozenTrial]) -> list[str]:
    """Decide again all that a study has decided, from its results; return one line per decision that differs."""
    spec, size, differing = spec.with_trials(len(trials)), spec.study.batch_size, list[str]()
    for first in range(0, len(trials), size):
        # Batch by batch from the recorded results, as the study itself proposed them.
        proposed = propose(spec.study, spec.task, trials[:first])
        for trial, expected in zip(trials[first : first + size], proposed, strict=True):
            if trial.params != expected.params:
                differing.append(f"trial {trial.number}: proposed {expected.params}, recorded {trial.params}")
    return differing
