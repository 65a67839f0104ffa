"""A finished study -> its files: table of trials, best task files, figures, summary."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from optuna.trial import FrozenTrial, TrialState
from scipy import stats

from mlproject.config import TaskConfig
from mlproject.files import write_json, write_table, write_text
from mlproject.reporting.study.page import study_page
from mlproject.tuning.figures import draw_pictures, interactive_figures
from mlproject.tuning.final_comparison import CHOSEN, DEFAULT, PCA, StudyVerdict
from mlproject.tuning.objectives import CRITERIA, OBJECTIVES, directions, is_oracle
from mlproject.tuning.shared_study import Ledger, outcome_of
from mlproject.tuning.space import changed_task, initial_point, values_of
from mlproject.tuning.study_spec import Plan
from mlproject.tuning.trial_table import best_trials, trial_table

__all__ = ["best_task", "correlations", "report_fingerprint", "summarise", "write_report", "write_task"]

SHOWN = ("ami", "ari", "nmi", "purity")


def write_report(ledger: Ledger, folder: Path, verdict: StudyVerdict | None, *, judged: bool = True) -> dict[str, Any]:
    """Write all files of a finished study and return its summary.

    Parameters
    ----------
    ledger : Ledger
    folder : Path
        Gets ``trials.csv``, ``summary.json``, ``study.html``, ``figures/*.png``, and ``best.yaml``, or with several
        objectives ``pareto/trial-<number>.yaml``.
    verdict : StudyVerdict or None
    judged : bool, default=True
        Whether a verdict was asked for, where one is possible.
    """
    plan, trials = ledger.plan, ledger.trials()
    summary = summarise(ledger, verdict) | {"judged": judged}
    write_table(folder / "trials.csv", trial_table(plan, trials))
    best = best_trials(plan, trials)
    several = len(plan.study.objective) > 1
    for stale in (folder / "pareto").glob("trial-*.yaml"):  # of the front of fewer trials
        stale.unlink()
    for trial in best:
        name = f"pareto/trial-{trial.number}.yaml" if several else "best.yaml"
        write_task(folder / name, best_task(plan, trial))
    draw_pictures(ledger, folder / "figures")
    write_text(folder / "study.html", study_page(summary, interactive_figures(ledger)))
    write_json(folder / "summary.json", summary)  # last: who finds it takes the report for whole
    return summary


def report_fingerprint(ledger: Ledger) -> str:
    """Hash what a report is made of: the plan, and every trial's result."""
    table = trial_table(ledger.plan, ledger.trials()).to_csv()
    return hashlib.sha256(f"{json.dumps(ledger.plan.to_record())}{ledger.key}{table}".encode()).hexdigest()[:16]


def best_task(plan: Plan, trial: FrozenTrial) -> TaskConfig:
    """Return a trial's task: one that was chosen by scores against genres says so for ever."""
    task = changed_task(plan.task, plan.evaluation, plan.study.space, trial.params)
    objective = ", ".join(plan.study.objective)
    description = f"{plan.task_name}, trial {trial.number} of the study {plan.name} by {objective}"
    tuned = task.tuned_on_labels or is_oracle(plan.study)
    return task.model_copy(update={"description": description, "tuned_on_labels": tuned})


def write_task(path: Path, task: TaskConfig) -> None:
    """Write a task file that can lie in conf/tasks as it is."""
    write_text(path, yaml.safe_dump(task.model_dump(mode="json"), sort_keys=False))


def summarise(ledger: Ledger, verdict: StudyVerdict | None) -> dict[str, Any]:
    """Return what came of a study as plain values."""
    plan, trials = ledger.plan, ledger.trials()
    states = [trial.state.name.lower() for trial in trials]
    best = best_trials(plan, trials)
    surroundings = ledger.surroundings
    return {
        "study": plan.name,
        "fingerprint": report_fingerprint(ledger),
        "oracle": is_oracle(plan.study),
        "task": plan.task_name,
        "objective": list(plan.study.objective),
        "directions": list(directions(plan.study)),
        "representation": "label-informed" if is_oracle(plan.study) else surroundings.get("representation", "unknown"),
        "sampler": plan.study.sampler,
        "seed": plan.study.seed,
        "trials": len(trials),
        "states": {state: states.count(state) for state in sorted(set(states))},
        "stopped": ledger.stopped,
        "best": [
            {
                "trial": trial.number,
                "params": values_of(trial.params),
                "values": dict(zip(plan.study.objective, trial.values, strict=True)),
            }
            for trial in best
        ],
        "rows": _rows(plan, trials, best, surroundings.get("reference", {})),
        "optimism": _optimism(plan, trials, best),
        "verdict": None if verdict is None else _verdict_record(verdict),
        "criteria": correlations(trials),
    }


def correlations(trials: Sequence[FrozenTrial]) -> dict[str, float | None]:
    """Return Spearman's rank correlation of each criterion with AMI over the trials: whether it points the right way.

    A criterion that is minimised counts with its sign turned; None where either does not vary or is unknown.
    """
    found: dict[str, float | None] = {}
    outcomes = [outcome_of(trial) for trial in trials if trial.state == TrialState.COMPLETE]
    for name, objective in CRITERIA.items():
        pairs = [(one["criteria"].get(name), one["scores"].get("ami")) for one in outcomes]
        known = [(value, ami) for value, ami in pairs if value is not None and ami is not None]
        varies = len(known) > 2 and all(len(set(column)) > 1 for column in zip(*known, strict=True))
        sign = 1 if objective.direction == "maximize" else -1
        found[name] = sign * float(stats.spearmanr(*zip(*known, strict=True)).statistic) if varies else None
    return found


def _rows(
    plan: Plan, trials: Sequence[FrozenTrial], best: Sequence[FrozenTrial], reference: Mapping[str, float | None]
) -> list[dict[str, Any]]:
    """Put side by side, one training each: PCA, default, chosen, and what the genres would have chosen."""
    rows = [{"who": PCA, "trial": None, **{name: reference.get(name) for name in SHOWN}}]
    start = initial_point(plan.task, plan.study.space)
    done = [trial for trial in trials if trial.state == TrialState.COMPLETE]
    default = next((trial for trial in done if trial.params == start), None)
    candidates = [(DEFAULT, default), (CHOSEN, best[0] if len(best) == 1 else None)]
    scored = [trial for trial in done if outcome_of(trial)["scores"].get("ami") is not None]
    if scored and not is_oracle(plan.study):
        candidates.append(("oracle", max(scored, key=lambda trial: outcome_of(trial)["scores"]["ami"])))
    for who, trial in candidates:
        if trial is not None:
            scores = outcome_of(trial)["scores"]
            rows.append({"who": who, "trial": trial.number, **{name: scores.get(name) for name in SHOWN}})
    return rows


def _optimism(plan: Plan, trials: Sequence[FrozenTrial], best: Sequence[FrozenTrial]) -> dict[str, Any] | None:
    """Say what an oracle's choice promises on the tracks it saw, and what it keeps on the others."""
    if not is_oracle(plan.study) or len(best) != 1:
        return None
    metric = next(name for name in plan.study.objective if OBJECTIVES[name].oracle)
    start = initial_point(plan.task, plan.study.space)
    default = next((trial for trial in trials if trial.params == start and trial.state == TrialState.COMPLETE), None)
    found: dict[str, Any] = {"metric": metric}
    for who, trial in ((CHOSEN, best[0]), (DEFAULT, default)):
        if trial is not None:
            outcome = outcome_of(trial)
            found[who] = {"tuning": outcome["tuning"][metric], "held_out": outcome["held_out"][metric]}
    return found


def _verdict_record(verdict: StudyVerdict) -> dict[str, Any]:
    differences = [
        {
            "side": side,
            "against": other,
            "metric": metric,
            "estimate": estimate,
            "low": found.low,
            "high": found.high,
            "adjusted_p": found.p_value,
            "verdict": found.word,
        }
        for (side, other, metric), (estimate, found) in verdict.differences.items()
    ]
    scores = {who: {name: scores.get(name) for name in SHOWN} for who, scores in verdict.scores.items()}
    return {"scores": scores, "differences": differences, "by_artist": verdict.by_artist}
