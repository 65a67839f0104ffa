"""Words that stand in for lyrics: the themes of a genre, a user's own table, or what speech recognition hears."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mlproject.corpus.user_tables import read_table
from mlproject.errors import TextSourceError

__all__ = ["THEMES", "read_text_table", "transcribe"]

# One text per genre, after the themes that the original study lists: a function of the label, and declared as such.
THEMES: Mapping[str, str] = {
    "blues": "sorrow and heartbreak, lonely nights, hard luck, a soul that aches and keeps on singing",
    "classical": "an orchestra and its strings, a symphony in four movements, elegance, grandeur, a concert hall",
    "country": "rural life, dusty roads, a pickup truck, family and farm, stories told on the porch",
    "disco": "dance all night, mirror balls, the party and the groove, moving bodies under the lights",
    "hiphop": "rap and rhyme, the street, urban beats, hustle, the block and the microphone",
    "jazz": "improvisation, swing, bebop, a smoky club, a saxophone that wanders after midnight",
    "metal": "heavy and aggressive, distortion, fire and steel, darkness, thunder and rage",
    "pop": "catchy and bright, the mainstream, young love, radio hits, a chorus everyone knows",
    "reggae": "an island, peace and unity, relaxed rhythm, sunshine, freedom and roots",
    "rock": "electric guitars, rebellion, an anthem for the crowd, loud amplifiers, the open road",
}


def read_text_table(path: Path) -> dict[str, str]:
    """Read a user's lyrics by track id, a CSV or parquet with the columns ``track_id`` and ``text``.

    Tracks whose text is missing or blank are left out.

    Raises
    ------
    TextSourceError
        If the file is missing, of another kind, lacks a column, or names a track twice.
    """
    frame, _ = read_table(
        path, text=("track_id", "text"), key="lyrics.file", where="conf/features.yaml", error=TextSourceError
    )
    if missing := {"track_id", "text"} - set(frame.columns):
        raise TextSourceError(
            f"lyrics.file={str(path)!r} has the columns {', '.join(map(str, frame.columns))}; "
            f"it lacks {', '.join(sorted(missing))}"
        )
    frame = frame[frame.text != ""]
    if frame.track_id.duplicated().any():
        twice = frame.track_id[frame.track_id.duplicated()].iloc[0]
        raise TextSourceError(f"lyrics.file={str(path)!r} has {twice!r} twice; keep one text per track")
    return dict(zip(frame.track_id, frame.text, strict=True))


def transcribe(clips: Iterable[np.ndarray], *, sr: int, model: str, progress: Callable[[Any], Any] = iter) -> list[str]:
    """Let a speech recognition model write down the words of each clip; empty where nothing was heard.

    Clips are float32, mono, at `sr` Hz, of shape (n_samples,). The model is a name on the hub, or a folder, that
    transformers' ``automatic-speech-recognition`` pipeline loads, such as Whisper.

    Raises
    ------
    TextSourceError
        If the model cannot be loaded.
    """
    import soxr
    from transformers import pipeline

    try:
        recognise: Any = pipeline("automatic-speech-recognition", model=model)
    except (OSError, ValueError) as error:
        raise TextSourceError(
            f"lyrics.asr_model={model!r} cannot be loaded ({str(error).splitlines()[0]}); "
            "give a name on the hub or a folder"
        ) from error
    rate = int(recognise.feature_extractor.sampling_rate)
    heard = (recognise({"raw": soxr.resample(clip, sr, rate), "sampling_rate": rate}) for clip in progress(clips))
    return [str(words["text"]).strip() for words in heard]
