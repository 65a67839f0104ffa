"""One clip of audio -> MFCC frames and statistics, with librosa."""

from functools import lru_cache
from typing import NamedTuple

import librosa
import numpy as np

from mlproject.config.data import AudioConfig

__all__ = ["ClipFeatures", "clip_features", "frame_count", "mfcc_frames", "statistics_names"]

SUMMARIES = ("mean", "sd", "p10", "p90")


class ClipFeatures(NamedTuple):
    """Features of one clip."""

    mfcc: np.ndarray | None  # (n_mfcc, n_frames) or None: dB; None for a clip that is too short
    statistics: np.ndarray  # (n_statistics,): named by `statistics_names`


def frame_count(seconds: float, *, sr: int, config: AudioConfig) -> int:
    """Return the number of frames of a clip, the analysis windows centred (30 s at 22,050 Hz: 1292)."""
    return 1 + round(seconds * sr) // config.hop_length


def clip_features(samples: np.ndarray, *, sr: int, n_frames: int | None, config: AudioConfig) -> ClipFeatures:
    """Compute all features of one clip from one spectrogram.

    Parameters
    ----------
    samples : ndarray of shape (n_samples,)
        float32, mono, at `sr` Hz.
    n_frames : int or None
        Frames that the MFCC of every clip of the corpus have; the last one is repeated where some are missing. None
        for a clip that is too short to have them.
    """
    power = _power_spectrogram(samples, config)  # (1 + n_fft / 2, n_frames)
    mel = _mel_basis(sr, config.n_fft, config.n_mels) @ power
    mfcc = librosa.feature.mfcc(S=librosa.power_to_db(mel), n_mfcc=config.n_mfcc)
    frames = _frame_features(samples, power, mfcc, sr, config)
    tempo = _tempo(mel, sr, config)
    # One number per row of frames and summary, then the tempo.
    statistics = np.append(_summarise(frames), tempo).astype(np.float32)
    return ClipFeatures(_fit_frames(mfcc, n_frames), statistics)


def mfcc_frames(samples: np.ndarray, *, sr: int, n_frames: int | None, config: AudioConfig) -> np.ndarray | None:
    """Compute the MFCC frames alone, dB, as ``librosa.feature.mfcc``, cut or padded; see `clip_features`."""
    mel = _mel_basis(sr, config.n_fft, config.n_mels) @ _power_spectrogram(samples, config)
    return _fit_frames(librosa.feature.mfcc(S=librosa.power_to_db(mel), n_mfcc=config.n_mfcc), n_frames)


def statistics_names(config: AudioConfig) -> list[str]:
    """Name the columns of the statistics, such as ``mfcc_3_mean`` or ``tempo``."""
    rows = [f"{kind}_{i}" for kind in ("mfcc", "mfcc_delta", "mfcc_delta2") for i in range(1, config.n_mfcc + 1)]
    rows += [f"chroma_{i}" for i in range(1, 13)] + [f"contrast_{i}" for i in range(1, 8)]
    rows += ["centroid", "bandwidth", "rolloff", "zero_crossing_rate", "rms"]
    return [f"{row}_{summary}" for summary in SUMMARIES for row in rows] + ["tempo"]


@lru_cache(maxsize=4)
def _mel_basis(sr: int, n_fft: int, n_mels: int) -> np.ndarray:
    # librosa computes it anew in each call, a quarter of the time of a clip.
    basis: np.ndarray = librosa.filters.mel(sr=sr, n_fft=n_fft, n_mels=n_mels)
    return basis


def _power_spectrogram(samples: np.ndarray, config: AudioConfig) -> np.ndarray:
    spectrum = librosa.stft(samples, n_fft=config.n_fft, hop_length=config.hop_length)
    power: np.ndarray = spectrum.real**2 + spectrum.imag**2
    return power


def _fit_frames(mfcc: np.ndarray, n_frames: int | None) -> np.ndarray | None:
    if n_frames is None:
        return None
    # A clip may be shorter by 1 %: its last frame is repeated.
    missing = max(n_frames - mfcc.shape[1], 0)
    padded = np.pad(mfcc[:, :n_frames], ((0, 0), (0, missing)), mode="edge")
    return np.ascontiguousarray(padded, dtype=np.float32)


def _frame_features(
    samples: np.ndarray, power: np.ndarray, mfcc: np.ndarray, sr: int, config: AudioConfig
) -> np.ndarray:
    """Stack all features by frame, shape (n_features, n_frames), in the order of `statistics_names`."""
    magnitude, hop, feature = np.sqrt(power), config.hop_length, librosa.feature
    width = min(9, mfcc.shape[1] - (mfcc.shape[1] + 1) % 2)  # librosa's 9 frames, or the longest odd number there is
    rows = [
        mfcc,
        feature.delta(mfcc, width=width),
        feature.delta(mfcc, order=2, width=width),
        feature.chroma_stft(S=power, sr=sr, n_fft=config.n_fft, tuning=0.0),
        feature.spectral_contrast(S=magnitude, sr=sr, n_fft=config.n_fft),
        feature.spectral_centroid(S=magnitude, sr=sr, n_fft=config.n_fft),
        feature.spectral_bandwidth(S=magnitude, sr=sr, n_fft=config.n_fft),
        feature.spectral_rolloff(S=magnitude, sr=sr, n_fft=config.n_fft),
        feature.zero_crossing_rate(samples, frame_length=config.n_fft, hop_length=hop),
        feature.rms(S=magnitude, frame_length=config.n_fft),
    ]
    return np.vstack([row[:, : mfcc.shape[1]] for row in rows])


def _summarise(frames: np.ndarray) -> np.ndarray:
    """Summaries that no order of the frames changes, in the order of `SUMMARIES`."""
    # (n_features, n_frames) -> 4 x (n_features,)
    low, high = np.percentile(frames, [10, 90], axis=1)
    return np.concatenate([frames.mean(axis=1), frames.std(axis=1), low, high])


def _tempo(mel: np.ndarray, sr: int, config: AudioConfig) -> float:
    onsets = librosa.onset.onset_strength(S=librosa.power_to_db(mel), sr=sr, hop_length=config.hop_length)
    return float(librosa.feature.tempo(onset_envelope=onsets, sr=sr, hop_length=config.hop_length)[0])
