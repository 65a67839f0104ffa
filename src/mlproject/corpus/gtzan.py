"""GTZAN, in the Kaggle copy's layout (.wav) or the original archive's (.au), packed or not."""

import csv
import re
from collections.abc import Collection, Iterator
from importlib.resources import files
from typing import Literal

from mlproject.corpus.contents import Contents
from mlproject.corpus.tracks import Track, Words
from mlproject.errors import ConfigError, CorpusNotFoundError

__all__ = ["HOW_TO_GET_GTZAN", "Gtzan", "known_faults"]

HOW_TO_GET_GTZAN = (
    "get GTZAN from Kaggle (andradaolteanu/gtzan-dataset-music-genre-classification, about 1.2 GB) and set root to "
    "its folder or .zip; an old copy of the original archive (genres/<genre>/*.au) serves too"
)
# Kaggle: .../genres_original/blues/blues.00000.wav; original: genres/blues/blues.00000.au
_TRACK = re.compile(r"(?:^|/)([a-z]+)/(\1\.\d{5})\.(?:wav|au)$")


def known_faults() -> dict[str, str]:
    """Map the ids of GTZAN's unusable tracks to the reason: the shipped table ``gtzan_faults.csv``."""
    with files("mlproject.corpus").joinpath("gtzan_faults.csv").open() as file:
        return {row["track_id"]: row["reason"] for row in csv.DictReader(file)}


class Gtzan:
    """The ten genres of G. Tzanetakis and P. Cook, *Musical genre classification of audio signals*, 2002."""

    holds: Literal["audio", "statistics"] = "audio"
    clip_from: Literal["start", "middle"] = "start"
    lyrics: Literal["tracks", "themes"] = "themes"

    def __init__(self, contents: Contents, *, labelled: bool = True) -> None:
        self._contents, self._labelled = contents, labelled

    def tracks(self) -> list[Track]:
        faults, tracks = known_faults(), dict[str, Track]()
        for name, size in self._contents.listing.sizes.items():
            match = _TRACK.search(name)
            if match is None:
                continue
            genre, track_id = match.groups()
            if track_id in tracks:
                raise ConfigError(
                    f"root holds {track_id} twice ({tracks[track_id].name}, {name}); set root to one copy of GTZAN"
                )
            tracks[track_id] = Track(track_id, genre if self._labelled else None, name, size, faults.get(track_id))
        if not tracks:
            raise CorpusNotFoundError(
                f"root={str(self._contents.root)!r} holds no GTZAN track "
                f"(<genre>/<genre>.<5 digits>.wav or .au); {HOW_TO_GET_GTZAN}"
            )
        return [tracks[track_id] for track_id in sorted(tracks)]

    def checksums(self) -> dict[str, str]:
        tracks = self.tracks()
        hashes = self._contents.checksums([track.name for track in tracks])
        return {track.track_id: hashes[track.name] for track in tracks}

    def read(self, tracks: Collection[Track]) -> Iterator[tuple[Track, Iterator[bytes]]]:
        by_name = {track.name: track for track in tracks}
        for name, pieces in self._contents.read(list(by_name)):
            yield by_name[name], pieces

    def words(self, tracks: Collection[Track]) -> Words:  # noqa: ARG002 - GTZAN has no words
        return Words({})

    def notes(self) -> list[str]:
        return self._contents.listing.notes
