"""A worker: takes a trial, runs it, tells what came of it, and proposes the next generation where one is due."""

from __future__ import annotations

import time
from collections.abc import Callable

from optuna.trial import FrozenTrial, TrialState

from mlproject.tuning.objectives import wanted as wanted_criteria
from mlproject.tuning.proposals import pruning_step
from mlproject.tuning.shared_study import Ledger
from mlproject.tuning.space import changed_task
from mlproject.tuning.trial import Laboratory, Pruned

__all__ = ["work"]

POLL = 0.1  # s between two looks at a study that has nothing to do


def work(ledger: Ledger, laboratory: Laboratory, *, wanted: Callable[[], bool] = lambda: True) -> int:
    """Work on a study until it is finished; return the number of trials that were run here.

    Parameters
    ----------
    ledger : Ledger
    laboratory : Laboratory
        Of the study's own task and data.
    wanted : callable, optional
        Asked before each trial; False ends the work.
    """
    if not ledger.surroundings:
        ledger.note_surroundings({"reference": laboratory.reference, "representation": laboratory.label_use})
    done = 0
    while wanted():
        with ledger.claim() as trial:
            if trial is not None:
                _run(ledger, laboratory, trial)
                done += 1
                continue
        ledger.advance()
        trials = ledger.trials()
        if ledger.is_finished(trials):
            break
        if not any(trial.state == TrialState.WAITING for trial in trials):
            time.sleep(POLL)
    return done


def _run(ledger: Ledger, laboratory: Laboratory, trial: FrozenTrial) -> None:
    plan, prunes = ledger.plan, ledger.plan.study.pruner != "none"
    past = ledger.before(trial) if prunes else []

    def should_end(losses: dict[int, float]) -> bool:
        return pruning_step(plan.study, past, losses)

    try:
        task = changed_task(plan.task, plan.evaluation, plan.study.space, trial.params)
        outcome = laboratory.run(task, criteria=wanted_criteria(plan.study), should_end=should_end if prunes else None)
        values = outcome.values(plan.study)
    except Pruned as pruned:
        ledger.tell(trial, TrialState.PRUNED, None, {"pruned": str(pruned)}, pruned.losses)
    except (MemoryError, OSError):  # of this machine, not of the trial: another worker gets it
        raise
    except Exception as error:  # what a trial fails with is its result, whatever it is
        reason = f"{type(error).__name__}: {' '.join(str(error).split())}"
        ledger.tell(trial, TrialState.FAIL, None, {"error": reason}, {})
    else:
        ledger.tell(trial, TrialState.COMPLETE, values, outcome.as_record(), outcome.losses)
