"""A registered model -> a predictor in this process."""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path
from typing import Any

from mlproject.errors import ConfigError
from mlproject.prediction.package import RECIPE
from mlproject.tracking.registry.champion import CHAMPION
from mlproject.tracking.registry.packaging import package_hash
from mlproject.tracking.registry.versions import BASELINE, MODEL, find_version, version_at

__all__ = ["load_registered", "served_hash"]


def load_registered(uri: str, reference: str | None = None) -> tuple[Any, Any]:
    """Load a version of the registered model as `mlflow models predict` does.

    Parameters
    ----------
    uri : str
        Tracking store.
    reference : str, optional
        Version, alias, ``models:/...`` or id of a run; default: ``champion``, or ``baseline`` where there is none.

    Returns
    -------
    ModelVersion
    mlproject.prediction.predictor.Predictor

    Raises
    ------
    ConfigError
        If there is no such version.
    NotApplicableError
        If the model cannot place new music.
    """
    import mlflow
    import mlflow.pyfunc

    mlflow.set_tracking_uri(uri)
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    version = find_version(reference) if reference else version_at(CHAMPION) or version_at(BASELINE)
    if version is None:
        raise ConfigError("no model is registered yet; run a task first: mlflow run . -P task=medium")
    model = mlflow.pyfunc.load_model(f"models:/{MODEL}/{version.version}")
    return version, model.unwrap_python_model().predictor


def served_hash(version: str) -> str:
    """Hash the package that a version serves, as it lies in the store now."""
    from mlflow.artifacts import download_artifacts

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(download_artifacts(artifact_uri=f"models:/{MODEL}/{version}", dst_path=scratch))
        return package_hash(next(folder.rglob(RECIPE)).parent)
