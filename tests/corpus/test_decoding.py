import os
import struct
import wave

import av
import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from mlproject.corpus.decoding import AudioInfo, Limits, clip_length, fills_clip, inspect, place_clip, read_clip
from mlproject.errors import TrackDecodeError

SR = 22050


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
    monkeypatch.setattr(av, "open", fail)
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
    with pytest.raises(TrackDecodeError, match="there is no sample in it"):
        inspect(path)


def test_track_that_was_cut_off_is_as_long_as_what_is_left(tmp_path, write_tone):
    path = write_tone(tmp_path / "cut.wav", 4.0)
    path.write_bytes(path.read_bytes()[: 44 + 2 * 2 * SR])
    assert inspect(path).seconds == pytest.approx(2.0)


def placed(path, seconds=30.0, part="middle"):
    return place_clip(inspect(path), seconds, part)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, 1e7])
def test_clip_is_taken_where_every_sample_is_right(tmp_path, tone, wrong):
    samples = tone(20.0)
    samples[10 * SR] = wrong
    path = write(tmp_path / "nan.wav", samples)
    start = placed(path, 8.0)
    assert start == pytest.approx(2.0, abs=0.11)
    assert np.isfinite(read_clip(path, start=start, seconds=8.0, sr=SR)).all()
    with pytest.raises(TrackDecodeError, match=r"samples in 1 of its 200 tenths of a second are .*; no 15 s are whole"):
        placed(path, 15.0)


@pytest.mark.parametrize("level", [0.0, 9e-5])
def test_silence_is_refused(tmp_path, tone, level):
    with pytest.raises(TrackDecodeError, match="silent"):
        placed(write(tmp_path / "silent.wav", level * tone() / np.abs(tone()).max()))


def test_constant_samples_and_channels_that_cancel_are_silence(tmp_path, tone):
    with pytest.raises(TrackDecodeError, match="silent"):
        placed(write(tmp_path / "constant.wav", np.full(2 * SR, 0.5)))
    with pytest.raises(TrackDecodeError, match="silent"):
        placed(write(tmp_path / "opposite.wav", np.stack([tone(), -tone()], axis=1)))


def test_quiet_track_is_taken(tmp_path, tone):
    assert placed(write(tmp_path / "quiet.wav", 2e-4 * tone() / np.abs(tone()).max())) == 0


def test_clip_moves_from_a_silent_middle_to_where_there_is_music(tmp_path, tone):
    quiet = np.zeros(40 * SR, dtype=np.float32)
    path = write(tmp_path / "pause.wav", np.concatenate([tone(20.0), quiet, tone(4.0)]))
    start = placed(path, 30.0)
    assert start == pytest.approx(5.0, abs=0.11)  # 15 of its 30 s sound
    assert placed(path, 30.0, "start") == 0


def test_track_that_is_silent_but_for_its_ends_says_how_much_sounds(tmp_path, tone):
    quiet = np.zeros(90 * SR, dtype=np.float32)
    path = write(tmp_path / "gap.wav", np.concatenate([tone(4.0), quiet, tone(4.0)]))
    with pytest.raises(TrackDecodeError, match=r"mostly silent: no 30 s of it hold more than 4 s of sound"):
        placed(path)


@given(
    st.lists(st.booleans(), min_size=10, max_size=300),
    st.floats(1.0, 40.0),
    st.sampled_from(["start", "middle"]),
)
def test_a_placed_clip_lies_in_its_track_and_sounds(sounds, clip, part):
    levels = np.where(sounds, 0.1, 0.0).astype(np.float32)
    info = AudioInfo(len(sounds) / 10, SR, 1, levels)
    try:
        start = place_clip(info, clip, part)
    except TrackDecodeError:
        return
    assert 0 <= start <= max(0.0, info.seconds - clip) + 1e-9
    covered = levels[int(start * 10 + 1e-6) : int(np.ceil((start + clip) * 10 - 1e-6))]
    assert 2 * np.count_nonzero(covered) >= len(covered)


def test_limits_of_a_strangers_file(tmp_path, tone):
    path = write(tmp_path / "a.wav", np.stack([tone(5.0)] * 3, axis=1))
    with pytest.raises(TrackDecodeError, match="longer than 4 s"):
        inspect(path, limits=Limits(seconds=4))
    with pytest.raises(TrackDecodeError, match="has 3 channels; at most 2"):
        inspect(path, limits=Limits(channels=2))
    with pytest.raises(TrackDecodeError, match="takes longer to decode than 0 s"):
        inspect(path, limits=Limits(decoding=0))
    assert inspect(path, limits=Limits(5, 3, 60)).channels == 3


@pytest.mark.parametrize("make", ["folder", "pipe", "missing", "long name", "zero byte"])
def test_nothing_but_a_regular_file_is_opened(tmp_path, make):
    path = tmp_path / {"long name": "n" * 300, "zero byte": "a\0b"}.get(make, "song.wav")
    if make == "folder":
        path.mkdir()
    elif make == "pipe":
        os.mkfifo(path)  # opening it would wait for ever
    with pytest.raises(TrackDecodeError, match=r"is no regular file|cannot be opened"):
        inspect(path)


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
    info = AudioInfo(seconds, SR, 1, np.full(round(seconds * 10), 0.1))
    assert place_clip(info, clip, part) == start


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
