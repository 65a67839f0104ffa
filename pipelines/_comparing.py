"""What `compare` does around its tables: finds results, gives them runs and versions, moves the champion."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mlproject.artifacts import read_json
from mlproject.errors import ConfigError
from mlproject.reporting.comparison import Compared, Comparison
from pipelines import _workspace as workspace
from pipelines._command import say
from pipelines._jobs import Job
from pipelines._runner import ensure_baseline, track

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

    @property
    def whole(self) -> bool:
        """Whether it takes all runs of one state of the data."""
        return self.task is None and self.since is None and self.data is not None and not self.named

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


def stored(uri: str, selection: Selection, scratch: Path) -> list[Entry]:
    """Return the runs that the selection takes, each under a name of its own, with the best evaluation of its setting.

    Parameters
    ----------
    uri : str
    selection : Selection
        Named runs, or the newest of each name.
    scratch : Path
        Folder for the files of a store elsewhere.
    """
    from mlproject.tracking.catalogue import evaluations_by_setting, files_of, find_task, finished_tasks

    if selection.named:
        found = [find_task(uri, one) for one in selection.named]
        names = [run.name if [one.name for one in found].count(run.name) == 1 else _told_apart(run) for run in found]
        runs = dict(zip(names, found, strict=True))
    else:
        newest_last = reversed(finished_tasks(uri, task=selection.task, data=selection.data, since=selection.since))
        runs = {run.name: run for run in newest_last}
    evaluations, entries = evaluations_by_setting(uri), list[Entry]()
    for name, run in runs.items():
        evaluation = evaluations.get(run.tags.get("setting", "none"))
        evaluated = files_of(evaluation, EVALUATION_FILES, scratch / evaluation) if evaluation else None
        folder = files_of(run.run_id, TASK_FILES, scratch / run.run_id)
        entries.append(Entry(run, Compared(name, folder, evaluated, run.costs)))
    return entries


def _told_apart(run: Any) -> str:
    """Return a name of a run that another run bears too."""
    return f"{run.name} ({run.started:%Y-%m-%d %H:%M:%S}, {run.run_id[:6]})"


def take_in(uri: str, commit: Any, *, checked: bool = False) -> None:
    """Give results that this store has no run of, such as those of DVC's cache, their run and version.

    Parameters
    ----------
    uri : str
    commit : Commit
    checked : bool, default=False
        Whether DVC has just made sure that all of them are of the present data, configuration and code.
    """
    from mlproject.tracking.catalogue import evaluations_by_setting, finished_tasks
    from mlproject.tracking.runs import aside, open_run
    from mlproject.tracking.tasks import result_hash

    results = [result for result in stage_results() if result.finished]
    stages = [stage for result in results for stage in (f"task@{result.name}", f"evaluate@{result.name}")]
    changed = workspace.changed_stages(*stages) if stages and not checked else set()
    known, evaluated = {run.tags.get("result") for run in finished_tasks(uri)}, evaluations_by_setting(uri)
    with aside():
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
    from mlproject.tracking.evaluations import log_evaluation
    from mlproject.tracking.runs import open_run

    record = read_json(folder / "evaluation.json")
    if record["status"] == "finished":
        with open_run(uri, f"evaluate {job.name}", task=job.name) as run:
            params = workspace.run_params(job.name, job.task, job.evaluation)
            origin = workspace.origin(commit, job.task, job.evaluation)
            log_evaluation(run, record, params=params, origin=origin, folder=folder)


def log_comparison(uri: str, comparison: Comparison, write: Callable[[Path, bool], None]) -> tuple[str, str]:
    """Log a comparison as a run of its own; return the run's id and name.

    Parameters
    ----------
    uri : str
    comparison : Comparison
    write : callable
        Writes tables, figures and the explorer into a folder, with clips to listen to or without.
    """
    from mlproject.tracking.runs import artifacts_are_local, log_folder, open_run

    best = next(iter(comparison.rows))
    scores = {f"best/{name}": best[name] for name in ("ami", "ari", "purity") if best[name] is not None}
    with open_run(uri, "compare", task="compare") as run, TemporaryDirectory() as scratch:
        write(Path(scratch), artifacts_are_local(run))
        log_folder(run, Path(scratch), kind="comparison", note=comparison.markdown, metrics=scores)
    return run.run_id, run.name


def settle(entries: Sequence[Entry], comparison: Comparison, evidence: str) -> list[str]:
    """Write verdicts onto versions and let the best become champion; return what was decided, in words.

    Only a comparison of all runs on the present data may: verdicts are corrected over its whole table.
    """
    from mlproject.tracking import registry

    verdicts = _write_verdicts(entries, comparison)
    candidates = sorted((registry.find_version(number) for number in verdicts), key=registry.margin, reverse=True)
    said = _recheck_champion(verdicts)
    refused = dict[str, list[str]]()
    for version in candidates:
        reason = registry.refusal(version, verdicts[str(version.version)])
        if reason is None:
            said += _promote(version, evidence)
            break
        if version.tags.get("baseline") != "true":  # what all others are compared with is no candidate
            refused.setdefault(reason, []).append(f"{version.tags['task']} ({version.version})")
    return [*(f"not promoted: {', '.join(names)}: {reason}" for reason, names in refused.items()), *said]


def _write_verdicts(entries: Sequence[Entry], comparison: Comparison) -> dict[str, dict[str, str]]:
    """Write its verdicts onto the version of each entry that has one; return them by the version's number."""
    from mlproject.tracking.registry import versions
    from mlproject.tracking.verdicts import write_verdict

    rows, by_run = {row["task"]: row for row in comparison.rows}, {one.run_id: one for one in versions()}
    verdicts: dict[str, dict[str, str]] = {}
    for entry in entries:
        version = by_run.get(entry.run.run_id)
        if version is not None and entry.compared.name in rows and entry.compared.finished:
            row = rows[entry.compared.name]
            verdicts[str(version.version)] = write_verdict(version, row, entry.compared, comparison.config)
    return verdicts


def _promote(version: Any, evidence: str) -> list[str]:
    """Let a version that passed the gate be champion; say so if it was not before."""
    from mlproject.tracking import registry

    why = f"beats PCA + K-Means by {registry.margin(version):+.3f} AMI on the same data"
    if not registry.promote(version, why=why, evidence=f"run {evidence}"):
        return []
    return [
        f"version {version.version} ({version.tags['task']}) is champion now: it {why}",
        "to take that back: python -m pipelines.compare undo=champion",
    ]


def _recheck_champion(verdicts: Mapping[str, dict[str, str]]) -> list[str]:
    """Take the alias from a champion that this comparison judged and that would not pass the gate any more."""
    from mlproject.tracking import registry

    champion = registry.version_at(registry.CHAMPION)
    if champion is None or str(champion.version) not in verdicts:
        return []
    reason = registry.refusal(champion, verdicts[str(champion.version)], by_hand=True)
    if reason is None:
        return []
    registry.withdraw(champion, reason)
    return [f"version {champion.version} ({champion.tags['task']}) is no longer champion: {reason}"]


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
