"""Decoders whose files lie about themselves, and every format that an installed ffmpeg writes."""

import io
import os
import re
import shutil
import struct
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from mlproject.corpus.audio_stream import AUDIO_SUFFIXES, BLOCK, open_audio
from mlproject.corpus.decoding import inspect, place_clip, read_clip
from mlproject.errors import TrackDecodeError

SR, SECONDS = 44100, 8.0


@pytest.fixture(scope="module")
def noise():
    """Noise that begins quietly, so that the first frame of an MP3 says nothing about the others."""
    samples = np.random.default_rng(0).normal(0, 0.1, round(SECONDS * SR)).astype(np.float32)
    samples[: SR // 2] *= 0.001
    return samples


@pytest.fixture(scope="module")
def ffmpeg(tmp_path_factory, noise):
    """Let ffmpeg write the noise to a file."""
    if shutil.which("ffmpeg") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("ffmpeg is not installed, and a run in CI needs it")
        pytest.skip("ffmpeg is not installed")
    folder = tmp_path_factory.mktemp("written")
    soundfile.write(folder / "noise.wav", noise, SR)

    def write(name, *options):
        path = folder / name
        command = ["ffmpeg", "-loglevel", "error", "-y", "-i", str(folder / "noise.wav"), *options]
        done = subprocess.run([*command, str(path)], capture_output=True, text=True, timeout=120, check=False)
        return path if done.returncode == 0 and path.exists() and path.stat().st_size else None

    return write


def seconds(path):
    return inspect(path).seconds


def altered(path, name, offset, content):
    """Write a copy in which some bytes are others."""
    content_before = bytearray(path.read_bytes())
    content_before[offset : offset + len(content)] = content
    copy = path.with_name(name)
    copy.write_bytes(content_before)
    return copy


def test_mp3_of_variable_bit_rate_without_a_table_of_contents_is_read_to_its_end(ffmpeg):
    path = ffmpeg("vbr.mp3", "-write_xing", "0", "-q:a", "2")
    assert seconds(path) == pytest.approx(SECONDS, abs=0.05)


def test_flac_to_a_pipe_and_flac_that_promises_years_are_as_long_as_they_are(ffmpeg):
    path = ffmpeg("good.flac")
    total = 8 + 10  # bytes before the field of 20, 3, 5 and 36 bits that ends with the number of samples
    field = int.from_bytes(path.read_bytes()[total : total + 8], "big") >> 36 << 36
    for name, samples in [("pipe.flac", 0), ("years.flac", 2**36 - 1)]:
        copy = altered(path, name, total, (field + samples).to_bytes(8, "big"))
        assert seconds(copy) == SECONDS
        assert len(read_clip(copy, start=2.0, seconds=4.0, sr=SR)) == 4 * SR


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 10**9])
def test_wav_whose_header_tells_another_length_is_as_long_as_it_is(tmp_path, noise, size):
    soundfile.write(tmp_path / "good.wav", noise, SR)
    copy = altered(tmp_path / "good.wav", "other.wav", 40, struct.pack("<I", size))
    assert seconds(copy) == pytest.approx(SECONDS, abs=0.001)


def test_songs_that_were_joined_are_read_to_the_last(ffmpeg, tmp_path):
    for suffix in ("mp3", "ogg"):
        path = ffmpeg(f"one.{suffix}", *(["-c:a", "libvorbis"] if suffix == "ogg" else []))
        (tmp_path / f"two.{suffix}").write_bytes(path.read_bytes() * 2)
        assert seconds(tmp_path / f"two.{suffix}") == pytest.approx(2 * SECONDS, abs=0.1)


def test_rate_and_channels_may_change_on_the_way(ffmpeg, tmp_path):
    first, second = ffmpeg("first.mp3"), ffmpeg("second.mp3", "-ar", "22050", "-ac", "2")
    path = tmp_path / "both.mp3"
    path.write_bytes(first.read_bytes() + second.read_bytes())
    info = inspect(path)
    assert (info.sample_rate, info.channels) == (SR, 1)
    assert info.seconds == pytest.approx(2 * SECONDS, abs=0.15)


@pytest.mark.parametrize("name", ["random.mp3", "random.wav", "random.flac", "random.m4a", "random.ogg"])
def test_random_bytes_do_not_decode(tmp_path, name):
    (tmp_path / name).write_bytes(np.random.default_rng(1).bytes(300_000))
    with pytest.raises(TrackDecodeError, match="does not decode"):
        inspect(tmp_path / name)


@pytest.mark.parametrize(
    "text", ["ffconcat version 1.0\nfile {}\n", "#EXTM3U\n#EXTINF:8,\n{}\n#EXT-X-ENDLIST\n", "file:{}", "{}"]
)
@pytest.mark.parametrize("suffix", ["wav", "mp3", "m3u8", "txt"])
def test_a_file_that_names_another_does_not_open_it(tmp_path, noise, text, suffix):
    secret = tmp_path / "secret.wav"
    soundfile.write(secret, noise, SR)
    path = tmp_path / f"list.{suffix}"
    path.write_text(text.format(secret))
    with pytest.raises(TrackDecodeError, match="does not decode"):
        inspect(path)


