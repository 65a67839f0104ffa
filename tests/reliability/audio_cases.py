"""Audio that lies, is damaged, is silent, or is in a format that is not everybody's."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import soundfile

from tests.reliability.outcomes import Case, Outcome, decoded

SR = 22050
AREA = "Audio"


@cache
def noise(seconds: float = 8.0, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.1, round(seconds * SR)).astype(np.float32)


def write(path: Path, samples: np.ndarray | None = None, sr: int = SR, **options: str) -> Path:
    soundfile.write(path, noise() if samples is None else samples, sr, **options)
    return path


def encode(path: Path, codec: str, *, container: str) -> Path:
    """Write noise with one of FFmpeg's encoders."""
    import av

    sr = 48000 if codec == "libopus" else 44100

    with av.open(str(path), "w", format=container) as file:
        stream = file.add_stream(codec, rate=sr, layout="mono")
        stream.bit_rate = 128_000
        frame = av.AudioFrame.from_ndarray(noise(8.0 * sr / SR)[None], format="flt", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = sr, 0, Fraction(1, sr)
        converter = av.AudioResampler(
            format=stream.format, layout="mono", rate=sr, frame_size=stream.frame_size or 1024
        )
        for part in [*converter.resample(frame), *converter.resample(None)]:
            file.mux(stream.encode(part))
        file.mux(stream.encode(None))
    return path


def patched(path: Path, offset: int, content: bytes) -> Path:
    whole = bytearray(path.read_bytes())
    whole[offset : offset + len(content)] = content
    path.write_bytes(whole)
    return path


def without_xing(folder: Path) -> Path:
    """Write an MP3 of variable bit rate, quiet at first, and drop its first frame, which has the table of contents."""
    samples = noise().copy()
    samples[: SR // 2] *= 0.001
    path = write(folder / "vbr.mp3", samples, format="MP3", compression_level=0.5, bitrate_mode="VARIABLE")
    content = path.read_bytes()
    following = content.index(b"\xff\xf3", 4)
    path.write_bytes(content[following:])
    return path


def flac_of(folder: Path, promised: int) -> Path:
    path = write(folder / "a.flac")
    field = int.from_bytes(path.read_bytes()[18:26], "big") >> 36 << 36
    return patched(path, 18, (field + promised).to_bytes(8, "big"))


def pause(before: float, quiet: float, after: float) -> np.ndarray:
    return np.concatenate([noise(before), np.zeros(round(quiet * SR), dtype=np.float32), noise(after)])


def nan_at(second: float) -> np.ndarray:
    samples = noise(20.0).copy()
    samples[round(second * SR)] = np.nan
    return samples


def random_bytes(path: Path) -> Path:
    path.write_bytes(np.random.default_rng(1).bytes(200_000))
    return path


def text(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def pipe(folder: Path) -> Path:
    os.mkfifo(folder / "song.wav")
    return folder / "song.wav"


def folder_named(folder: Path) -> Path:
    (folder / "song.wav").mkdir()
    return folder / "song.wav"


def linked(folder: Path, target: str) -> Path:
    (folder / "song.wav").symlink_to(target)
    return folder / "song.wav"


def cases() -> Iterator[Case]:
    def case(what: str, make: Callable[[Path], Path], clip: float = 3.0) -> Case:
        def run(folder: Path) -> Outcome:
            return decoded(make(folder), clip=clip)

        return Case(AREA, what, run)

    for suffix in ("wav", "flac", "ogg", "mp3", "aiff", "au", "caf", "w64", "rf64"):
        yield case(f"a good .{suffix}", lambda folder, suffix=suffix: write(folder / f"a.{suffix}"))  # type: ignore[misc]
    for suffix, codec, container in (
        ("m4a", "aac", "ipod"),
        ("m4a", "alac", "ipod"),
        ("aac", "aac", "adts"),
        ("opus", "libopus", "ogg"),
        ("wma", "wmav2", "asf"),
        ("wv", "wavpack", "wv"),
        ("ac3", "ac3", "ac3"),
        ("mp2", "mp2", "mp2"),
        ("mka", "libopus", "matroska"),
        ("webm", "libopus", "webm"),
    ):
        yield case(
            f"a good .{suffix} ({codec})",
            lambda folder, s=suffix, c=codec, k=container: encode(folder / f"a.{s}", c, container=k),  # type: ignore[misc]
        )
    yield case("an MP3 of variable bit rate without a table of contents", without_xing)
    yield case("a FLAC whose header promises 2^36 samples (256 GiB)", lambda folder: flac_of(folder, 2**36 - 1))
    yield case("a FLAC that was written to a pipe (length unknown)", lambda folder: flac_of(folder, 0))
    yield case("a WAV whose header says 0 bytes", lambda f: patched(write(f / "a.wav"), 40, bytes(4)))
    yield case("a WAV whose header says 4 GiB", lambda f: patched(write(f / "a.wav"), 40, b"\xff" * 4))
    yield case("a WAV of 0 Hz", lambda f: patched(write(f / "a.wav"), 24, bytes(4)))
    yield case("a WAV of 4 GHz", lambda f: patched(write(f / "a.wav"), 24, struct.pack("<I", 4_000_000_000)))
    yield case("a WAV of 0 channels", lambda f: patched(write(f / "a.wav"), 22, bytes(2)))
    yield case("a WAV of 200 channels", lambda f: write(f / "a.wav", np.zeros((SR, 200), dtype=np.float32)))
    yield case("a WAV with a format that nobody knows", lambda f: patched(write(f / "a.wav"), 20, b"\x77\x77"))
    yield case("a WAV that was cut in half", lambda f: text(f / "b.wav", write(f / "a.wav").read_bytes()[:180_000]))
    yield case(
        "a WAV of which the header alone is left", lambda f: text(f / "b.wav", write(f / "a.wav").read_bytes()[:44])
    )
    yield case("an MP3 that was cut in half", lambda f: text(f / "b.mp3", write(f / "a.mp3").read_bytes()[:30_000]))
    yield case("two MP3 in one file", lambda f: text(f / "b.mp3", write(f / "a.mp3").read_bytes() * 2))
    yield case("two Ogg in one file", lambda f: text(f / "b.ogg", write(f / "a.ogg").read_bytes() * 2))
    yield case("an MP3 with the suffix .wav", lambda f: write(f / "a.mp3").rename(f / "a.wav"))
    yield case("a WAV with the suffix .mp3", lambda f: write(f / "a.wav").rename(f / "a.mp3"))
    yield case(
        "a WAV with 100 kB of garbage at its end",
        lambda f: text(f / "b.wav", write(f / "a.wav").read_bytes() + bytes(100_000)),
    )
    yield case(
        "an MP3 after 50 kB of an ID3 picture",
        lambda f: text(f / "b.mp3", _id3(50_000) + write(f / "a.mp3").read_bytes()),
    )
    for suffix in ("mp3", "wav", "flac", "ogg", "m4a", "wma"):
        yield case(f"random bytes named .{suffix}", lambda folder, s=suffix: random_bytes(folder / f"a.{s}"))  # type: ignore[misc]
    yield case("an empty file", lambda f: text(f / "a.mp3", b""))
    yield case("a web page named .mp3", lambda f: text(f / "a.mp3", "<!DOCTYPE html><html>404 not found</html>" * 50))
    yield case(
        "a playlist named .wav that names another file",
        lambda f: text(f / "a.wav", f"#EXTM3U\n#EXTINF:8,\n{write(f / 'b.wav')}\n"),
    )
    yield case(
        "an ffconcat script named .wav",
        lambda f: text(f / "a.wav", f"ffconcat version 1.0\nfile {write(f / 'b.wav')}\n"),
    )
    yield case("0.5 s of music", lambda f: write(f / "a.wav", noise(0.5)))
    yield case("silence", lambda f: write(f / "a.wav", np.zeros(8 * SR)))
    yield case("one constant value", lambda f: write(f / "a.wav", np.full(8 * SR, 0.5)))
    yield case("channels that cancel each other", lambda f: write(f / "a.wav", np.stack([noise(), -noise()], axis=1)))
    yield case("4 s of music, 90 s of silence, 4 s of music", lambda f: write(f / "a.wav", pause(4, 90, 4)), clip=30)
    yield case("30 s of music, 90 s of silence", lambda f: write(f / "a.wav", pause(30, 90, 0)), clip=30)
    yield case("NaN in the middle of 20 s", lambda f: write(f / "a.wav", nan_at(10), subtype="FLOAT"))
    yield case(
        "NaN in the middle of 20 s, all of which is needed",
        lambda f: write(f / "a.wav", nan_at(10), subtype="FLOAT"),
        clip=20,
    )
    yield case("samples of 10^30", lambda f: write(f / "a.wav", noise() * 1e31, subtype="FLOAT"))
    yield case("a pipe named .wav", pipe)
    yield case("a folder named song.wav", folder_named)
    yield case("a link to a device", lambda f: linked(f, "/dev/zero"))
    yield case("a link to a file of /proc that blocks", lambda f: linked(f, "/proc/kmsg"))
    yield case("a link to nothing", lambda f: linked(f, "nowhere.wav"))


def _id3(size: int) -> bytes:
    digits = bytes((size >> shift) & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\0\0" + digits + bytes(size)
