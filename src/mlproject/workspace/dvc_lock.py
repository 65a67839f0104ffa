"""What ``dvc.lock`` says of the outputs of stages."""

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from filelock import FileLock

from mlproject.errors import StageError

__all__ = ["lock_bytes", "other_bits", "outputs_hash", "parse_lock", "read_lock", "stage_hash"]


def stage_hash(lock_file: Path, *stages: str) -> str:
    """Return one hash over the outputs of some stages, as ``dvc.lock`` has them; "unknown" where it lacks one."""
    return outputs_hash(read_lock(lock_file), *stages)


def read_lock(lock_file: Path) -> Mapping[str, Any]:
    """Return the content of ``dvc.lock``, empty where there is none."""
    return parse_lock(lock_bytes(lock_file))


def lock_bytes(lock_file: Path) -> bytes:
    """Return the bytes of ``dvc.lock``, empty where there is none.

    DVC empties the file and writes it anew for each stage, also for one that is up to date. It holds its own lock
    meanwhile, so that one is waited for.
    """
    dvc = lock_file.parent / ".dvc"
    with FileLock(dvc / "tmp" / "lock") if dvc.is_dir() else nullcontext():
        return lock_file.read_bytes() if lock_file.exists() else b""


@lru_cache(maxsize=2)
def parse_lock(content: bytes) -> Mapping[str, Any]:
    """Parse a lock file: its thousands of lines once, and with libyaml where PyYAML has it, ten times as fast."""
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(content, loader) or {}
    except yaml.YAMLError as error:
        raise StageError(
            "dvc.lock is no YAML, as after a merge; take one side: git checkout --ours dvc.lock"
        ) from error


def outputs_hash(lock: Mapping[str, Any], *stages: str) -> str:
    """Return the same of the content of a lock file."""
    found = [lock.get("stages", {}).get(stage, {}).get("outs") for stage in stages]
    if not all(found):
        return "unknown"
    lines = sorted(f"{out['path']} {out['md5']}" for outs in found for out in outs)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32]


def other_bits(committed: Mapping[str, Any], present: Mapping[str, Any], stages: Sequence[str]) -> list[str]:
    """Name those of some stages that have, in two lock files, the same inputs and other outputs."""
    differing = []
    for stage in stages:
        one, other = (lock.get("stages", {}).get(stage, {}) for lock in (committed, present))
        same = all(one.get(part) == other.get(part) for part in ("cmd", "deps", "params"))
        if one and same and one.get("outs") != other.get("outs"):
            differing.append(stage)
    return differing
