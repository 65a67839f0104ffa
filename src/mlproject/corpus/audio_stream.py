"""Audio file -> blocks of samples, however long it is: plain PCM by libsndfile, all else by FFmpeg's libraries.

No header is believed: blocks end where the samples end, and ask for no memory that a header promises. libsndfile does
believe headers of packed formats. It estimates the length of an MP3 from its first frame, which halves some with a
variable bit rate, hears the first of several Ogg streams alone, and cannot seek in a FLAC that was written to a pipe.
"""

import io
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from itertools import chain
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
import soundfile

from mlproject.errors import TrackDecodeError

__all__ = ["AUDIO_SUFFIXES", "AudioStream", "open_audio"]

# What libsndfile or FFmpeg decodes; not formats without a header, such as .gsm and .al, whose rate nobody knows.
_SUFFIXES = """
.3g2 .3ga .3gp .8svx .aa3 .aac .ac3 .adts .adx .afc .aif .aifc .aiff .amr .ape .apm .asf .ast .au .avi .bwf .caf .dff
.dsf .dts .dvd .eac3 .f4a .f4v .flac .flv .iff .ircam .isma .ismv .latm .loas .m2a .m2t .m2ts .m4a .m4b .m4p .m4r .m4v
.mka .mkv .mlp .mmf .mov .mp+ .mp1 .mp2 .mp3 .mp4 .mpa .mpc .mpeg .mpg .mts .mxf .nist .nut .oga .ogg .ogv .oma .opus
.paf .pvf .ra .rf64 .rm .rso .sbc .sf .shn .snd .sox .spdif .sph .spx .svx .swf .tak .thd .ts .tta .vag .vob .voc .w64
.wav .wave .weba .webm .wma .wmv .wtv .wv
"""
AUDIO_SUFFIXES = frozenset(_SUFFIXES.split())
# How files begin that may hold PCM. Asked about any other file, libsndfile searches it for an MPEG header.
PCM_MAGIC = frozenset(
    [b"RIFF", b"RIFX", b"RF64", b"riff", b"FORM", b".snd", b"dns.", b"caff", b"NIST", b" paf", b"fap "]
)
PCM = frozenset({"PCM_S8", "PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"})
PCM |= {"ALAC_16", "ALAC_20", "ALAC_24", "ALAC_32"}  # in CAF, of which FFmpeg drops the end
BLOCK = 1 << 17  # samples of all channels
LOWEST_RATE, HIGHEST_RATE = 1_000, 1_000_000  # Hz
MOST_CHANNELS = 64
MAY_OPEN_NOTHING_ELSE = {"protocol_whitelist": "none"}  # a playlist names files and addresses


class AudioStream(NamedTuple):
    """A track that is being decoded: its rate in Hz, its channels, blocks of float32 (n_samples, n_channels)."""

    sample_rate: int
    channels: int
    blocks: Iterator[np.ndarray]


@contextmanager
def open_audio(source: Path | bytes, *, start: float = 0.0) -> Iterator[AudioStream]:
    """Decode a file, or what is in one, from `start`, s, to its end.

    Raises
    ------
    TrackDecodeError
        If it does not decode; from the blocks, too.
    """
    streams = _sndfile(source, start) if _holds_pcm(source) else _ffmpeg(source, start)
    with closing(streams):
        stream = next(streams)
        if not (LOWEST_RATE <= stream.sample_rate <= HIGHEST_RATE and 0 < stream.channels <= MOST_CHANNELS):
            raise TrackDecodeError(
                f"does not decode (its header says {stream.channels:,} channels at {stream.sample_rate:,} Hz)"
            )
        yield stream


@contextmanager
def _reading(decoder: str) -> Iterator[None]:
    """Turn whatever a decoder raises on a damaged file into the reason for which this one track is not used.

    Decoders are code of others at work on unknown bytes, and raise anything. So all is caught, and hardly more than the
    calls of a decoder stands in such a block.
    """
    try:
        yield
    except TrackDecodeError:
        raise
    except Exception as error:
        reason = getattr(error, "strerror", None) or " ".join(str(error).split()) or type(error).__name__
        raise TrackDecodeError(f"does not decode ({decoder}: {reason})") from error


