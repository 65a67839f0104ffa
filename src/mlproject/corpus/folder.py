"""Any folder of music: sub-folders may be genres, a text beside a track its lyrics."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from itertools import islice
from pathlib import PurePosixPath
from typing import Literal

from mlproject.corpus.audio_stream import AUDIO_SUFFIXES
from mlproject.corpus.contents import Contents
from mlproject.corpus.genres import genre_notes, look_like_genres, one_spelling
from mlproject.corpus.texts import TEXT_SUFFIXES, as_joined, read_lyrics
from mlproject.corpus.tracks import Track, Words
from mlproject.errors import CorpusNotFoundError, TextSourceError, TrackDecodeError

__all__ = ["MusicFolder"]

NO_GENRE = "lies in no sub-folder, so it has no genre"
SHOWN = 6  # examples in one line


class MusicFolder:
    """A user's own collection; where it has labels, the first sub-folder of a track is its genre.

    A folder around all of the music that holds nothing but folders is not a genre: the folders in it are.
    """

    holds: Literal["audio", "statistics"] = "audio"
    clip_from: Literal["start", "middle"] = "middle"
    lyrics: Literal["tracks", "themes"] = "tracks"

    def __init__(self, contents: Contents, *, labels: Literal["auto", "folder", "none"]) -> None:
        self._contents, self._labels = contents, labels

    def tracks(self) -> list[Track]:
        return self._tracks

    def checksums(self) -> dict[str, str]:
        readable = [track for track in self._tracks if track.name in self._sizes]
        texts = {track.track_id: text for track in readable if (text := self._text_name(track))}
        hashes = self._contents.checksums([track.name for track in readable] + list(set(texts.values())))
        sums = {track.track_id: hashes[track.name] for track in readable}
        sums |= {track_id: f"{sums[track_id]}+{hashes[name]}" for track_id, name in texts.items()}
        # What cannot be read has none; its reason changes when it can.
        return {track.track_id: sums.get(track.track_id, str(track.unusable)) for track in self._tracks}

    def read(self, tracks: Collection[Track]) -> Iterator[tuple[Track, Iterator[bytes]]]:
        by_name = {track.name: track for track in tracks}
        for name, pieces in self._contents.read(list(by_name)):
            yield by_name[name], pieces

    def words(self, tracks: Collection[Track]) -> Words:
        tracks_of: dict[str, list[str]] = {}
        for track in tracks:
            if name := self._text_name(track):
                tracks_of.setdefault(name, []).append(track.track_id)
        words, refused, guessed = dict[str, str](), dict[str, str](), dict[str, list[str]]()
        for name, pieces in self._contents.read(list(tracks_of)):
            try:
                found = read_lyrics(b"".join(islice(pieces, 2)), timed=name.lower().endswith(".lrc"))
            except (TextSourceError, TrackDecodeError) as error:
                refused |= dict.fromkeys(tracks_of[name], f"its text {name} {error}")
                continue
            if found.encoding != "utf-8":
                guessed.setdefault(found.encoding, []).append(name)
            if found.text:
                words |= dict.fromkeys(tracks_of[name], found.text)
        notes = [f"texts read as {code}: {len(names)}, such as {names[0]}" for code, names in guessed.items()]
        return Words(words, refused, notes)

    def notes(self) -> list[str]:
        notes = [*self._contents.listing.notes, *([self._judged[1]] if self._labels == "auto" else [])]
        if self._labelled and self._around:
            notes.append(f"{self._around!r} holds all of the music and only folders; genres are the folders in it")
        if self._labelled:
            notes += genre_notes(self._spellings, {track.genre for track in self._tracks if track.genre})
        used = {self._text_name(track) for track in self._tracks}
        others = [*self._sizes, *self._contents.listing.refused]
        left = _left_out(name for name in others if not _is_audio(name) and name not in used)
        return [*notes, f"files that are no audio by their names: {left}"] if left else notes

    @property
    def _sizes(self) -> dict[str, int]:
        return self._contents.listing.sizes

    @cached_property
    def _tracks(self) -> list[Track]:
        refused = {name: why for name, why in self._contents.listing.refused.items() if _is_audio(name)}
        names = [*filter(_is_audio, self._sizes), *refused]
        if not any(name in self._sizes for name in names):
            raise CorpusNotFoundError(self._nothing(len(names)))
        if self._labelled and not any("/" in name for name in names if name in self._sizes):
            raise CorpusNotFoundError(
                f"root={str(self._contents.root)!r} has no sub-folders to take genres from; "
                "set labels: none or sort the music into one folder per genre"
            )
        stems = Counter(_stem(name) for name in names)
        tracks = []
        for name in names:
            track_id = _stem(name) if stems[_stem(name)] == 1 else name  # song.mp3 beside song.wav: both keep it
            genre = self._spellings.get(str(self._folder(name)))
            unusable = refused.get(name) or (NO_GENRE if self._labelled and genre is None else None)
            tracks.append(Track(track_id, genre, name, self._sizes.get(name, 0), unusable=unusable))
        return sorted(tracks, key=lambda track: track.track_id)

    def _nothing(self, refused: int) -> str:
        left = _left_out(self._sizes) or "nothing else"
        also = f"; {refused} files of audio cannot be read" if refused else ""
        notes = "".join(f"; {note}" for note in self._contents.listing.notes)
        return (
            f"{str(self._contents.root)!r} holds no audio that can be read among its {len(self._sizes)} files "
            f"({left}){also}{notes}; expected files such as .wav, .flac, .mp3, .ogg, .opus, .m4a"
        )

    @cached_property
    def _around(self) -> str:
        """The folders around all of the music, each the only one in the last; empty without any."""
        names = [PurePosixPath(name) for name in self._sizes if _is_audio(name)]
        depth = 0
        while names and all(len(name.parts) > depth + 2 for name in names):  # none lies in the folder itself
            if len({name.parts[depth] for name in names}) > 1:
                break
            depth += 1
        return "/".join(names[0].parts[:depth]) if names else ""

    @property
    def _labelled(self) -> bool:
        return self._judged[0] if self._labels == "auto" else self._labels == "folder"

    @cached_property
    def _judged(self) -> tuple[bool, str]:
        names = list(filter(_is_audio, self._sizes))
        around = self._around.count("/") + 1 if self._around else 0  # folders around all of the music
        direct = sum(name.count("/") == around + 1 for name in names)
        return look_like_genres([folder for name in names if (folder := self._folder(name))], direct, len(names))

    def _folder(self, name: str) -> str | None:
        """Return the folder that is the track's genre, if folders are."""
        inside = name.removeprefix(f"{self._around}/") if self._around else name
        genre = inside.split("/", 1)[0] if "/" in inside else ""
        return genre if genre.strip() else None

    @cached_property
    def _spellings(self) -> dict[str, str]:
        names = filter(_is_audio, self._sizes) if self._labelled else ()
        return one_spelling(map(self._folder, names))

    @cached_property
    def _texts(self) -> dict[str, str]:
        """Map the stem of a text, as it is and in the form for joining, to the name of its file."""
        found = [
            name
            for suffix in reversed(TEXT_SUFFIXES)  # the first one is written last
            for name, size in self._sizes.items()
            if size and name.lower().endswith(suffix) and not _is_hidden(name)
        ]
        return {as_joined(_stem(name)): name for name in found} | {_stem(name): name for name in found}

    def _text_name(self, track: Track) -> str | None:
        stem = _stem(track.name)
        return self._texts.get(stem) or self._texts.get(as_joined(stem))


def _stem(name: str) -> str:
    return name.rsplit(".", 1)[0]


def _is_hidden(name: str) -> bool:
    """Whether a name is that of a system's own file: ``._song.wav``, ``.Trashes/...``, ``__MACOSX/...``."""
    return any(part.startswith(".") or part == "__MACOSX" for part in name.split("/"))


def _is_audio(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in AUDIO_SUFFIXES and not _is_hidden(name)


def _kind(name: str) -> str:
    return "hidden" if _is_hidden(name) else PurePosixPath(name).suffix.lower() or "without a suffix"


def _left_out(names: Iterable[str]) -> str:
    """Count files by suffix, such as ``12 .jpg, 2 .pdf``; empty without any."""
    counts = Counter(map(_kind, names)).most_common()
    more = [f"{sum(count for _, count in counts[SHOWN:])} others"] if len(counts) > SHOWN else []
    return ", ".join([f"{count} {kind}" for kind, count in counts[:SHOWN]] + more)
