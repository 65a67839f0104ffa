"""Any folder of music: sub-folders may be genres, a text beside a track its lyrics."""

from collections import Counter
from collections.abc import Collection, Iterator
from typing import Literal

from mlproject.corpus.archives import Contents
from mlproject.corpus.tracks import Track
from mlproject.errors import CorpusNotFoundError

__all__ = ["AUDIO_SUFFIXES", "MusicFolder"]

AUDIO_SUFFIXES = (".wav", ".flac", ".mp3", ".ogg", ".au", ".m4a")
NO_GENRE = "lies in no sub-folder, so it has no genre"


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:  # texts of older Windows programs
        return content.decode("cp1252", errors="replace")


class MusicFolder:
    """A user's own collection; where it is labelled, the first sub-folder of a track is its genre."""

    holds: Literal["audio", "statistics"] = "audio"
    clip_from: Literal["start", "middle"] = "middle"
    lyrics: Literal["tracks", "themes"] = "tracks"

    def __init__(self, contents: Contents, *, labelled: bool) -> None:
        self._contents = contents
        self._labelled = labelled

    def tracks(self) -> list[Track]:
        sizes = self._contents.sizes()
        names = [name for name in sizes if self._is_audio(name)]
        if not names:
            raise CorpusNotFoundError(
                f"root={str(self._contents.root)!r} holds no audio among its {len(sizes)} files; "
                f"expected {', '.join(AUDIO_SUFFIXES)}"
            )
        if self._labelled and not any("/" in name for name in names):
            raise CorpusNotFoundError(
                f"root={str(self._contents.root)!r} has no sub-folders to take genres from; "
                "set labelled: false or sort the music into one folder per genre"
            )
        stems = Counter(name.rsplit(".", 1)[0] for name in names)
        tracks = (self._track(name, sizes[name], stems) for name in names)
        return sorted(tracks, key=lambda track: track.track_id)

    def checksums(self) -> dict[str, str]:
        tracks, sizes = self.tracks(), self._contents.sizes()
        texts = {track.track_id: self._text_name(track) for track in tracks if self._text_name(track) in sizes}
        hashes = self._contents.checksums([track.name for track in tracks] + list(texts.values()))
        with_text = {track_id: f"+{hashes[name]}" for track_id, name in texts.items()}
        return {track.track_id: hashes[track.name] + with_text.get(track.track_id, "") for track in tracks}

    def read(self, tracks: Collection[Track]) -> Iterator[tuple[Track, bytes]]:
        by_name = {track.name: track for track in tracks}
        for name, content in self._contents.read(list(by_name)):
            yield by_name[name], content

    def texts(self, tracks: Collection[Track]) -> dict[str, str]:
        sizes = self._contents.sizes()
        ids = {self._text_name(track): track.track_id for track in tracks if self._text_name(track) in sizes}
        contents = {ids[name]: _decode(content).strip() for name, content in self._contents.read(list(ids))}
        return {track_id: text for track_id, text in contents.items() if text}

    def _track(self, name: str, size: int, stems: Counter[str]) -> Track:
        stem = name.rsplit(".", 1)[0]
        track_id = stem if stems[stem] == 1 else name  # song.mp3 beside song.wav: both keep their ending
        genre = name.split("/", 1)[0] if self._labelled and "/" in name else None
        unusable = NO_GENRE if self._labelled and genre is None else None
        return Track(track_id, genre, name, size, unusable=unusable)

    @staticmethod
    def _is_audio(name: str) -> bool:
        return name.lower().endswith(AUDIO_SUFFIXES) and not name.rsplit("/", 1)[-1].startswith(".")

    @staticmethod
    def _text_name(track: Track) -> str:
        return track.name.rsplit(".", 1)[0] + ".txt"
