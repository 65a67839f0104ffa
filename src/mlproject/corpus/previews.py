"""A few seconds of a track, compressed, to listen to in a report."""

import io
from pathlib import Path

import soundfile

from mlproject.corpus.decoding import read_clip
from mlproject.files import write_bytes

__all__ = ["listening_clip"]

SECONDS, SR, COMPRESSION = 6.0, 22050, 0.8  # about 25 KB; libsndfile's scale, 0 is the best quality


def listening_clip(path: Path, *, start: float, seconds: float, cache: Path) -> bytes:
    """Return an MP3 of the middle of a track's clip, encoded once and kept in `cache`.

    The track's file is named by its content; `start` and `seconds` are those of the part that features come from, s.
    """
    first = start + max(0.0, (seconds - SECONDS) / 2)
    kept = cache / f"{path.stem}-{first:.2f}-{SECONDS:g}-{SR}-{COMPRESSION:g}.mp3"
    if not kept.exists():
        samples, file = read_clip(path, start=first, seconds=SECONDS, sr=SR), io.BytesIO()
        soundfile.write(file, samples, SR, format="MP3", compression_level=COMPRESSION, bitrate_mode="VARIABLE")
        write_bytes(kept, file.getvalue())
    return kept.read_bytes()
