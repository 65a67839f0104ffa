"""What is compared, found in artifacts/ or in the store, and the run that a comparison is logged as."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mlproject.errors import ConfigError
from mlproject.reporting.comparison.comparison import Compared, Comparison
from pipelines import _workspace as workspace

__all__ = ["Entry", "Selection", "log_comparison", "stage_results", "stored"]

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
    from mlproject.tracking.search import evaluations_by_setting, files_of, find_task, finished_tasks

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
