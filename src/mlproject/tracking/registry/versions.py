"""Finished tasks as versions of one registered model: made, tagged, found again by whatever they are called.

The alias ``baseline`` is the PCA run on the current data; `champion` has the other alias.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from mlproject.errors import ConfigError
from mlproject.tracking.runs import TaskRun

__all__ = [
    "BASELINE",
    "MODEL",
    "describe",
    "find_version",
    "point_baseline",
    "register",
    "remove_tags",
    "set_baseline",
    "tag_version",
    "version_at",
    "versions",
]

MODEL, BASELINE = "genre-clusters", "baseline"


def register(run: TaskRun, model: Any, *, tags: Mapping[str, str]) -> str:
    """Make a logged model a version of the registered one; return the version's number."""
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException

    logging.getLogger("mlflow.store.model_registry").setLevel(logging.WARNING)
    client = MlflowClient()
    try:
        client.create_registered_model(MODEL, description=_WHAT)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    version = client.create_model_version(MODEL, model.model_uri, run.run_id, tags=dict(tags), model_id=model.model_id)
    return str(version.version)


_WHAT = (
    "Every finished task of the project. `baseline` is PCA + K-Means on the current data; `champion` is the label-free "
    "one that beats it by most. `python -m pipelines.compare` moves `champion`, and says how to undo it."
)


def describe(version: str, card: str) -> None:
    """Give a version its model card."""
    from mlflow import MlflowClient

    MlflowClient().update_model_version(MODEL, version, card)


def tag_version(version: str, tags: Mapping[str, str]) -> None:
    """Set tags of a version."""
    from mlflow import MlflowClient

    client = MlflowClient()
    for key, value in tags.items():
        client.set_model_version_tag(MODEL, version, key, value)


def remove_tags(version: str, keys: Iterable[str]) -> None:
    """Take tags from a version."""
    from mlflow import MlflowClient

    client = MlflowClient()
    for key in keys:
        client.delete_model_version_tag(MODEL, version, key)


def versions() -> list[Any]:
    """Return all versions, the newest first."""
    from mlflow import MlflowClient

    found = MlflowClient().search_model_versions(f"name = '{MODEL}'", max_results=10_000)
    return sorted(found, key=lambda one: -int(one.version))


def version_at(alias: str) -> Any | None:
    """Return the version that an alias points to."""
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException

    try:
        return MlflowClient().get_model_version_by_alias(MODEL, alias)
    except MlflowException as error:
        if error.error_code not in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            raise
        return None


def find_version(reference: str) -> Any:
    """Return a version by number, alias, ``models:/genre-clusters/...``, id of its run, or task (its newest).

    Raises
    ------
    ConfigError
        If there is none.
    """
    word = reference.removeprefix(f"models:/{MODEL}").lstrip("/@")
    found = next((one for one in versions() if word in (str(one.version), one.run_id)), None) or (
        version_at(word) if word else None
    )
    found = found or next((one for one in versions() if one.tags.get("task") == word), None)
    if found is None:
        known = ", ".join(str(one.version) for one in versions()[:20]) or "none; run a task first"
        raise ConfigError(f"{reference!r} is no version, alias, run or task of {MODEL}; versions: {known}")
    return found


def point_baseline(uri: str, data_hash: str, reference: str) -> bool:
    """Let ``baseline`` point to the newest PCA run on the given data, as configured now; return if there is one."""
    import mlflow

    mlflow.set_tracking_uri(uri)
    wanted = {"baseline": "true", "data_hash": data_hash, "reference": reference}.items()
    found = next((one for one in versions() if wanted <= one.tags.items()), None)
    current = version_at(BASELINE)
    if found is not None and (current is None or not wanted <= current.tags.items()):
        set_baseline(found.version)
    return found is not None


def set_baseline(version: str) -> None:
    """Let ``baseline`` point to the PCA run on the current data."""
    from mlflow import MlflowClient

    MlflowClient().set_registered_model_alias(MODEL, BASELINE, version)
