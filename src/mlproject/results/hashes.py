"""Hashes that say whether two results, or two configurations, are the same."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mlproject.results.record import read_file

__all__ = ["RESULT_FILES", "config_hash", "result_hash"]

RESULT_FILES = ("scores.json", "assignments.parquet", "latent.npy")
SHAPING = ("n_clusters", "n_init", "n_neighbors", "clusterers")  # of the evaluation's keys, what a partition depends on


def result_hash(folder: Path) -> str:
    """Hash what a task put out: equal for equal results, wherever they were computed."""
    digest = hashlib.sha256()
    for name in RESULT_FILES:
        digest.update(read_file(folder / name, Path.read_bytes))  # not model/: its weights follow from these
    return digest.hexdigest()[:32]


def config_hash(task: Mapping[str, Any], evaluation: Mapping[str, Any], *, came_from: Sequence[str] = ()) -> str:
    """Hash what a task and its evaluation share: model, blocks, clustering and what they read, but no seed.

    `came_from` are hashes of data and features, and of what the task is compared with.
    """
    shaping = {key: evaluation[key] for key in SHAPING}  # what figures and budgets are does not change a partition
    described = {key: value for key, value in task.items() if key != "description"}
    # Sorted keys: the order in a file means nothing.
    text = json.dumps([described, shaping, *came_from], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
