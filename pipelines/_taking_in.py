"""Results that this store has no run of, such as those of DVC's cache -> runs and versions like any others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mlproject.files import read_json
from pipelines import _workspace as workspace
from pipelines._command import say
from pipelines._comparing import stage_results
from pipelines._jobs import Job
from pipelines._runner import ensure_baseline, track

__all__ = ["take_in"]


def take_in(uri: str, commit: Any, *, checked: bool = False) -> None:
    """Give results that this store has no run of, such as those of DVC's cache, their run and version.

    Parameters
    ----------
    uri : str
    commit : Commit
    checked : bool, default=False
        Whether DVC has just made sure that all of them are of the present data, configuration and code.
    """
    from mlproject.tracking.registry.register import result_hash
    from mlproject.tracking.runs import isolated_run, open_run
    from mlproject.tracking.search import evaluations_by_setting, finished_tasks

    results = [result for result in stage_results() if result.finished]
    stages = [stage for result in results for stage in (f"task@{result.name}", f"evaluate@{result.name}")]
    changed = workspace.changed_stages(*stages) if stages and not checked else set()
    known, evaluated = {run.tags.get("result") for run in finished_tasks(uri)}, evaluations_by_setting(uri)
    with isolated_run():
        for result in results:
            job = Job(result.name, workspace.task_config(result.name), workspace.evaluation_config())
            if f"task@{job.name}" in changed:
                continue
            if result_hash(result.folder) not in known:
                with open_run(uri, job.title, task=job.name) as run:
                    version = track(run, result.folder, job, commit)
                say(f"{job.name}: its result had no run in this store and has one now, version {version}")
            setting = workspace.origin(commit, job.task, job.evaluation).setting
            if result.evaluated is not None and f"evaluate@{job.name}" not in changed and setting not in evaluated:
                _take_in_evaluation(uri, commit, job, result.evaluated)
        if workspace.has_features():
            ensure_baseline(uri, commit)
    if old := sorted({stage.split("@")[1] for stage in changed}):
        say(f"artifacts/ has results of other data, configuration or code (dvc repro renews them): {', '.join(old)}")


def _take_in_evaluation(uri: str, commit: Any, job: Job, folder: Path) -> None:
    from mlproject.tracking.evaluation_runs import log_evaluation
    from mlproject.tracking.runs import open_run

    record = read_json(folder / "evaluation.json")
    if record["status"] == "finished":
        with open_run(uri, f"evaluate {job.name}", task=job.name) as run:
            params = workspace.run_params(job.name, job.task, job.evaluation)
            origin = workspace.origin(commit, job.task, job.evaluation)
            log_evaluation(run, record, params=params, origin=origin, folder=folder)
