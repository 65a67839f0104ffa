"""Finished tasks as versions of one registered model: made, tagged, found again by whatever they are called.

The alias ``baseline`` is the PCA run on the current data; `champion` has the other alias.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from mlproject.errors import ConfigError
from mlproject.tracking.runs import TaskRun
from mlproject.tracking.store import store_client

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion
    from mlflow.models.model import ModelInfo

__all__ = [
    "BASELINE",
    "MODEL",
    "address",
    "describe",
    "find_version",
    "point_baseline",
    "register",
    "set_baseline",
    "tag_version",
    "version_at",
    "version_of_run",
    "versions",
]

MODEL, BASELINE = "genre-clusters", "baseline"


def address(version: str) -> str:
    """Return what MLflow loads a version by."""
    return f"models:/{MODEL}/{version}"


def register(run: TaskRun, model: ModelInfo, *, tags: Mapping[str, str]) -> str:
    """Make a logged model a version of the registered one; return the version's number."""
    from mlflow.exceptions import MlflowException

    logging.getLogger("mlflow.store.model_registry").setLevel(logging.WARNING)
    client = store_client()
    try:
        client.create_registered_model(MODEL, description=_WHAT)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    version = client.create_model_version(MODEL, model.model_uri, run.run_id, tags=dict(tags), model_id=model.model_id)
    return str(version.version)


_WHAT = (
    "Every finished task of the project. `baseline` is PCA + K-Means on the current data; `champion` is the label-free "
    "one that beats it by most. `dvc repro` (stage `track`) and `python -m pipelines.compare` move `champion`, and say "
    "how to undo it; `python -m pipelines.promote VERSION` moves it by hand."
)


def describe(version: str, card: str) -> None:
    """Give a version its model card."""
    store_client().update_model_version(MODEL, version, card)


def tag_version(version: str, tags: Mapping[str, str], *, remove: Iterable[str] = ()) -> None:
    """Set tags of a version, and remove others."""
    client = store_client()
    for key in remove:
        client.delete_model_version_tag(MODEL, version, key)
    for key, value in tags.items():
        client.set_model_version_tag(MODEL, version, key, value)


def versions() -> list[ModelVersion]:
    """Return all versions, the newest first, each with its aliases, which a search leaves out."""
    client = store_client()
    stored = client.search_model_versions(f"name = '{MODEL}'", max_results=10_000)
    aliases = client.get_registered_model(MODEL).aliases if stored else {}
    for version in stored:
        version.aliases = [alias for alias, number in aliases.items() if str(number) == str(version.version)]
    return sorted(stored, key=lambda version: -int(version.version))


def version_of_run(run_id: str) -> str | None:
    """Return the number of the version that a run has logged, None if there is none."""
    logged = store_client().search_model_versions(f"name = '{MODEL}' and run_id = '{run_id}'", max_results=1)
    return str(logged[0].version) if logged else None


def version_at(alias: str) -> ModelVersion | None:
    """Return the version that an alias points to."""
    from mlflow.exceptions import MlflowException

    try:
        return store_client().get_model_version_by_alias(MODEL, alias)
    except MlflowException as error:
        if error.error_code not in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            raise
        return None


def find_version(reference: str) -> ModelVersion:
    """Return a version by number, alias, ``models:/genre-clusters/...``, id of its run, or task (its newest).

    Raises `ConfigError` if there is none.
    """
    word = reference.removeprefix(f"models:/{MODEL}").lstrip("/@")
    stored = versions()
    by_id = [version for version in stored if word in (str(version.version), version.run_id)]
    by_alias = version_at(word) if word and not by_id else None
    by_task = [version for version in stored if version.tags.get("task") == word]
    # A number is a version before it is an alias or a task.
    matching = [*by_id, *([by_alias] if by_alias else []), *by_task]
    if not matching:
        known = ", ".join(str(version.version) for version in stored[:20]) or "none; run a task first"
        raise ConfigError(f"{reference!r} is no version, alias, run or task of {MODEL}; versions: {known}")
    return matching[0]


def point_baseline(uri: str, data_hash: str, baseline_hash: str) -> bool:
    """Let ``baseline`` point to the newest PCA run on the given data, as configured now; return if there is one."""
    import mlflow

    mlflow.set_tracking_uri(uri)
    tags = {"baseline": "true", "data_hash": data_hash, "baseline_hash": baseline_hash}.items()
    newest = next((version for version in versions() if tags <= version.tags.items()), None)
    current = version_at(BASELINE)
    if newest is not None and (current is None or not tags <= current.tags.items()):
        set_baseline(str(newest.version))
    return newest is not None


def set_baseline(version: str) -> None:
    """Let ``baseline`` point to the PCA run on the current data."""
    store_client().set_registered_model_alias(MODEL, BASELINE, version)
