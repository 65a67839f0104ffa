"""A finished study -> its files: table of trials, best task files, figures, summary."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from optuna.trial import FrozenTrial, TrialState
from scipy import stats

from mlproject.config.tasks import TaskConfig
from mlproject.files import write_json, write_table, write_text
from mlproject.reporting.study.page import study_page
from mlproject.tuning.figures import draw_pictures, interactive_figures
from mlproject.tuning.final_comparison import CHOSEN, DEFAULT, PCA, FinalComparison
from mlproject.tuning.objectives import CRITERIA, OBJECTIVES, directions, is_oracle
from mlproject.tuning.shared_study import SharedStudy, result_of
from mlproject.tuning.space import changed_task, initial_point, values_of
from mlproject.tuning.study_spec import StudySpec
from mlproject.tuning.trial_table import best_trials, trial_table

__all__ = ["best_task", "correlations", "report_fingerprint", "summarise", "write_report", "write_task"]

SHOWN = ("ami", "ari", "nmi", "purity")
FEWEST = 20  # trials that a correlation is computed from


def write_report(
    shared: SharedStudy, folder: Path, verdict: FinalComparison | None, *, judged: bool = True
) -> dict[str, Any]:
    """Write all files of a finished study and return its summary; `judged` is whether a verdict was asked for.

    The folder gets ``trials.csv``, ``summary.json``, ``study.html``, ``figures/*.png``, and ``best.yaml``, or with
    several objectives ``pareto/trial-<number>.yaml``.
    """
    spec, trials = shared.spec, shared.trials()
    summary = summarise(shared, verdict) | {"judged": judged}
    write_table(folder / "trials.csv", trial_table(spec, trials))
    best = best_trials(spec, trials)
    several = len(spec.study.objective) > 1
    for stale in (folder / "pareto").glob("trial-*.yaml"):  # of the front of fewer trials
        stale.unlink()
    for trial in best:
        name = f"pareto/trial-{trial.number}.yaml" if several else "best.yaml"
        write_task(folder / name, best_task(spec, trial))
    draw_pictures(shared, folder / "figures")
    write_text(folder / "study.html", study_page(summary, interactive_figures(shared)))
    write_json(folder / "summary.json", summary)  # last: who finds it takes the report for whole
    return summary


def report_fingerprint(shared: SharedStudy) -> str:
    """Hash what a report is made of: the spec, and every trial's result."""
    table = trial_table(shared.spec, shared.trials()).to_csv()
    return hashlib.sha256(f"{json.dumps(shared.spec.to_record())}{shared.key}{table}".encode()).hexdigest()[:16]


def best_task(spec: StudySpec, trial: FrozenTrial) -> TaskConfig:
    """Return a trial's task: one that was chosen by scores against genres is marked as tuned on labels."""
    task = changed_task(spec.task, spec.evaluation, spec.study.space, trial.params)
    objective = ", ".join(spec.study.objective)
    description = f"{spec.task_name}, trial {trial.number} of the study {spec.name} by {objective}"
    tuned = task.tuned_on_labels or is_oracle(spec.study)
    return task.model_copy(update={"description": description, "tuned_on_labels": tuned})


def write_task(path: Path, task: TaskConfig) -> None:
    """Write a task file that can lie in conf/tasks as it is."""
    write_text(path, yaml.safe_dump(task.model_dump(mode="json"), sort_keys=False))


def summarise(shared: SharedStudy, verdict: FinalComparison | None) -> dict[str, Any]:
    """Return what came of a study as plain values."""
    spec, trials = shared.spec, shared.trials()
    states = [trial.state.name.lower() for trial in trials]
    best, done = best_trials(spec, trials), [trial for trial in trials if trial.state == TrialState.COMPLETE]
    start = initial_point(spec.task, spec.study.space)
    default = next((trial for trial in done if trial.params == start), None)  # the task as its file has it
    return {
        "study": spec.name,
        "fingerprint": report_fingerprint(shared),
        "oracle": is_oracle(spec.study),
        "task": spec.task_name,
        "objective": list(spec.study.objective),
        "directions": list(directions(spec.study)),
        "label_use": shared.label_use,
        "sampler": spec.study.sampler,
        "seed": spec.study.seed,
        "trials": len(trials),
        "states": {state: states.count(state) for state in sorted(set(states))},
        "stopped": shared.stopped,
        "best": [
            {
                "trial": trial.number,
                "params": values_of(trial.params),
                "values": dict(zip(spec.study.objective, trial.values, strict=True)),
            }
            for trial in best
        ],
        "rows": _rows(spec, done, best, default, shared.context.get("baseline", {})),
        "optimism": _optimism(spec, best, default),
        "verdict": None if verdict is None else _verdict_record(verdict),
        "criteria": correlations(trials),
        "criteria_trials": {name: len(_beside_ami(trials, name)) for name in CRITERIA},
    }


def correlations(trials: Sequence[FrozenTrial]) -> dict[str, float | None]:
    """Return Spearman's rank correlation of each criterion with AMI over the trials: whether it points the right way.

    A criterion that is minimised counts with its sign turned; None where either does not vary, and from fewer than 20
    trials, where chance alone reaches a correlation of .45 in one of twenty studies.
    """
    by_criterion: dict[str, float | None] = {}
    for name, objective in CRITERIA.items():
        known = _beside_ami(trials, name)
        # It is undefined for a constant column.
        varies = len(known) >= FEWEST and all(len(set(column)) > 1 for column in zip(*known, strict=True))
        sign = 1 if objective.direction == "maximize" else -1
        by_criterion[name] = sign * float(stats.spearmanr(*zip(*known, strict=True)).statistic) if varies else None
    return by_criterion


def _beside_ami(trials: Sequence[FrozenTrial], criterion: str) -> list[tuple[float, float]]:
    """Return a criterion and the AMI of each trial that has both."""
    results = [result_of(trial) for trial in trials if trial.state == TrialState.COMPLETE]
    pairs = [(result["criteria"].get(criterion), result["scores"].get("ami")) for result in results]
    return [(value, ami) for value, ami in pairs if value is not None and ami is not None]


def _rows(
    spec: StudySpec,
    done: Sequence[FrozenTrial],
    best: Sequence[FrozenTrial],
    default: FrozenTrial | None,
    baseline: Mapping[str, float | None],
) -> list[dict[str, Any]]:
    """Put side by side, one training each: PCA, default, chosen, and what the genres would have chosen."""
    rows = [{"who": PCA, "trial": None, **{name: baseline.get(name) for name in SHOWN}}]
    candidates = [(DEFAULT, default), (CHOSEN, best[0] if len(best) == 1 else None)]
    scored = [trial for trial in done if result_of(trial)["scores"].get("ami") is not None]
    if scored and not is_oracle(spec.study):
        candidates.append(("oracle", max(scored, key=lambda trial: result_of(trial)["scores"]["ami"])))
    for who, trial in candidates:
        if trial is not None:
            scores = result_of(trial)["scores"]
            rows.append({"who": who, "trial": trial.number, **{name: scores.get(name) for name in SHOWN}})
    return rows


def _optimism(spec: StudySpec, best: Sequence[FrozenTrial], default: FrozenTrial | None) -> dict[str, Any] | None:
    """Say what an oracle's choice promises on the tracks it saw, and what it keeps on the others."""
    if not is_oracle(spec.study) or len(best) != 1:
        return None
    metric = next(name for name in spec.study.objective if OBJECTIVES[name].oracle)
    optimism: dict[str, Any] = {"metric": metric}
    for who, trial in ((CHOSEN, best[0]), (DEFAULT, default)):
        if trial is not None:
            result = result_of(trial)
            optimism[who] = {"tuning": result["tuning"][metric], "held_out": result["held_out"][metric]}
    return optimism


def _verdict_record(verdict: FinalComparison) -> dict[str, Any]:
    differences = [
        {
            "side": side,
            "against": against,
            "metric": metric,
            "estimate": estimate,
            "low": judged.low,
            "high": judged.high,
            "adjusted_p": judged.p_value,
            "verdict": judged.word,
        }
        for (side, against, metric), (estimate, judged) in verdict.differences.items()
    ]
    scores = {who: {name: scores.get(name) for name in SHOWN} for who, scores in verdict.scores.items()}
    return {"scores": scores, "differences": differences, "by_artist": verdict.by_artist}
