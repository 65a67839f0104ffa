"""Results that have no run yet: in ``artifacts/pending`` until the store has them, whatever happens to it meanwhile."""

from __future__ import annotations

import shutil
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from filelock import FileLock, Timeout

from mlproject.errors import DamagedFileError
from mlproject.files import read_json, write_json
from mlproject.tracking.runs import Origin, TaskRun
from mlproject.workflows.jobs import Job
from mlproject.workflows.tracking_session import TrackingSession
from mlproject.workspace.console import log
from mlproject.workspace.git import Commit
from mlproject.workspace.paths import Workspace

__all__ = ["PendingRun", "abandoned_folders", "pending_folder"]

ENTRY = "run.json"


@dataclass(frozen=True)
class PendingRun:
    """What a run is logged with beside its result, as it was when the result was computed."""

    run_id: str
    task: str
    title: str  # name of the run
    is_baseline: bool
    is_evaluation: bool
    params: Mapping[str, object]
    origin: Origin
    measured: Mapping[str, float] = field(default_factory=dict)
    at: int = field(default_factory=lambda: int(time.time() * 1000))  # ms since the epoch; logging twice logs the same

    @classmethod
    def of(
        cls,
        session: TrackingSession,
        run: TaskRun,
        job: Job,
        result: Path | None = None,
        *,
        measured: Mapping[str, float] = {},
    ) -> Self:
        """Describe the run of a task's result, of which `result` is the folder; None: the run of its evaluation."""
        evaluates, params, origin = result is None, session.params(job), session.origin(job, result)
        title, is_baseline = f"evaluate {job.title}" if evaluates else job.title, job.is_baseline and not evaluates
        return cls(run.run_id, job.name, title, is_baseline, evaluates, params, origin, measured)

    @property
    def logged(self) -> dict[str, Any]:
        """What a run of either kind is logged with."""
        return {"params": self.params, "origin": self.origin, "at": self.at}

    def write(self, folder: Path) -> None:
        """Write it into a folder, beside the result: from now on the result is whole, and kept."""
        write_json(folder / ENTRY, asdict(self))

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read it; `DamagedFileError` if it is none."""
        entry = read_json(folder / ENTRY)
        try:
            origin = entry.pop("origin")
            return cls(**entry, origin=Origin(**origin | {"commit": Commit(**origin["commit"])}))
        except (KeyError, TypeError) as error:
            raise DamagedFileError.of(folder / ENTRY, error) from error


@contextmanager
def pending_folder(workspace: Workspace) -> Iterator[Path]:
    """Yield an empty folder below ``artifacts/pending`` that is gone when the block ends.

    A result that is whole (see `PendingRun.write`) stays where the block ends with an error, or its process is killed;
    the next command gives it its run. Only DVC's own stages write ``artifacts/tasks``, so that what lies there is what
    ``dvc.lock`` says.
    """
    name = uuid.uuid4().hex
    with _lock(workspace, name):
        folder = workspace.pending / name
        folder.mkdir(parents=True)
        try:
            yield folder
        except BaseException:
            if (folder / ENTRY).exists():
                log(f"the result is kept in artifacts/pending/{name}; the next command gives it its run")
            else:
                shutil.rmtree(folder, ignore_errors=True)
            raise
        shutil.rmtree(folder, ignore_errors=True)


def abandoned_folders(workspace: Workspace) -> Iterator[Path]:
    """Yield the whole results whose command is gone, each held while it is looked at; remove what is not whole."""
    for folder in sorted(workspace.pending.glob("*")):
        try:
            with _lock(workspace, folder.name).acquire(timeout=0):
                if (folder / ENTRY).exists():
                    yield folder
                else:
                    shutil.rmtree(folder, ignore_errors=True)
        except Timeout:  # its command is at work
            continue


def _lock(workspace: Workspace, name: str) -> FileLock:
    """Return the lock that a command holds as long as it lives; the operating system frees it then."""
    place = workspace.cache / "pending"
    place.mkdir(parents=True, exist_ok=True)
    return FileLock(place / f"{name}.lock")
