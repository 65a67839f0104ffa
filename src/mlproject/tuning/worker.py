"""A worker: takes a trial, runs it, records its result, and proposes the next batch where one is due."""

import time
from collections.abc import Callable
from dataclasses import asdict

import numpy as np
from optuna.trial import FrozenTrial, TrialState

from mlproject.errors import MlprojectError
from mlproject.tuning.objectives import criteria_taken
from mlproject.tuning.shared_study import SharedStudy
from mlproject.tuning.space import changed_task
from mlproject.tuning.trial import Objective

__all__ = ["work"]

POLL = 0.1  # s between two looks at a study that has nothing to do
# What a trial may fail with, as its result: errors of the project's own (a training that diverges, settings that do not
# fit together), and numbers that a factorisation or a division cannot take. scikit-learn calls
# non-finite input a ValueError, as much code does that has a bug. A training or a latent that is not finite is a
# TrainingError before it gets there, so a bare ValueError is a bug: like any other exception it stops the study.
FAILURES = (MlprojectError, ArithmeticError, np.linalg.LinAlgError)


def work(shared: SharedStudy, objective: Objective, *, should_continue: Callable[[], bool] = lambda: True) -> int:
    """Work on a study until it is finished; return the number of trials that were run here.

    `should_continue` is asked before each trial; False ends the work.
    """
    if not shared.context:
        shared.note_context({"baseline": objective.baseline_scores, "label_use": objective.label_use})
    done = 0
    while should_continue():
        with shared.claim() as trial:
            if trial is not None:
                _run(shared, objective, trial)
                done += 1
                continue
        shared.advance()
        trials = shared.trials()
        if shared.is_finished(trials):
            break
        if not any(trial.state == TrialState.WAITING for trial in trials):
            time.sleep(POLL)
    return done


def _run(shared: SharedStudy, objective: Objective, trial: FrozenTrial) -> None:
    spec = shared.spec
    try:
        task = changed_task(spec.task, spec.evaluation, spec.study.space, trial.params)
        result = objective.run(task, criteria=criteria_taken(spec.study))
        values = result.values(spec.study)
    except OSError:  # of this machine, not of the trial: another worker gets it
        raise
    except FAILURES as error:
        reason = f"{type(error).__name__}: {' '.join(str(error).split())}"
        shared.tell(trial, TrialState.FAIL, None, {"error": reason})
    else:
        shared.tell(trial, TrialState.COMPLETE, values, asdict(result))
