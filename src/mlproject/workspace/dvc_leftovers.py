"""What a DVC that was killed has left half-written, and would itself refuse to go on with, put right."""

import json

from filelock import FileLock

from mlproject.errors import StageError
from mlproject.files import write_bytes
from mlproject.workspace.console import log
from mlproject.workspace.dvc_lock import lock_bytes, parse_lock
from mlproject.workspace.git import committed_lock
from mlproject.workspace.paths import Workspace

__all__ = ["mend_leftovers"]


def mend_leftovers(workspace: Workspace) -> None:
    """Remove DVC's file of locks, and take ``dvc.lock`` from the last command, where these are half-written.

    DVC writes both in place. A ``dvc.lock`` that is whole is kept for the next time; what one of the last command, or
    else of the last commit, lacks is computed again or comes from DVC's cache.
    """
    tmp, kept = workspace.root / ".dvc" / "tmp", workspace.cache / "dvc.lock"
    if not tmp.is_dir():  # DVC has never run here
        return
    rwlock = tmp / "rwlock"
    with FileLock(tmp / "rwlock.lock"):  # DVC's own, held while it writes
        if rwlock.exists() and not _is_json(rwlock.read_bytes()):
            rwlock.unlink()
            log("a DVC command that was killed has left its file of locks half-written; removed")
    content = lock_bytes(workspace.lock)
    if _is_whole(content):
        if not kept.exists() or kept.read_bytes() != content:
            write_bytes(kept, content)
    elif workspace.lock.exists() and b"<<<<<<< " not in content:  # the marks of a merge are the user's to settle
        write_bytes(workspace.lock, kept.read_bytes() if kept.exists() else committed_lock(workspace.root))
        log("a DVC command that was killed has left dvc.lock half-written; it is that of the command before again")


def _is_json(content: bytes) -> bool:
    try:
        return isinstance(json.loads(content), dict)
    except ValueError:
        return False


def _is_whole(content: bytes) -> bool:
    """Whether a lock file has no end that DVC's schema refuses; a shorter one that it takes is as good as an older."""
    try:
        stages = parse_lock(content)["stages"].values()
        entries = [entry for stage in stages for part in ("deps", "outs") for entry in stage.get(part, [])]
        entries += [stage.get("params", {}) for stage in stages]
        full = all("cmd" in stage for stage in stages) and all(None not in entry.values() for entry in entries)
        return full and content.endswith(b"\n")
    except (StageError, KeyError, TypeError, AttributeError):  # cut within a key, a list, an entry
        return False
