"""The demo corpus: 100 rendered clips with words of their own, so that nothing has to be downloaded."""

import hashlib
import io
from collections.abc import Collection, Iterator
from typing import Literal

import soundfile

from mlproject.corpus.demo.audio import DEMO_GENRES, render_clip
from mlproject.corpus.demo.lyrics import write_lyrics
from mlproject.corpus.tracks import Track, Words
from mlproject.seeding import generator

__all__ = ["Demo"]

TRACKS_PER_GENRE = 10
SECONDS = 10.0
SAMPLE_RATE = 22050
SEED = 20_020_701
VERSION = 1  # to be raised whenever the renderer sounds different


class Demo:
    """Ten invented genres of ten clips each, rendered from a fixed seed. Its scores say nothing about music."""

    holds: Literal["audio", "statistics"] = "audio"
    clip_from: Literal["start", "middle"] = "start"
    lyrics: Literal["tracks", "themes"] = "tracks"

    def __init__(self, *, labelled: bool = True) -> None:
        self._labelled = labelled

    def tracks(self) -> list[Track]:
        size = 2 * int(SECONDS * SAMPLE_RATE) + 44  # of 16 bits each, and of a header
        ids = [(genre, f"{genre}.{number:05d}") for genre in DEMO_GENRES for number in range(TRACKS_PER_GENRE)]
        return [Track(name, genre if self._labelled else None, f"{genre}/{name}.wav", size) for genre, name in ids]

    def checksums(self) -> dict[str, str]:
        ids = [track.track_id for track in self.tracks()]
        return {name: hashlib.sha256(f"{VERSION}/{SEED}/{name}".encode()).hexdigest() for name in ids}

    def read(self, tracks: Collection[Track]) -> Iterator[tuple[Track, Iterator[bytes]]]:
        for track in tracks:  # its id says what it is rendered as, whether it has a genre or not
            rng = generator(SEED, "demo audio", track.track_id)
            samples = render_clip(track.track_id.split(".")[0], rng=rng, sr=SAMPLE_RATE, seconds=SECONDS)
            file = io.BytesIO()
            soundfile.write(file, samples, SAMPLE_RATE, format="WAV", subtype="PCM_16")
            yield track, iter([file.getvalue()])

    def words(self, tracks: Collection[Track]) -> Words:
        ids = [track.track_id for track in tracks]
        return Words({name: write_lyrics(name.split(".")[0], rng=generator(SEED, "demo lyrics", name)) for name in ids})

    def notes(self) -> list[str]:
        return []
