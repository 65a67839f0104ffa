"""Audio file -> mono samples: `inspect` checks a whole file once, `read_clip` reads the part that features use."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import soundfile

from mlproject.errors import TrackDecodeError

__all__ = ["SHORTEST_SECONDS", "AudioInfo", "clip_length", "clip_start", "fills_clip", "inspect", "read_clip"]

SHORTEST_SECONDS = 1.0
SHORTFALL = 0.01  # GTZAN's tracks are 29.93 to 30.65 s long
SILENCE_PEAK = 1e-4  # -80 dB of full scale


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
        If the file is empty, does not decode, is not finite, silent, or shorter than `SHORTEST_SECONDS`.
    """
    if path.stat().st_size == 0:
        raise TrackDecodeError("the file is empty (0 bytes)")
    if path.suffix == ".au" and not path.read_bytes().startswith(b".snd"):
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
    if np.abs(samples).max() < SILENCE_PEAK:
        raise TrackDecodeError("silent (its peak is below -80 dB of full scale)")
    return AudioInfo(seconds, sample_rate, samples.shape[1])


def clip_length(seconds: Iterable[float], *, wanted: float) -> float:
    """Choose one clip length for a corpus.

    Parameters
    ----------
    seconds : iterable of float
        Length of each track.
    wanted : float
        The configured length, s.

    Returns
    -------
    float
        `wanted`, or the median length of the tracks where that is shorter, rounded down to 0.01 s.
    """
    lengths = list(seconds)
    own = math.floor(float(np.median(lengths)) * 100 + 1e-6) / 100 if lengths else wanted
    return min(wanted, own)


def fills_clip(seconds: float, clip: float) -> bool:
    """Whether a track is as long as the clip, or shorter by at most 1 %, which repeating its last frame makes up."""
    return seconds >= clip * (1 - SHORTFALL)


def clip_start(seconds: float, clip: float, part: Literal["start", "middle"]) -> float:
    """Return where the clip begins in a track of the given length, s."""
    return max(0.0, (seconds - clip) / 2) if part == "middle" else 0.0


def read_clip(path: Path, *, start: float, seconds: float, sr: int) -> np.ndarray:
    """Read one part of a track as mono.

    Parameters
    ----------
    path : Path
        Audio file.
    start, seconds : float
        Where the clip begins and how long it is, s.
    sr : int
        Sampling rate to bring it to, Hz.

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


def _decode(path: Path, *, start: float = 0.0, seconds: float | None = None) -> tuple[np.ndarray, int]:
    """Return float32 samples of shape (n_samples, n_channels) and the sampling rate."""
    try:
        with soundfile.SoundFile(path) as file:
            file.seek(round(start * file.samplerate))
            frames = -1 if seconds is None else round(seconds * file.samplerate)
            return file.read(frames, dtype="float32", always_2d=True), file.samplerate
    except soundfile.LibsndfileError as error:
        return _decode_elsewhere(path, start, seconds, reason=error.error_string)


def _decode_elsewhere(path: Path, start: float, seconds: float | None, *, reason: str) -> tuple[np.ndarray, int]:
    """Decode what libsndfile cannot (m4a above all) with a decoder of the system, if it has one."""
    import audioread

    try:
        with audioread.audio_open(path) as file:
            rate, channels = file.samplerate, file.channels
            samples = np.frombuffer(b"".join(file), dtype="<i2").reshape(-1, channels)
    except (audioread.DecodeError, EOFError, OSError) as error:
        why = reason.rstrip(".") if isinstance(error, audioread.NoBackendError) else str(error)
        raise TrackDecodeError(f"does not decode ({why})") from error
    first = round(start * rate)
    last = None if seconds is None else first + round(seconds * rate)
    return samples[first:last].astype(np.float32) / 32768, rate