class _Quiet:
    """A file that raises nothing, since a decoder in C prints the traceback of an exception: a wrong seek is -1."""

    def __init__(self, file: IO[bytes]) -> None:
        self.tell, self._file = file.tell, file
        self.failure: OSError | None = None
        self.name = str(getattr(file, "name", ""))  # some formats show in their suffix alone

    def read(self, size: int) -> bytes:
        try:
            return self._file.read(size)
        except OSError as error:
            self.failure = error
            return b""

    def seek(self, offset: int, whence: int = 0) -> int:
        try:
            return self._file.seek(offset, whence)
        except (OSError, ValueError):
            return -1


@contextmanager
def _opened(source: Path | bytes) -> Iterator[_Quiet]:
    try:
        file = io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
    except OSError as error:
        raise TrackDecodeError(f"cannot be opened ({error.strerror})") from error
    with file:
        yield _Quiet(file)


def _whole(blocks: Iterator[np.ndarray], file: _Quiet) -> Iterator[np.ndarray]:
    """Yield all blocks; what was not decoded since its disk failed is not taken for the end of the track."""
    yield from blocks
    if file.failure is not None:
        raise TrackDecodeError(f"cannot be read ({file.failure.strerror})")


def _holds_pcm(source: Path | bytes) -> bool:
    with _opened(source) as file:
        if file.read(4) not in PCM_MAGIC:
            return False
        file.seek(0)
        try:
            with _reading("libsndfile"), soundfile.SoundFile(file) as opened:
                return bool(opened.subtype in PCM and opened.frames)  # some say 0 and go on to their end
        except TrackDecodeError:
            return False


def _sndfile(source: Path | bytes, start: float) -> Generator[AudioStream]:
    with _reading("libsndfile"), _opened(source) as content, soundfile.SoundFile(content) as file:
        file.seek(min(round(start * file.samplerate), file.frames))
        yield AudioStream(file.samplerate, file.channels, _whole(_sndfile_blocks(file), content))


def _sndfile_blocks(file: soundfile.SoundFile) -> Iterator[np.ndarray]:
    n_samples = max(1, BLOCK // max(1, file.channels))
    with _reading("libsndfile"):
        while len(block := file.read(n_samples, dtype="float32", always_2d=True)):
            yield block


def _ffmpeg(source: Path | bytes, start: float) -> Generator[AudioStream]:
    with _reading("FFmpeg"):
        import av

        with (
            _opened(source) as file,
            av.open(file, options=MAY_OPEN_NOTHING_ELSE, metadata_errors="ignore") as opened,
        ):
            if not opened.streams.audio:
                raise TrackDecodeError("does not decode (FFmpeg: there is no audio in it)")
            frames = _frames(opened)
            first = next(frames, None)
            if first is None:
                raise TrackDecodeError("does not decode (there is no sample in it)")
            rate, channels = first.sample_rate, first.layout.nb_channels
            blocks = _ffmpeg_blocks(first, frames)
            yield AudioStream(rate, channels, _whole(_skip(blocks, round(start * rate)), file))


def _frames(container: Any) -> Iterator[Any]:
    """Yield the frames of the first audio stream; damaged packets are passed over, unless they are the most."""
    from av import FFmpegError

    damaged, packets = 0, 0
    for packet in container.demux(container.streams.audio[0]):
        packets += 1
        try:
            frames = packet.decode()
        except FFmpegError:
            damaged += 1
            continue
        yield from frames
    if damaged > packets // 2:
        raise TrackDecodeError(f"does not decode (FFmpeg: {damaged} of {packets} packets are damaged)")


def _ffmpeg_blocks(first: Any, frames: Iterator[Any]) -> Iterator[np.ndarray]:
    """Yield samples in the rate and channels of the first frame; a track may change both on its way."""
    import av

    with _reading("FFmpeg"):
        rate, layout, given = first.sample_rate, first.layout, None
        waiting, size = list[np.ndarray](), 0
        for frame in chain([first], frames):
            if (frame.sample_rate, frame.layout.name, frame.format.name) != given:
                given = (frame.sample_rate, frame.layout.name, frame.format.name)
                converter = av.AudioResampler(format="flt", layout=layout, rate=rate)
            frame.pts = None
            for converted in converter.resample(frame):
                waiting.append(converted.to_ndarray().reshape(-1, layout.nb_channels))
                size += waiting[-1].size
            if size >= BLOCK:
                yield np.concatenate(waiting)
                waiting, size = [], 0
        if waiting:
            yield np.concatenate(waiting)


def _skip(blocks: Iterator[np.ndarray], n_samples: int) -> Iterator[np.ndarray]:
    for block in blocks:
        rest = block[n_samples:]
        n_samples = max(0, n_samples - len(block))
        if len(rest):
            yield rest
