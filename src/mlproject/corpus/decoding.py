"""Audio file -> the clip that features use: `inspect` hears a whole file once, `place_clip` finds where its clip lies.

What is judged is the mono clip as it is used: a fault elsewhere in a long track costs nothing.
"""

import math
import stat
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from mlproject.corpus.audio_stream import AudioStream, open_audio
from mlproject.errors import TrackDecodeError

__all__ = ["NO_LIMITS", "SHORTEST_SECONDS", "AudioInfo", "Limits", "clip_length", "fills_clip"]
__all__ += ["inspect", "place_clip", "read_clip", "regular_size"]

SHORTEST_SECONDS = 1.0
SHORTFALL = 0.01  # GTZAN's tracks are 29.93 to 30.65 s long
SILENCE = 1e-4  # -80 dB of full scale
SOUNDING = 0.5  # share of a clip in which there has to be sound
LOUDEST = 1e6  # squares of samples must stay finite in float32
WINDOWS_PER_SECOND = 10


class Limits(NamedTuple):
    """How much of a stranger's file is decoded: its length and the time to decode it, s, and its channels."""

    seconds: float = math.inf
    channels: int | float = math.inf
    decoding: float = math.inf


NO_LIMITS = Limits()


@dataclass(frozen=True, eq=False)
class AudioInfo:
    """What `inspect` found: length in seconds, sampling rate in Hz, number of channels, and where there is sound.

    `levels` has half the peak-to-peak amplitude of the mono track in each window of `window` seconds, shape
    (n_windows,); it is NaN where a sample is not finite, and infinite where one is beyond all measure.
    """

    seconds: float
    sample_rate: int
    channels: int
    levels: np.ndarray

    @property
    def window(self) -> float:
        """Length of the windows of `levels`, s."""
        return _window(self.sample_rate) / self.sample_rate


def inspect(source: Path | bytes, *, limits: Limits = NO_LIMITS) -> AudioInfo:
    """Decode a whole file, or what is in one, block by block; find out how long it is and where there is sound.

    Raises
    ------
    TrackDecodeError
        If it is no regular file, is empty, does not decode, is shorter than `SHORTEST_SECONDS`, or beyond `limits`.
    """
    if not (source if isinstance(source, bytes) else regular_size(source)):  # as files of /proc, of which some block
        raise TrackDecodeError("the file is empty (0 bytes)")
    with open_audio(source) as stream:
        if stream.channels > limits.channels:
            raise TrackDecodeError(f"has {stream.channels} channels; at most {limits.channels} are taken")
        n_samples, levels = _levels(stream, limits)
    seconds = n_samples / stream.sample_rate
    if seconds < SHORTEST_SECONDS:
        raise TrackDecodeError(f"{seconds:.2f} s long; at least {SHORTEST_SECONDS:g} s are needed")
    return AudioInfo(seconds, stream.sample_rate, stream.channels, levels)


def regular_size(path: Path) -> int:
    """Return the bytes of a regular file; raise `TrackDecodeError` for anything else, such as a pipe or a device."""
    try:
        status = path.stat()
    except (OSError, ValueError) as error:  # ValueError: a name with a zero byte
        reason = getattr(error, "strerror", None) or str(error)
        raise TrackDecodeError(f"cannot be opened ({reason})") from error
    if not stat.S_ISREG(status.st_mode):
        raise TrackDecodeError("is no regular file")
    return status.st_size


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


def place_clip(info: AudioInfo, clip: float, part: Literal["start", "middle"]) -> float:
    """Return where the clip of so many seconds begins, s: at the start or in the middle, or else where there is music.

    A clip is used if at least half of it is louder than -80 dB of full scale, mono, and every sample is finite. Of the
    places where that holds, the nearest to the wanted one is taken.

    Raises
    ------
    TrackDecodeError
        If it holds nowhere.
    """
    latest = max(0.0, info.seconds - clip)
    wanted = latest / 2 if part == "middle" else 0.0
    starts = np.append(wanted, np.arange(0, latest, info.window))  # (n_places,), s
    last = len(info.levels)
    first = np.minimum(np.floor(starts / info.window + 1e-6).astype(int), last - 1)
    end = np.clip(np.ceil((starts + clip) / info.window - 1e-6).astype(int), first + 1, last)
    sounding, damaged = (
        np.concatenate([[0], np.cumsum(windows)])  # (n_windows + 1,)
        for windows in (info.levels > SILENCE, ~(info.levels <= LOUDEST))
    )
    whole = damaged[end] == damaged[first]
    share = (sounding[end] - sounding[first]) / (end - first)
    usable = np.flatnonzero(whole & (share >= SOUNDING))
    if not len(usable):
        raise TrackDecodeError(_why_not(info, whole, share, clip))
    return float(starts[usable[np.argmin(np.abs(starts[usable] - wanted))]])


