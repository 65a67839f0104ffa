"""A task that a run has logged -> its MLflow model, its version in the registry and its card."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mlproject.files import read_json
from mlproject.prediction.package import read_package
from mlproject.reporting.model_card import model_card
from mlproject.tracking.registry import versions as registry
from mlproject.tracking.registry.packaging import log_model, package_hash
from mlproject.tracking.runs import Origin, TaskRun, origin_tags

__all__ = ["register_task", "result_hash", "setting_hash"]

RESULT_FILES = ("scores.json", "assignments.parquet", "latent.npy")
SHAPING = ("n_clusters", "n_init", "n_neighbors", "clusterers")  # of the evaluation's keys, what a partition depends on


OF_RUNS = ("rejected_tracks", "commit_clean")  # tags that a run has and its version can do without


def result_hash(folder: Path) -> str:
    """Hash what a task put out: equal for equal results, wherever they were computed."""
    digest = hashlib.sha256()
    for name in RESULT_FILES:
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()[:32]


def setting_hash(task: Mapping[str, Any], evaluation: Mapping[str, Any], *, came_from: Sequence[str] = ()) -> str:
    """Hash what a task and its evaluation share: model, blocks, clustering and what they read, but no seed.

    Parameters
    ----------
    task, evaluation : mapping
        The flattened configuration of both.
    came_from : sequence of str, optional
        Hashes of data and features, and of what the task is compared with.
    """
    shaping = {key: evaluation[key] for key in SHAPING}
    own = {key: value for key, value in task.items() if key != "description"}
    text = json.dumps([own, shaping, *came_from], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def register_task(
    run: TaskRun, folder: Path, *, origin: Origin, description: str, requirements: Path, is_baseline: bool
) -> str:
    """Make a task that a run has logged a version of the registered model, with its card.

    Parameters
    ----------
    run : TaskRun
        Open; of `mlproject.tracking.task_runs.log_task`.
    folder, origin, description
        What was logged.
    requirements : Path
        Pinned requirements of the project.
    is_baseline : bool
        Whether it is what everything on its data is compared with: the alias ``baseline`` moves to it.

    Returns
    -------
    str
        Number of the version.
    """
    record, (recipe, _) = read_json(folder / "scores.json"), read_package(folder / "model")
    tags = version_tags(record, origin) | {"package": package_hash(folder / "model")}
    tags |= {"baseline": "true"} if is_baseline else {}
    reads_lyrics = recipe.lyrics_model is not None
    model = log_model(folder / "model", name=record["task"], requirements=requirements, lyrics=reads_lyrics, tags=tags)
    version = registry.register(run, model, tags=tags)
    clusters, address = read_json(folder / "clusters.json"), f"models:/{registry.MODEL}/{version}"
    card = model_card(record, clusters, description=description, refusal=recipe.refusal, address=address)
    registry.describe(version, card)
    if is_baseline:
        registry.set_baseline(version)
    return version


def version_tags(record: Mapping[str, Any], origin: Origin) -> dict[str, str]:
    """Say of a version what it is and where it came from."""
    own = record["scores"][record["primary_clusterer"]]
    scores = {"ami": own.get("ami"), "delta_ami": record["delta"].get("ami")}
    known = {name: f"{value:.4f}" for name, value in scores.items() if value is not None}
    came_from = {key: value for key, value in origin_tags(origin).items() if key not in OF_RUNS}
    own_tags = {"task": record["task"], "representation": record["representation"], "verdict": "not evaluated"}
    return {**own_tags, **known, **came_from}
