"""The MLflow model: a table of audio files, or of what is in them, in; a table of clusters out.

MLflow runs this file where the model is loaded, with the copy of this package that was logged beside it. Whoever sends
a request is a stranger: each row is answered for itself, within limits, and learns nothing of the server's files.
"""

import base64
import binascii
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc.model import PythonModel, PythonModelContext

from mlproject.corpus.decoding import Limits
from mlproject.prediction.predictor import NewTrack, Prediction, Predictor

__all__ = ["GenreClusters"]

SERVE_ROOT = "MLPROJECT_SERVE_ROOT"  # the folder of which a request may name files
LIMITS = Limits(seconds=1800, channels=8, decoding=20)
MOST_ROWS, LARGEST = 256, 64 << 20  # of a request; bytes of a row's audio


class GenreClusters(PythonModel):
    """Place tracks in the clusters of a trained task.

    The input has one row per track: ``audio`` (the bytes of a file; base64 in JSON) or, where the server's environment
    names a folder in MLPROJECT_SERVE_ROOT, ``path`` (of a file in that folder); and optionally ``lyrics``. The output
    has the columns of `mlproject.prediction.predictor.Prediction`.
    """

    def load_context(self, context: PythonModelContext) -> None:
        """Load the package that was logged with the model; a model that cannot place new music says why."""
        self.predictor = Predictor.load(Path(context.artifacts["package"]), limits=LIMITS)

    def predict(  # context and params are MLflow's, not ours
        self,
        context: PythonModelContext,  # noqa: ARG002
        model_input: pd.DataFrame,
        params: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> pd.DataFrame:
        """Return a table with one row per track, in the order of the input; one alone for columns that none knows."""
        if model_input.columns.empty:  # MLflow leaves out columns that it does not know, and all rows with them
            model_input = pd.DataFrame({"audio": [None]})
        answers = list(self.predictor.predict(_tracks(model_input)))
        table = pd.DataFrame(answers, columns=list(Prediction._fields)).astype({"cluster": "Int64"})
        return table.astype(object).where(table.notna(), None)  # null in JSON, which has no NaN


def _tracks(table: pd.DataFrame) -> Iterator[NewTrack]:
    served = os.environ.get(SERVE_ROOT)
    root = Path(served).resolve() if served else None
    for number, row in enumerate(table.to_dict("records")):
        path, lyrics = row.get("path"), row.get("lyrics")
        words = lyrics if isinstance(lyrics, str) else None
        name = path if isinstance(path, str) and path else f"track {number}"
        track = NewTrack(name, b"", words)
        if number >= MOST_ROWS:
            yield track._replace(unusable=f"a request may have {MOST_ROWS} rows; send this one in another")
        elif isinstance(path, str) and path and not isinstance(row.get("audio"), str | bytes):
            yield _named(track, root)
        else:
            yield _sent(track, row.get("audio"))


def _named(track: NewTrack, root: Path | None) -> NewTrack:
    """Return the track of a path, which has to lie in the folder that is served, links resolved."""
    if root is None:
        return track._replace(unusable=f"this server reads no paths ({SERVE_ROOT} is not set); send 'audio'")
    try:
        resolved = (root / track.name).resolve()
        inside = resolved.is_relative_to(root)
    except (OSError, ValueError, RuntimeError):  # a name that no file can have, a link in a circle
        inside = False
    if not inside:
        return track._replace(unusable=f"the path is not in the folder that is served ({SERVE_ROOT})")
    return track._replace(audio=resolved)


def _sent(track: NewTrack, audio: object) -> NewTrack:
    """Return the track of a file's bytes, base64 where they came as text."""
    if isinstance(audio, str):
        if len(audio) > 2 * LARGEST:
            return track._replace(unusable=f"'audio' has more than {LARGEST:,} bytes, which is the most that is taken")
        try:
            audio = base64.b64decode(audio.translate(dict.fromkeys(b" \t\r\n")), validate=True)
        except (binascii.Error, ValueError):
            return track._replace(unusable="'audio' is no base64")
    if not isinstance(audio, bytes) or not audio:
        return track._replace(unusable="neither 'audio' (bytes; base64 in JSON) nor 'path' was given")
    if len(audio) > LARGEST:
        return track._replace(unusable=f"'audio' has {len(audio):,} bytes; at most {LARGEST:,} are taken")
    return track._replace(audio=audio)


set_model(GenreClusters())