def read_clip(source: Path | bytes, *, start: float, seconds: float, sr: int) -> np.ndarray:
    """Read one part of a track as mono, from `start` for so many seconds, at a sampling rate of `sr` Hz.

    Returns
    -------
    ndarray of shape (n_samples,)
        float32, mean of the channels; at most ``round(seconds * sr)`` samples, fewer where the track ends earlier.
    """
    with open_audio(source, start=start) as stream:
        missing, parts = round(seconds * stream.sample_rate), []
        for block in stream.blocks:
            parts.append(_mono(block[:missing]))
            missing -= len(parts[-1])
            if not missing:
                break
    mono = np.concatenate(parts) if parts else np.empty(0, dtype=np.float32)
    if stream.sample_rate != sr:
        import soxr

        mono = soxr.resample(mono, stream.sample_rate, sr)
    return np.ascontiguousarray(mono[: round(seconds * sr)], dtype=np.float32)


def _mono(block: np.ndarray) -> np.ndarray:
    mono: np.ndarray = block[:, 0] if block.shape[1] == 1 else block.mean(axis=1, dtype=np.float32)
    return mono


def _window(sample_rate: int) -> int:
    return max(1, sample_rate // WINDOWS_PER_SECOND)


def _levels(stream: AudioStream, limits: Limits) -> tuple[int, np.ndarray]:
    """Return the number of samples and the levels of all windows; the last may be shorter."""
    width, deadline = _window(stream.sample_rate), time.monotonic() + limits.decoding
    n_samples, levels, rest = 0, list[np.ndarray](), np.empty(0, dtype=np.float32)
    for block in stream.blocks:
        n_samples += len(block)
        if n_samples > limits.seconds * stream.sample_rate:
            raise TrackDecodeError(f"longer than {limits.seconds:g} s, which is the most that is taken")
        if time.monotonic() > deadline:
            raise TrackDecodeError(f"takes longer to decode than {limits.decoding:g} s")
        mono = np.concatenate([rest, _mono(block)])
        whole = len(mono) // width * width
        levels.append(_level(mono[:whole].reshape(-1, width)))
        rest = mono[whole:]
    if len(rest):
        levels.append(_level(rest[None]))
    return n_samples, np.concatenate(levels) if levels else np.empty(0, dtype=np.float32)


def _level(windows: np.ndarray) -> np.ndarray:
    """Return half the peak-to-peak amplitude of each row, NaN or infinite where a sample cannot be right."""
    with np.errstate(invalid="ignore", over="ignore"):
        level: np.ndarray = np.ptp(windows, axis=1) / 2 if windows.size else np.empty(len(windows), dtype=np.float32)
    level[np.abs(windows).max(axis=1, initial=0) > LOUDEST] = np.inf
    return level


def _why_not(info: AudioInfo, whole: np.ndarray, share: np.ndarray, clip: float) -> str:
    length = min(clip, info.seconds)
    if not whole.any():
        faulty = int(np.count_nonzero(~(info.levels <= LOUDEST)))
        what = "are not finite" if np.isnan(info.levels).any() else f"are beyond {LOUDEST:g} times full scale"
        return f"samples in {faulty} of its {len(info.levels)} tenths of a second {what}; no {length:.3g} s are whole"
    if not share.any():
        return "silent (no sound above -80 dB of full scale once its channels are mixed)"
    most = float(share[whole].max()) * length
    return f"mostly silent: no {length:.3g} s of it hold more than {most:.3g} s of sound above -80 dB of full scale"
