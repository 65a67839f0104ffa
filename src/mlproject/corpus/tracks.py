"""What a corpus is: a list of tracks, their audio files or features, and perhaps words of their own."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple, Protocol

__all__ = ["AudioCorpus", "Corpus", "Track", "Words"]


@dataclass(frozen=True)
class Track:
    """One track of a corpus."""

    track_id: str  # name that is unique in the corpus. It may carry the genre, so no array depends on it.
    genre: str | None  # None where it is not known
    # Where the audio lies in the corpus's root, with forward slashes; in a table, what the row is called there.
    name: str
    size: int  # bytes of that file, or of the row's features
    # The track's known fault, such as being identical to another; it is used only where the user asks for it.
    fault: str | None = None
    unusable: str | None = None  # why the track cannot be used at all
    artist: str | None = None  # who made it, where the corpus itself knows

    @property
    def suffix(self) -> str:
        """Kind of audio file, such as ``.wav``, in lower case."""
        return "." + self.name.rsplit(".", 1)[-1].lower()


class Words(NamedTuple):
    """Words by track id; the ids of tracks whose text cannot be read, and why; notes for the user, a line each."""

    by_track: dict[str, str]
    refused: Mapping[str, str] = MappingProxyType({})
    notes: Sequence[str] = ()


class Corpus(Protocol):
    """A collection of tracks."""

    holds: Literal["audio", "statistics"]  # what there is of each track: a file of audio, or a row of features
    # Whether each track may have words of its own, or only the themes of its genre stand in for them.
    lyrics: Literal["tracks", "themes"]

    def tracks(self) -> list[Track]:
        """List all tracks, in order of their ids; faults are marked, not left out."""

    def checksums(self) -> dict[str, str]:
        """Map each track id to a hash that changes when its audio, or its features, change."""

    def words(self, tracks: Collection[Track]) -> Words:
        """Find the words that the corpus itself has for tracks."""

    def notes(self) -> list[str]:
        """Say what a user should know of what is there, a line each."""


class AudioCorpus(Corpus, Protocol):
    """A collection of audio files; `gtzan`, `folder` and `demo` are the kinds of it."""

    clip_from: Literal["start", "middle"]  # which part of a track that is longer than the clip is used

    def read(self, tracks: Collection[Track]) -> Iterator[tuple[Track, Iterator[bytes]]]:
        """Yield the audio file of each given track in pieces; see `mlproject.corpus.contents.Contents.read`."""
