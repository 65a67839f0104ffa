"""Features of many clips, in parallel."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

import numpy as np

from mlproject.config.data import AudioConfig
from mlproject.corpus import audio_stream, decoding
from mlproject.features import audio
from mlproject.features.audio import ClipFeatures, clip_features
from mlproject.features.caching import code_hash, content_key, versions

__all__ = ["Clip", "audio_key", "extract_audio"]

Progress = Callable[[Iterable[Any]], Iterable[Any]]


class Clip(Protocol):
    """A part of a track that can be read; nothing about it but its sound."""

    @property
    def complete(self) -> bool:
        """Whether it is long enough for MFCC frames."""

    def read(self) -> np.ndarray:
        """Return float32 samples of shape (n_samples,)."""


def audio_key(checksum: str, *, start: float, seconds: float, sr: int, config: AudioConfig) -> str:
    """Return the key of one clip's features."""
    libraries = versions("librosa", "numpy", "scipy", "soundfile", "av", "soxr")
    code = code_hash(audio.__file__, audio_stream.__file__, decoding.__file__)
    return content_key(checksum, start, seconds, sr, config.model_dump(), libraries, code)


def extract_audio(
    clips: Sequence[Clip],
    *,
    sr: int,
    n_frames: int,
    config: AudioConfig,
    compute: Callable[..., Any] = clip_features,
    n_jobs: int = -1,
    progress: Progress = iter,
) -> list[ClipFeatures]:
    """Compute features of many clips, of `sr` Hz, in so many processes; -1 uses all cores, one thread each.

    The MFCC matrix of each complete clip gets `n_frames`. `compute` may be `mfcc_frames`, for those alone.
    """
    from joblib import Parallel, delayed

    from mlproject.threads import limit_threads

    if len(clips) < 16 or n_jobs == 1:  # processes take longer to start than so few clips to compute
        with limit_threads(1):  # as in the processes: with another number of threads, sums round otherwise
            return [_one(compute, clip, sr, n_frames, config) for clip in progress(clips)]
    parallel = Parallel(n_jobs=n_jobs, return_as="generator", batch_size=8, inner_max_num_threads=1, backend="loky")
    return list(progress(parallel(delayed(_one)(compute, clip, sr, n_frames, config) for clip in clips)))


def _one(compute: Callable[..., Any], clip: Clip, sr: int, n_frames: int, config: AudioConfig) -> Any:
    return compute(clip.read(), sr=sr, n_frames=n_frames if clip.complete else None, config=config)
