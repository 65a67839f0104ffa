"""What `compare` does around its tables: finds results, gives them runs and versions, moves the champion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import yaml

from mlproject.artifacts import read_json
from mlproject.errors import ConfigError
from mlproject.reporting.comparison import Compared, Comparison
from pipelines import _workspace as workspace
from pipelines._command import say
from pipelines._runner import Job, ensure_baseline, track

__all__ = ["Entry", "Selection", "log_comparison", "move_champion", "settle", "stage_results", "stored", "take_in"]

TASK_FILES = ("model", "scores.json", "clusters.json", "assignments.parquet", "latent.npy", "maps.parquet")
EVALUATION_FILES = ("evaluation.json",)


@dataclass(frozen=True)
class Entry:
    """A run of the store and what it is in a comparison."""

    run: Any
    compared: Compared


@dataclass(frozen=True)
class Selection:
    """Which runs of the store to compare: by default the newest of each name on the present data."""

    task: str | None = None
    data: str | None = None
    since: datetime | None = None
    named: tuple[str, ...] = ()

    @classmethod
    def of(cls, given: dict[str, str], named: Sequence[str]) -> Selection:
        """Read ``task``, ``data`` (``all`` or the beginning of a hash) and ``since`` (a date, or a date and time)."""
        since = given.get("since")
        try:
            moment = datetime.fromisoformat(since).astimezone() if since else None
        except ValueError as error:
            raise ConfigError(f"since={since!r} is no date; give one such as 2026-01-31 or 2026-01-31T18:00") from error
        data = given.get("data", workspace.data_hash())
        return cls(given.get("task"), None if data == "all" else data, moment, tuple(named))

    def __str__(self) -> str:
        parts = {"of task": self.task, "on data": self.data, "since": self.since}
        return " ".join(f"{what} {value}" for what, value in parts.items() if value) or "in the store"


def stage_results() -> list[Compared]:
    """Return what the stages `task` and `evaluate` have left in artifacts/."""
    found = []
    for name in workspace.task_names():
        folder, evaluated = workspace.TASKS / name, workspace.EVALUATIONS / name
        if (folder / "scores.json").exists():
            found.append(Compared(name, folder, evaluated if (evaluated / "evaluation.json").exists() else None))
    return found


def stored(uri: str, selection: Selection) -> list[Entry]:
    """Return the newest run of each name that the selection takes, with its evaluation if it has one."""
    from mlproject.tracking.catalogue import evaluation_of_setting, files_of, find_task, finished_tasks

    if selection.named:
        runs = [find_task(uri, one) for one in selection.named]
    else:
        runs = finished_tasks(uri, task=selection.task, data=selection.data, since=selection.since)
    scratch, entries = Path(mkdtemp()), dict[str, Entry]()
    for run in runs:
        if run.name in entries:
            continue
        evaluation = evaluation_of_setting(uri, run.tags["setting"])
        evaluated = files_of(evaluation, EVALUATION_FILES, scratch / evaluation) if evaluation else None
        folder = files_of(run.run_id, TASK_FILES, scratch / run.run_id)
        entries[run.name] = Entry(run, Compared(run.name, folder, evaluated, run.costs))
    return list(entries.values())


def take_in(uri: str, commit: Any) -> None:
    """Give results that this store has no run of, such as those of DVC's cache, their run and version."""
    from mlproject.tracking.catalogue import finished_evaluations, finished_tasks
    from mlproject.tracking.runs import aside, open_run
    from mlproject.tracking.tasks import result_hash

    with aside():
        known = {run.tags.get("result") for run in finished_tasks(uri)}
        evaluated = finished_evaluations(uri)
        for result in stage_results():
            if not result.finished or not _is_current(result.name):
                continue
            job = Job(result.name, workspace.task_config(result.name), workspace.evaluation_config())
            if result_hash(result.folder) not in known:
                with open_run(uri, job.title, task=job.name) as run:
                    version = track(uri, run, result.folder, job, commit)
                say(f"{job.name}: its result had no run in this store and has one now, version {version}")
            if (
                result.evaluated is not None
                and workspace.origin(commit, job.task, job.evaluation).setting not in evaluated
            ):
                _take_in_evaluation(uri, commit, job, result.evaluated)
        ensure_baseline(uri, commit)


