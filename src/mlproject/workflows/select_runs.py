"""Which runs of the store are compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from mlproject.errors import ConfigError
from mlproject.results.compared_run import ComparedRun
from mlproject.results.evaluation_record import EvaluationOutput
from mlproject.results.task_output import TaskOutput
from mlproject.workspace.console import log
from mlproject.workspace.dvc import data_hash
from mlproject.workspace.paths import Workspace

if TYPE_CHECKING:
    from mlproject.tracking.search import FinishedTask

__all__ = ["Selection", "StoredRun", "stored_runs"]

TASK_FILES = ("model", "scores.json", "clusters.json", "assignments.parquet", "latent.npy", "projections.parquet")
EVALUATION_FILES = ("evaluation.json",)


@dataclass(frozen=True)
class StoredRun:
    """A run of the store, and what it is in a comparison."""

    run: FinishedTask
    compared: ComparedRun


@dataclass(frozen=True)
class Selection:
    """Which runs of the store to compare: by default the newest of each name on the present data."""

    task: str | None = None  # only runs of this task
    data: str | None = None  # only runs on data whose hash begins so
    since: datetime | None = None  # only runs that started then or later
    named: tuple[str, ...] = ()  # these runs and no others

    @property
    def is_whole(self) -> bool:
        """Whether it selects all runs of one state of the data."""
        return self.task is None and self.since is None and self.data is not None and not self.named

    @classmethod
    def read(cls, workspace: Workspace, values: Mapping[str, str], named: Sequence[str]) -> Selection:
        """Read ``task``, ``data`` (``all`` or the beginning of a hash) and ``since`` (a date, or a date and time)."""
        since = values.get("since")
        try:
            moment = datetime.fromisoformat(since).astimezone() if since else None
        except ValueError as error:
            raise ConfigError(f"since={since!r} is no date; give one such as 2026-01-31 or 2026-01-31T18:00") from error
        data = values.get("data", data_hash(workspace))
        return cls(values.get("task"), None if data == "all" else data, moment, tuple(named))

    def __str__(self) -> str:
        parts = {"of task": self.task, "on data": self.data, "since": self.since}
        return " ".join(f"{what} {value}" for what, value in parts.items() if value) or "in the store"


def stored_runs(uri: str, selection: Selection, scratch: Path) -> list[StoredRun]:
    """Return the selected runs, each under a name of its own, with the best evaluation of its configuration.

    `uri` is the tracking store, `scratch` a folder for the files of a store elsewhere.
    """
    from mlproject.tracking.search import evaluations_by_config, files_of

    evaluations, stored = evaluations_by_config(uri), list[StoredRun]()
    for name, run in _by_name(uri, selection).items():
        folder = files_of(run.run_id, TASK_FILES, scratch / run.run_id)
        evaluation = evaluations.get(run.tags.get("config_hash", "none"))
        evaluated = None
        if evaluation is not None:
            evaluated = EvaluationOutput(files_of(evaluation, EVALUATION_FILES, scratch / evaluation))
        stored.append(StoredRun(run, ComparedRun(name, TaskOutput(folder), evaluated, run.costs)))
    return stored


def _by_name(uri: str, selection: Selection) -> dict[str, FinishedTask]:
    from mlproject.tracking.search import find_task, finished_tasks

    if not selection.named:
        task, data, since = selection.task, selection.data, selection.since
        newest_first = finished_tasks(uri, task=task, data=data, since=since, log=log)
        return {run.name: run for run in reversed(newest_first)}
    runs = [find_task(uri, reference) for reference in selection.named]
    names = [run.name for run in runs]
    return {run.name if names.count(run.name) == 1 else _distinct_name(run): run for run in runs}


def _distinct_name(run: FinishedTask) -> str:
    """Return a name of a run whose own name another run bears too."""
    return f"{run.name} ({run.started:%Y-%m-%d %H:%M:%S}, {run.run_id[:6]})"
