"""A registered model -> a predictor in this process."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from mlproject.errors import ConfigError
from mlproject.tracking.registry.champion import CHAMPION, is_current
from mlproject.tracking.registry.versions import MODEL, find_version, version_at, versions

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion

    from mlproject.prediction.predictor import Predictor

__all__ = ["load_registered"]


def load_registered(uri: str, reference: str | None = None, *, data: str = "") -> tuple[ModelVersion, Predictor]:
    """Load a version of the registered model as `mlflow models predict` does.

    For `reference` see `find_version`; default: of the label-free ones on the data with the hash `data`, the champion,
    else the newest. Raises `ConfigError` if there is none, `NotApplicableError` if the model cannot place new music.
    """
    import mlflow
    import mlflow.pyfunc

    mlflow.set_tracking_uri(uri)
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    version = find_version(reference) if reference else _of_data(data)
    if not is_current(version):
        raise ConfigError(f"version {version.version} is of an earlier version of this project; run its task again")
    model = mlflow.pyfunc.load_model(f"models:/{MODEL}/{version.version}")
    predictor: Predictor = model.unwrap_python_model().predictor
    return version, predictor


def _of_data(data: str) -> ModelVersion:
    """Return the champion if it was trained on some data, else the newest version that was and saw no label."""
    stored, champion = versions(), version_at(CHAMPION)
    wanted = {"data_hash": data, "label_use": "label-free"}.items()
    fitting = [version for version in stored if wanted <= version.tags.items()]
    if not fitting:
        known = ", ".join(f"{version.version} ({version.tags.get('task')})" for version in stored[:10]) or "none yet"
        raise ConfigError(f"no label-free model is of the present data; give model=VERSION, of {known}")
    return next((version for version in fitting if champion and version.version == champion.version), fitting[0])
