"""Folders of results that have no run yet."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mlproject.workspace.paths import Workspace

__all__ = ["pending_folder"]


@contextmanager
def pending_folder(workspace: Workspace, name: str) -> Iterator[Path]:
    """Yield an empty folder ``artifacts/pending/<name>`` that is gone when the block ends.

    Only DVC's own stages write ``artifacts/tasks``, so that what lies there is what ``dvc.lock`` says.
    """
    folder = workspace.pending / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):  # another command has a folder there, or has removed the empty one
            workspace.pending.rmdir()
