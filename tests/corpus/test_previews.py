"""Clips to listen to: short, compressed, from the middle of what was heard, and encoded once."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile

from mlproject.corpus.previews import listening_clip

SR = 22050


@pytest.fixture
def scale(tmp_path, tone):
    """20 s whose pitch rises by 100 Hz each second, in stereo at 44.1 kHz."""
    path = tmp_path / "0123456789abcdef.wav"
    steps = [tone(1.0, sr=44100, frequency=200 + 100 * second) for second in range(20)]
    soundfile.write(path, np.tile(np.concatenate(steps)[:, None], (1, 2)), 44100)
    return path


def heard(content):
    samples, sr = soundfile.read(io.BytesIO(content), dtype="float32", always_2d=True)
    assert sr == SR
    return samples


def pitch(samples, second):
    part = samples[round((second + 0.25) * SR) : round((second + 0.75) * SR), 0]
    return np.abs(np.fft.rfft(part)).argmax() * SR / len(part)


def test_a_clip_is_six_seconds_of_mp3_from_the_middle_of_what_was_heard(scale, tmp_path):
    content = listening_clip(scale, start=5.0, seconds=10.0, cache=tmp_path / "clips")
    samples = heard(content)
    assert samples.shape[1] == 1
    assert len(samples) / SR == pytest.approx(6.0, abs=0.1)  # MP3 pads to whole frames
    assert soundfile.info(io.BytesIO(content)).format == "MP3"
    assert len(content) < 60_000
    for second in (0, 2, 5):  # the clip begins at 5 + (10 - 6) / 2 = 7 s
        assert pitch(samples, second) == pytest.approx(200 + 100 * (7 + second), abs=5)


def test_a_short_track_is_heard_whole(write_tone, tmp_path):
    path = write_tone(tmp_path / "short.wav", 2.5)
    samples = heard(listening_clip(path, start=0.0, seconds=2.5, cache=tmp_path / "clips"))
    assert len(samples) / SR == pytest.approx(2.5, abs=0.1)


def test_a_clip_is_encoded_once(scale, tmp_path):
    cache = tmp_path / "clips"
    first = listening_clip(scale, start=0.0, seconds=10.0, cache=cache)
    scale.unlink()
    assert listening_clip(scale, start=0.0, seconds=10.0, cache=cache) == first
    assert len(list(cache.iterdir())) == 1


def test_other_content_and_another_part_are_other_clips(scale, tmp_path, write_tone):
    cache, other = tmp_path / "clips", write_tone(tmp_path / "fedcba9876543210.wav", 12.0)
    found = [
        listening_clip(path, start=start, seconds=10.0, cache=cache)
        for path, start in ((scale, 0.0), (scale, 2.0), (other, 0.0))
    ]
    assert len(set(found)) == len(list(cache.iterdir())) == 3


def test_the_same_clip_is_the_same_bits(scale, tmp_path):
    one, two = (listening_clip(scale, start=0.0, seconds=20.0, cache=tmp_path / name) for name in ("one", "two"))
    assert one == two
