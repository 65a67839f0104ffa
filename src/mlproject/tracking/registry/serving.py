"""The MLflow model: a table of audio files, or of what is in them, in; a table of clusters out.

MLflow runs this file where the model is loaded, with the copy of this package that was logged beside it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
from mlflow.exceptions import MlflowException
from mlflow.models import set_model
from mlflow.pyfunc.model import PythonModel, PythonModelContext

from mlproject.prediction.predictor import NewTrack, Prediction, Predictor

__all__ = ["GenreClusters"]


class GenreClusters(PythonModel):
    """Place tracks in the clusters of a trained task.

    The input has one row per track: ``path`` (of an audio file that this machine can read) or ``audio`` (its bytes;
    base64 in JSON), and optionally ``lyrics``. The output has the columns of
    `mlproject.prediction.predictor.Prediction`.
    """

    def load_context(self, context: PythonModelContext) -> None:
        """Load the package that was logged with the model; a model that cannot place new music says why."""
        self.predictor = Predictor.load(Path(context.artifacts["package"]))

    def predict(  # context and params are MLflow's, not ours
        self,
        context: PythonModelContext,  # noqa: ARG002
        model_input: pd.DataFrame,
        params: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> pd.DataFrame:
        """Return a table with one row per track, in the order of the input."""
        if not {"path", "audio"} & set(model_input.columns):  # MLflow leaves columns out that it does not know
            raise MlflowException.invalid_parameter_value(_NO_AUDIO)
        table = pd.DataFrame(list(self.predictor.predict(_tracks(model_input))), columns=list(Prediction._fields))
        table = table.astype({"cluster": "Int64"})
        return table.astype(object).where(table.notna(), None)  # null in JSON, which has no NaN


_NO_AUDIO = (
    "the input has neither a column 'path' (audio files) nor 'audio' (what is in them; base64 in JSON); give one of "
    "them, and 'lyrics' if they are known: other names are not read"
)


def _tracks(table: pd.DataFrame) -> Iterator[NewTrack]:
    for number, row in enumerate(table.to_dict("records")):
        path, audio, lyrics = row.get("path"), row.get("audio"), row.get("lyrics")
        words = lyrics if isinstance(lyrics, str) and lyrics else None
        if isinstance(path, str) and path:
            yield NewTrack(path, Path(path), words)
        else:
            yield NewTrack(f"track {number}", audio if isinstance(audio, bytes) else b"", words)


set_model(GenreClusters())
