"""What a run came from: the commit and what was changed since, and DVC's hashes of the data and features it read."""

from __future__ import annotations

import hashlib
import os
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

__all__ = ["Commit", "outputs_hash", "read_commit", "read_lock", "stage_hash"]

OWN_FOLDERS = ("conf", "pipelines", "src")


@dataclass(frozen=True)
class Commit:
    """A commit and how the working tree differed from it.

    Attributes
    ----------
    sha : str
        "unknown" outside git.
    clean : str
        "true", "false" or "unknown".
    diff : str
        What `git apply` makes of the commit's tree to get the one that ran; of files that git does not know, those in
        the folders of code and configuration.
    """

    sha: str
    clean: str
    diff: str = ""


def read_commit(root: Path) -> Commit:
    """Read the commit of a checkout; a rewritten ``dvc.lock`` does not make it unclean: DVC does that as it runs."""
    try:
        sha = _git(root, "rev-parse", "HEAD").strip()
        diff = _uncommitted(root)
    except (OSError, subprocess.CalledProcessError):
        return Commit("unknown", "unknown")
    return Commit(sha, "false" if diff else "true", diff)


def _uncommitted(root: Path) -> str:
    """Compare the working tree with the commit, through an index and objects of its own: git's own stay as they are."""
    objects = root / _git(root, "rev-parse", "--git-path", "objects").strip()
    with tempfile.TemporaryDirectory() as folder:
        own_index = {
            "GIT_INDEX_FILE": str(Path(folder) / "index"),
            "GIT_OBJECT_DIRECTORY": folder,
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(objects),
        }
        _git(root, "read-tree", "HEAD", **own_index)
        _git(root, "add", "--update", "--", ".", ":!dvc.lock", **own_index)
        if own := [name for name in OWN_FOLDERS if (root / name).is_dir()]:
            _git(root, "add", "--all", "--", *own, **own_index)
        return _git(
            root, "diff-index", "--cached", "--binary", "--patch", "HEAD", **own_index
        )  # deaf to settings for the eye


def stage_hash(lock_file: Path, *stages: str) -> str:
    """Return one hash over the outputs of some stages, as ``dvc.lock`` has them; "unknown" where it lacks one."""
    return outputs_hash(read_lock(lock_file), *stages)


def read_lock(lock_file: Path) -> Mapping[str, Any]:
    """Return the content of ``dvc.lock``, empty where there is none."""
    return _parsed(lock_file.read_bytes()) if lock_file.exists() else {}


@lru_cache(maxsize=2)
def _parsed(content: bytes) -> Mapping[str, Any]:
    """Parse thousands of lines once, and with libyaml where PyYAML has it: ten times as fast as in Python."""
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(content, loader) or {}


def outputs_hash(lock: Mapping[str, Any], *stages: str) -> str:
    """Return the same of the content of a lock file."""
    found = [lock.get("stages", {}).get(stage, {}).get("outs") for stage in stages]
    if not all(found):
        return "unknown"
    lines = sorted(f"{out['path']} {out['md5']}" for outs in found for out in outs)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32]


def _git(root: Path, *arguments: str, **environment: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    done = subprocess.run(command, check=True, capture_output=True, env={**os.environ, **environment})
    return done.stdout.decode(errors="surrogateescape")