def _take_in_evaluation(uri: str, commit: Any, job: Job, folder: Path) -> None:
    from mlproject.tracking.evaluations import log_evaluation
    from mlproject.tracking.runs import open_run

    record = read_json(folder / "evaluation.json")
    if record["status"] == "finished":
        with open_run(uri, f"evaluate {job.name}", task=job.name) as run:
            params = workspace.run_params(job.name, job.task, job.evaluation)
            origin = workspace.origin(commit, job.task, job.evaluation)
            log_evaluation(run, record, params=params, origin=origin, folder=folder)


def _is_current(name: str) -> bool:
    """Whether artifacts/tasks/NAME is of the task file as it is now."""
    lock = yaml.safe_load((workspace.ROOT / "dvc.lock").read_text())["stages"].get(f"task@{name}", {})
    path = f"conf/tasks/{name}.yaml"
    return bool(lock.get("params", {}).get(path) == yaml.safe_load((workspace.ROOT / path).read_text()))


def log_comparison(uri: str, comparison: Comparison, folder: Path) -> tuple[str, str]:
    """Log a comparison as a run of its own; return the run's id and name."""
    from mlproject.tracking.runs import log_folder, open_run

    best = next(iter(comparison.rows))
    scores = {f"best/{name}": best[name] for name in ("ami", "ari", "purity") if best[name] is not None}
    with open_run(uri, "compare", task="compare") as run:
        log_folder(run, folder, kind="comparison", note=comparison.markdown, metrics=scores)
    return run.run_id, run.name


def settle(entries: Sequence[Entry], comparison: Comparison, evidence: str) -> list[str]:
    """Write verdicts onto the versions of runs and let the best become champion; return what was decided, in words."""
    from mlproject.tracking import registry
    from mlproject.tracking.verdicts import write_verdict

    rows = {row["task"]: row for row in comparison.rows}
    candidates, said, refused = [], [], dict[str, list[str]]()
    for entry in entries:
        if entry.compared.name not in rows:
            continue
        version = registry.version_of_run(entry.run.run_id)
        if version is not None and entry.compared.finished:
            verdicts = write_verdict(version, rows[entry.compared.name], entry.compared)
            candidates.append((registry.find_version(str(version.version)), verdicts))
    for version, verdicts in sorted(candidates, key=lambda pair: -registry.margin(pair[0])):
        reason = registry.refusal(version, verdicts)
        if reason is None:
            why = f"beats PCA + K-Means by {registry.margin(version):+.3f} AMI on the same data"
            if registry.promote(version, why=why, evidence=f"run {evidence}"):
                said.append(f"version {version.version} ({version.tags['task']}) is champion now: it {why}")
                said.append("to take that back: python -m pipelines.compare undo=champion")
            break
        refused.setdefault(reason, []).append(f"{version.tags['task']} ({version.version})")
    return [*(f"not promoted: {', '.join(names)}: {reason}" for reason, names in refused.items()), *said]


def move_champion(given: dict[str, str]) -> str:
    """Take the last promotion back (``undo=champion``), or promote a version by hand (``promote=VERSION``)."""
    from mlproject.tracking import registry

    if "undo" in given:
        if given["undo"] != registry.CHAMPION:
            raise ConfigError(f"undo={given['undo']!r}; only undo=champion is there")
        return registry.undo()
    version = registry.find_version(given["promote"])
    verdicts = {key.removeprefix("verdict_"): word for key, word in version.tags.items() if key.startswith("verdict_")}
    if reason := registry.refusal(version, verdicts, by_hand=True):
        raise ConfigError(f"version {version.version} cannot be champion: {reason}")
    registry.promote(version, why="asked for by hand", evidence="; ".join(f"{k} {v}" for k, v in verdicts.items()))
    return f"champion is version {version.version} now; to take that back: python -m pipelines.compare undo=champion"
