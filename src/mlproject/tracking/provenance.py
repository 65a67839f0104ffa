"""What a run came from: the commit, and DVC's hashes of the data and features it read."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

__all__ = ["Commit", "read_commit", "stage_hash"]


@dataclass(frozen=True)
class Commit:
    """A commit's hash and whether the working tree was the same; both "unknown" outside git."""

    sha: str
    clean: str


def read_commit(root: Path) -> Commit:
    """Read the commit of a checkout; a rewritten ``dvc.lock`` does not make it unclean: DVC does that as it runs."""
    try:
        sha = _git(root, "rev-parse", "HEAD").strip()
        changed = _git(root, "status", "--porcelain", "--untracked-files=no", "--", ".", ":!dvc.lock").strip()
    except (OSError, subprocess.CalledProcessError):
        return Commit("unknown", "unknown")
    return Commit(sha, "false" if changed else "true")


def stage_hash(lock_file: Path, *stages: str) -> str:
    """Return one hash over the outputs of some stages, as ``dvc.lock`` has them; "unknown" where it lacks one."""
    lock: Mapping[str, Any] = yaml.safe_load(lock_file.read_text()) if lock_file.exists() else {}
    found = [(lock or {}).get("stages", {}).get(stage, {}).get("outs") for stage in stages]
    if not all(found):
        return "unknown"
    lines = sorted(f"{out['path']} {out['md5']}" for outs in found for out in outs)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32]


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
