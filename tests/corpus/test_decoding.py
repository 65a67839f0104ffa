import os
import shutil
import struct
import wave

import audioread
import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from mlproject.corpus.decoding import clip_length, clip_start, fills_clip, inspect, read_clip
from mlproject.errors import TrackDecodeError

# What libsndfile cannot read goes on to audioread, which imports modules that Python 3.11 deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:'(aifc|audioop|sunau)' is deprecated:DeprecationWarning")
SR = 22050


@pytest.fixture(params=["with ffmpeg", "without ffmpeg"], autouse=True)
def decoders(request, monkeypatch, tmp_path_factory):
    """Run each test on a machine that has ffmpeg and on one that has not."""
    if request.param == "with ffmpeg" and shutil.which("ffmpeg") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("ffmpeg is not installed, and a run in CI needs it")
        pytest.skip("ffmpeg is not installed")
    if request.param == "without ffmpeg":
        monkeypatch.setenv("PATH", str(tmp_path_factory.mktemp("empty")))
    audioread.available_backends(flush_cache=True)
    yield
    monkeypatch.undo()
    audioread.available_backends(flush_cache=True)


def write(path, samples, sr=SR, subtype="FLOAT"):
    soundfile.write(path, np.asarray(samples, dtype=np.float32), sr, subtype=subtype)
    return path


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.ogg", "a.mp3", "a.au"])
@pytest.mark.parametrize(("sr", "channels"), [(22050, 1), (44100, 2)])
def test_inspect_tells_length_rate_and_channels(tmp_path, write_tone, name, sr, channels):
    info = inspect(write_tone(tmp_path / name, 1.5, sr=sr, channels=channels))
    assert info.seconds == pytest.approx(1.5, abs=0.06)  # MP3 pads to whole frames
    assert (info.sample_rate, info.channels) == (sr, channels)


@pytest.mark.parametrize(
    ("content", "reason"), [(b"", r"the file is empty \(0 bytes\)"), (b"no audio" * 5000, "does not decode")]
)
@pytest.mark.parametrize("suffix", ["wav", "flac", "mp3", "ogg", "m4a"])
def test_file_without_audio_is_refused(tmp_path, content, reason, suffix):
    path = tmp_path / f"bad.{suffix}"
    path.write_bytes(content)
    with pytest.raises(TrackDecodeError, match=reason):
        inspect(path)