def test_more_channels_than_any_music_has_are_refused(tmp_path):
    soundfile.write(tmp_path / "many.wav", np.zeros((100, 200), dtype=np.float32), SR)
    with pytest.raises(TrackDecodeError, match="its header says 200 channels at 44,100 Hz"):
        inspect(tmp_path / "many.wav")


@pytest.mark.parametrize("suffix", ["wav", "flac", "mp3"])
def test_blocks_are_small_and_put_together_the_track(ffmpeg, suffix, noise):
    path = ffmpeg(f"blocks.{suffix}")
    with open_audio(path) as stream:
        blocks = list(stream.blocks)
    assert max(block.size for block in blocks) <= 2 * BLOCK
    assert {block.dtype for block in blocks} == {np.dtype(np.float32)}
    whole = np.concatenate(blocks)[:, 0]
    if suffix != "mp3":
        np.testing.assert_allclose(whole, noise, atol=1e-4)
    with open_audio(path, start=3.0) as stream:
        np.testing.assert_array_equal(np.concatenate(list(stream.blocks))[:, 0], whole[3 * SR :])


def test_memory_does_not_grow_with_the_length(tmp_path):
    """An hour of stereo has 1.3 GB of float32 samples."""
    hour = tmp_path / "hour.wav"
    with soundfile.SoundFile(hour, "w", 44100, 2, subtype="PCM_16") as file:
        minute = np.random.default_rng(0).normal(0, 0.1, (60 * 44100, 2))
        for _ in range(60):
            file.write(minute)
    code = (
        "import sys, resource; from pathlib import Path; from mlproject.corpus.decoding import *\n"
        "path = Path(sys.argv[1]); before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "start = place_clip(inspect(path), 30, 'middle'); read_clip(path, start=start, seconds=30, sr=22050)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    command, environment = (
        [sys.executable, "-c", code, str(hour)],
        os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert int(done.stdout) < 100_000  # KiB


def _formats():
    """Name the formats that ffmpeg writes audio to, each with its first suffix; none where it is not installed."""
    if shutil.which("ffmpeg") is None:
        return []

    def ask(*options):
        return subprocess.run(["ffmpeg", "-hide_banner", *options], capture_output=True, text=True, check=True).stdout

    found = []
    for name in re.findall(r"^\s+E (\S+)", ask("-muxers"), re.MULTILINE):
        told = ask("-h", f"muxer={name}")
        suffix = re.search(r"Common extensions: ([\w+]+)", told)
        if suffix and "Default audio codec" in told and f".{suffix[1]}" in AUDIO_SUFFIXES:
            found.append((name, suffix[1]))
    return found


@pytest.mark.slow
def test_every_format_that_ffmpeg_writes_is_read_and_not_shortened(ffmpeg):
    lengths = {}
    for name, suffix in _formats():
        for more in ([], ["-ar", "48000"], ["-ar", "16000", "-ac", "1"], ["-ar", "8000", "-ac", "1"]):
            path = ffmpeg(f"{name}.{suffix}", *more, "-strict", "-2", "-f", name)
            if path is None or not _ffmpeg_reads(path):  # it lacks an encoder, or wants a picture
                continue
            info = inspect(path)
            assert place_clip(info, 5.0, "middle") > 0
            lengths[name] = info.seconds
            break
    assert {name: length for name, length in lengths.items() if length < SECONDS - 0.05} == {}
    common = {"wav", "flac", "mp3", "ogg", "opus", "aiff", "ipod", "adts", "asf", "caf", "au", "w64", "wv", "tta"}
    assert common <= set(lengths)


def _ffmpeg_reads(path):
    command = ["ffmpeg", "-loglevel", "error", "-i", str(path), "-f", "null", "-"]
    return subprocess.run(command, capture_output=True, timeout=120, check=False).returncode == 0


@pytest.mark.parametrize("suffix", ["wav", "flac"])
def test_a_disk_that_fails_on_the_way_does_not_make_the_track_shorter(tmp_path, noise, monkeypatch, suffix):
    path, left = tmp_path / f"a.{suffix}", [200_000]
    soundfile.write(path, noise, SR)

    class Failing(io.FileIO):
        def read(self, size=-1):
            if left[0] < 0:
                raise OSError(5, "Input/output error")
            left[0] -= size
            return super().read(size)

    monkeypatch.setattr(type(path), "open", lambda self, mode: Failing(self, mode))
    with pytest.raises(TrackDecodeError, match=r"cannot be read \(Input/output error\)"):
        inspect(path)
