"""Words that stand in for lyrics: the themes of a genre, or what speech recognition hears."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from mlproject.errors import TextSourceError

__all__ = ["THEMES", "transcribe"]

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
