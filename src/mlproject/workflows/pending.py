"""Results that have no run yet: in ``artifacts/pending`` until the store has them, whatever happens to it meanwhile."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from mlproject.files import read_json, write_json, write_text
from mlproject.tracking.runs import Origin
from mlproject.workflows.jobs import Job
from mlproject.workflows.tracking_session import TrackingSession
from mlproject.workspace.console import log
from mlproject.workspace.git import Commit
from mlproject.workspace.paths import Workspace
from mlproject.workspace.process import belongs_to_gone, this_process

__all__ = ["PendingRun", "abandoned_folders", "pending_folder", "remove"]

ENTRY, OWNER = "run.json", "process"


@dataclass(frozen=True)
class PendingRun:
    """What a run is logged with beside its result, as it was when the result was computed."""

    task: str
    title: str  # name of the run
    is_baseline: bool
    is_evaluation: bool
    params: Mapping[str, object]
    origin: Origin
    measured: Mapping[str, float] = field(default_factory=dict)
    at: int = field(default_factory=lambda: int(time.time() * 1000))  # ms since the epoch; logging twice logs the same

    @classmethod
    def of(cls, session: TrackingSession, job: Job, result: Path, *, measured: Mapping[str, float]) -> Self:
        """Describe the run of a task's result."""
        origin = session.origin(job, result)
        return cls(job.name, job.title, job.is_baseline, False, session.params(job), origin, measured)

    @classmethod
    def of_evaluation(cls, session: TrackingSession, job: Job) -> Self:
        """Describe the run of a task's evaluation."""
        return cls(job.name, f"evaluate {job.title}", False, True, session.params(job), session.origin(job))

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
        origin = entry.pop("origin")
        return cls(**entry, origin=Origin(**origin | {"commit": Commit(**origin["commit"])}))


@contextmanager
def pending_folder(workspace: Workspace, name: str) -> Iterator[Path]:
    """Yield an empty folder ``artifacts/pending/<name>`` that is gone when the block ends.

    A result that is whole (see `PendingRun.write`) stays where the block ends with an error; the next command gives it
    its run. Only DVC's own stages write ``artifacts/tasks``, so that what lies there is what ``dvc.lock`` says.
    """
    folder = workspace.pending / name
    remove(folder)
    folder.mkdir(parents=True)
    write_text(folder / OWNER, this_process())
    try:
        yield folder
    except BaseException:
        if (folder / ENTRY).exists():
            log(f"the result is kept in artifacts/pending/{name}; the next command gives it its run")
        else:
            remove(folder)
        raise
    remove(folder)


def remove(folder: Path) -> None:
    """Remove a folder of results whose run is there, and the place of all where it was the last."""
    shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):  # another command has a folder there, or has removed the empty one
        folder.parent.rmdir()


def abandoned_folders(workspace: Workspace) -> list[Path]:
    """List the whole results whose command is gone; remove the others of such commands."""
    whole = []
    for folder in sorted(workspace.pending.glob("*/")):
        owner = folder / OWNER
        if owner.exists() and not belongs_to_gone(owner.read_text()):
            continue
        if (folder / ENTRY).exists():
            whole.append(folder)
        else:
            remove(folder)
    return whole
