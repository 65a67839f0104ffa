"""Audio file -> mono samples: `inspect` checks a whole file once, `read_clip` reads the part that features use."""

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import soundfile

from mlproject.errors import TrackDecodeError

__all__ = ["SHORTEST_SECONDS", "AudioInfo", "clip_length", "clip_start", "fills_clip", "inspect", "read_clip"]

SHORTEST_SECONDS = 1.0
SHORTFALL = 0.01  # GTZAN's tracks are 29.93 to 30.65 s long
SILENCE_PEAK = 1e-4  # -80 dB of full scale
LOUDEST_PEAK = 1e6  # squares of samples must stay finite in float32


class AudioInfo(NamedTuple):
    """What `inspect` found: length in seconds, sampling rate in Hz, number of channels."""

    seconds: float
    sample_rate: int
    channels: int


def inspect(path: Path) -> AudioInfo:
    """Decode a whole file and check that its audio can be used.

    Raises
    ------
    TrackDecodeError
        If the file is empty, does not decode, is not finite, silent, beyond all measure, or shorter than
        `SHORTEST_SECONDS`.
    """
    if path.stat().st_size == 0:
        raise TrackDecodeError("the file is empty (0 bytes)")
    if path.suffix == ".au" and not _starts_with(path, b".snd"):
        raise TrackDecodeError("does not decode (no .au header; libsndfile would take it for 8 kHz noise)")
    samples, sample_rate = _decode(path)
    seconds = len(samples) / sample_rate
    if not len(samples):
        raise TrackDecodeError("no sample decodes")
    if not np.isfinite(samples).all():
        raise TrackDecodeError(
            f"{np.count_nonzero(~np.isfinite(samples)):,} of {samples.size:,} samples are not finite"
        )
    if seconds < SHORTEST_SECONDS:
        raise TrackDecodeError(f"{seconds:.2f} s long; at least {SHORTEST_SECONDS:g} s are needed")
    if np.abs(samples).max() > LOUDEST_PEAK:
        raise TrackDecodeError(f"its peak is {np.abs(samples).max():.1g} times full scale: no audio, or a damaged file")
    if np.abs(samples).max() < SILENCE_PEAK:
        raise TrackDecodeError("silent (its peak is below -80 dB of full scale)")
    return AudioInfo(seconds, sample_rate, samples.shape[1])


def clip_length(seconds: Iterable[float], *, asked: float) -> float:
    """Choose one clip length for a corpus, s: the configured one, `asked`, where tracks of median length fill it.

    Else the median, rounded down to whole seconds, so that one track more does not change it.
    """
    lengths = list(seconds)
    # Half of the tracks fill a clip of the median length.
    typical = float(np.median(lengths)) if lengths else asked
    return asked if fills_clip(typical, asked) else float(math.floor(typical))


def fills_clip(seconds: float, clip: float) -> bool:
    """Whether a track is as long as the clip, or shorter by at most 1 %, which repeating its last frame makes up."""
    return seconds >= clip * (1 - SHORTFALL)


def clip_start(seconds: float, clip: float, part: Literal["start", "middle"]) -> float:
    """Return where the clip begins in a track of the given length, s."""
    return max(0.0, (seconds - clip) / 2) if part == "middle" else 0.0


def read_clip(path: Path, *, start: float, seconds: float, sr: int) -> np.ndarray:
    """Read one part of a track as mono, from `start` for so many seconds, at a sampling rate of `sr` Hz.

    Returns
    -------
    ndarray of shape (n_samples,)
        float32, mean of the channels; at most ``round(seconds * sr)`` samples, fewer where the track ends earlier.
    """
    samples, native = _decode(path, start=start, seconds=seconds)
    mono = samples[:, 0] if samples.shape[1] == 1 else samples.mean(axis=1, dtype=np.float32)
    if native != sr:
        import soxr

        mono = soxr.resample(mono, native, sr)
    return np.ascontiguousarray(mono[: round(seconds * sr)], dtype=np.float32)


def _starts_with(path: Path, magic: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(magic)) == magic


def _decode(path: Path, *, start: float = 0.0, seconds: float | None = None) -> tuple[np.ndarray, int]:
    """Return float32 samples of shape (n_samples, n_channels) and the sampling rate, above 0 Hz."""
    try:
        with _reading("libsndfile"), soundfile.SoundFile(path) as file:
            file.seek(round(start * file.samplerate))
            frames = -1 if seconds is None else round(seconds * file.samplerate)
            samples, rate = file.read(frames, dtype="float32", always_2d=True), file.samplerate
    except TrackDecodeError as error:
        try:
            samples, rate = _decode_elsewhere(path, start, seconds)
        except TrackDecodeError as second:
            raise second from error
    if rate <= 0 or samples.shape[1] == 0:
        raise TrackDecodeError(f"does not decode (its header says {samples.shape[1]} channels at {rate} Hz)")
    return samples, rate


@contextmanager
def _reading(decoder: str) -> Iterator[None]:
    """Turn whatever a decoder raises on a damaged file into the reason for which this one track is not used.

    Decoders are code of others at work on unknown bytes, and have errors that are an `Exception` and nothing else, such
    as ``struct.error``, ``wave.Error`` and ``audioop.error``. So all are caught, and hardly more than the calls of a
    decoder stands in such a block.
    """
    try:
        yield
    except TrackDecodeError:
        raise
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise TrackDecodeError(f"does not decode ({decoder}: {reason})") from error


def _decode_elsewhere(path: Path, start: float, seconds: float | None) -> tuple[np.ndarray, int]:
    """Decode what libsndfile cannot (m4a above all) with a decoder of the system, if it has one."""
    import audioread

    with _reading("decoder of this system"):
        try:
            with audioread.audio_open(path) as file:
                rate, channels, content = file.samplerate, file.channels, b"".join(file)
        except audioread.DecodeError as error:
            raise TrackDecodeError("does not decode (no decoder of this system reads it; m4a needs ffmpeg)") from error
    values = np.frombuffer(content, dtype="<i2", count=len(content) // 2)
    samples = values[: len(values) // max(channels, 1) * channels].reshape(-1, max(channels, 1))
    if channels < 1:
        raise TrackDecodeError("does not decode (its header says 0 channels)")
    first = round(start * rate)
    last = None if seconds is None else first + round(seconds * rate)
    return samples[first:last].astype(np.float32) / 32768, rate
