"""A registered model -> a predictor in this process."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from mlproject.errors import ConfigError
from mlproject.tracking.registry.champion import CHAMPION, is_current
from mlproject.tracking.registry.versions import BASELINE, MODEL, find_version, version_at

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion

    from mlproject.prediction.predictor import Predictor

__all__ = ["load_registered"]


def load_registered(uri: str, reference: str | None = None) -> tuple[ModelVersion, Predictor]:
    """Load a version of the registered model as `mlflow models predict` does.

    For `reference` see `find_version`; default: ``champion``, or ``baseline`` where there is none. Raises
    `ConfigError` if there is no such version, `NotApplicableError` if the model cannot place new music.
    """
    import mlflow
    import mlflow.pyfunc

    mlflow.set_tracking_uri(uri)
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    version = find_version(reference) if reference else version_at(CHAMPION) or version_at(BASELINE)
    if version is None:
        raise ConfigError("no model is registered yet; run a task first: mlflow run . -P task=medium")
    if not is_current(version):
        raise ConfigError(f"version {version.version} is of an earlier version of this project; run its task again")
    model = mlflow.pyfunc.load_model(f"models:/{MODEL}/{version.version}")
    predictor: Predictor = model.unwrap_python_model().predictor
    return version, predictor