@pytest.mark.parametrize(
    "error",
    [
        ValueError("negative count"),
        MemoryError(),
        ZeroDivisionError("division by zero"),
        RuntimeError("internal error"),
        OSError("Invalid argument"),
        AssertionError("no such chunk"),
        IndexError("index out of range"),
        TypeError("an integer is required"),
        struct.error("unpack requires a buffer of 4 bytes"),
        wave.Error("unknown format"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_whatever_a_decoder_raises_is_the_reason_for_which_the_track_is_refused(
    tmp_path, write_tone, monkeypatch, error
):
    path = write_tone(tmp_path / "a.wav")

    def fail(*_, **__):
        raise error

    monkeypatch.setattr(soundfile.SoundFile, "read", fail)
    monkeypatch.setattr(audioread, "audio_open", fail)
    with pytest.raises(TrackDecodeError, match=str(error) or type(error).__name__):
        inspect(path)


@pytest.mark.parametrize(("offset", "name"), [(22, "channels"), (24, "rate")])
def test_header_that_says_zero_is_refused(tmp_path, write_tone, offset, name):
    path = write_tone(tmp_path / f"zero {name}.wav")
    content = bytearray(path.read_bytes())
    content[offset : offset + 2] = bytes(2)
    path.write_bytes(content)
    with pytest.raises(TrackDecodeError, match="does not decode"):
        inspect(path)


def test_au_file_without_its_header_is_refused(tmp_path, write_tone):
    path = write_tone(tmp_path / "broken.au", 4.0)
    path.write_bytes(bytes(24) + path.read_bytes()[24:])
    with pytest.raises(TrackDecodeError, match="does not decode"):
        inspect(path)


def test_header_without_samples_is_refused(tmp_path, write_tone):
    path = write_tone(tmp_path / "cut.wav")
    path.write_bytes(path.read_bytes()[:44])
    with pytest.raises(TrackDecodeError, match="no sample decodes"):
        inspect(path)


def test_track_that_was_cut_off_is_as_long_as_what_is_left(tmp_path, write_tone):
    path = write_tone(tmp_path / "cut.wav", 4.0)
    path.write_bytes(path.read_bytes()[: 44 + 2 * 2 * SR])
    assert inspect(path).seconds == pytest.approx(2.0)


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_samples_that_are_not_finite_are_refused_and_counted(tmp_path, tone, wrong):
    samples = tone()
    samples[[5, 50]] = wrong
    with pytest.raises(TrackDecodeError, match="2 of 44,100 samples are not finite"):
        inspect(write(tmp_path / "nan.wav", samples))


@pytest.mark.parametrize("level", [0.0, 9e-5])
def test_silence_is_refused(tmp_path, level):
    with pytest.raises(TrackDecodeError, match="silent"):
        inspect(write(tmp_path / "silent.wav", np.full(2 * SR, level)))


def test_quiet_track_is_taken(tmp_path):
    assert inspect(write(tmp_path / "quiet.wav", np.full(2 * SR, 2e-4))).seconds == 2


def test_shortest_track_is_one_second_long(tmp_path, write_tone):
    assert inspect(write_tone(tmp_path / "one.wav", 1.0)).seconds == 1
    with pytest.raises(TrackDecodeError, match=r"0.99 s long; at least 1 s are needed"):
        inspect(write_tone(tmp_path / "less.wav", 0.99))


def test_clip_is_the_part_that_was_asked_for(tmp_path, rng):
    samples = rng.uniform(-1, 1, 3 * SR).astype(np.float32)
    clip = read_clip(write(tmp_path / "a.wav", samples), start=0.5, seconds=1.0, sr=SR)
    assert clip.dtype == np.float32
    np.testing.assert_array_equal(clip, samples[SR // 2 : SR // 2 + SR])


def test_clip_ends_where_its_track_ends(tmp_path, tone):
    path = write(tmp_path / "a.wav", tone(1.5))
    assert len(read_clip(path, start=0.0, seconds=30.0, sr=SR)) == 1.5 * SR


def test_stereo_becomes_the_mean_of_its_channels(tmp_path, tone):
    left, right = tone(1.0, frequency=300), tone(1.0, frequency=500)
    path = write(tmp_path / "a.wav", np.stack([left, right], axis=1))
    np.testing.assert_allclose(read_clip(path, start=0, seconds=1.0, sr=SR), (left + right) / 2, atol=1e-7)


@pytest.mark.parametrize("native", [8000, 16000, 44100, 48000])
def test_other_sampling_rates_are_brought_to_the_wanted_one(tmp_path, tone, native):
    path = write(tmp_path / "a.wav", tone(2.0, sr=native), native)
    clip = read_clip(path, start=0.0, seconds=2.0, sr=SR)
    assert clip.dtype == np.float32
    assert len(clip) == pytest.approx(2 * SR, abs=1)
    inner = slice(500, 2 * SR - 500)  # a resampling filter rings at the ends
    np.testing.assert_allclose(clip[inner], tone(2.0)[inner], atol=2e-3)


@pytest.mark.parametrize(
    ("seconds", "clip", "part", "start"),
    [(40.0, 30.0, "middle", 5.0), (40.0, 30.0, "start", 0.0), (29.8, 30.0, "middle", 0.0), (30.0, 30.0, "middle", 0.0)],
)
def test_clip_begins_at_the_start_or_so_that_it_is_the_middle(seconds, clip, part, start):
    assert clip_start(seconds, clip, part) == start


@pytest.mark.parametrize(
    ("seconds", "wanted", "length"),
    [
        ([30.0, 30.65, 29.93], 30.0, 30.0),
        ([10.0, 10.0, 60.0], 30.0, 10.0),
        ([29.934] * 3, 30.0, 30.0),
        ([25.4] * 3, 30.0, 25.0),
        ([1.15] * 3, 30.0, 1.0),
        ([100.0], 30.0, 30.0),
        ([], 30.0, 30.0),
    ],
)
def test_clips_are_as_long_as_wanted_or_as_the_median_track(seconds, wanted, length):
    assert clip_length(iter(seconds), asked=wanted) == length


@given(st.lists(st.floats(1, 1000), min_size=1), st.floats(1, 600))
def test_half_of_all_tracks_fill_the_clip(seconds, wanted):
    clip = clip_length(seconds, asked=wanted)
    assert 0 < clip <= wanted
    assert 2 * sum(fills_clip(length, clip) for length in seconds) >= len(seconds)


@pytest.mark.parametrize(("seconds", "fills"), [(30.0, True), (45.0, True), (29.7, True), (29.69, False), (1.0, False)])
def test_one_percent_may_be_missing(seconds, fills):
    assert fills_clip(seconds, 30.0) is fills
