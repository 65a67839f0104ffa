"""Which tracks are used: in each genre the first ones by rank of a hash, never by position.

Neighbours in GTZAN share an artist, so the first tracks by number score far too well; and one track more or less in a
copy changes one track of a choice by hash, where it changes half of a seeded choice by position.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from mlproject.config.data import DataConfig
from mlproject.corpus.tracks import Track
from mlproject.errors import TooFewTracksError

__all__ = ["FEWEST_TRACKS", "Sample", "rank", "sample", "sample_of"]

FEWEST_TRACKS = 4  # two clusters of two


class Sample(NamedTuple):
    """Chosen tracks, and apart those that are unusable or faulty, both in order of their rank."""

    tracks: list[Track]
    left_out: list[Track]


def rank(track_id: str, *, seed: int) -> str:
    """Return the hexadecimal SHA-256 by which a track is ranked; it says nothing about the genre."""
    return hashlib.sha256(f"{seed}/{track_id}".encode()).hexdigest()


def sample(tracks: Iterable[Track], *, per_genre: int | None, seed: int, exclude_faults: bool = True) -> Sample:
    """Choose tracks; another seed is another choice.

    They are ordered by rank over all genres, so that their position says nothing about their genre.

    Parameters
    ----------
    per_genre : int or None
        Tracks per genre; None takes all. Tracks without a genre are always taken: there is nothing to balance.
    exclude_faults : bool, default=True
        Whether tracks with a known fault are left out; those that are unusable always are.
    """
    # A hash has no order of its own: neither the position in the copy nor the genre shows in it.
    ranked = sorted(tracks, key=lambda track: rank(track.track_id, seed=seed))
    seen: Counter[str] = Counter()
    chosen, left_out = [], []
    for track in ranked:
        if track.unusable or (exclude_faults and track.fault):
            left_out.append(track)
            continue
        if track.genre is not None:
            seen[track.genre] += 1
        if track.genre is None or per_genre is None or seen[track.genre] <= per_genre:
            chosen.append(track)
    return Sample(chosen, left_out)


def sample_of(config: DataConfig, tracks: Iterable[Track]) -> Sample:
    """Choose tracks as conf/data.yaml says; `TooFewTracksError` if no task could cluster so few."""
    seed, exclude_faults = config.sample_seed, config.exclude_faults
    chosen = sample(tracks, per_genre=config.tracks_per_genre, seed=seed, exclude_faults=exclude_faults)
    if len(chosen.tracks) < FEWEST_TRACKS:
        raise TooFewTracksError.for_clusters(len(chosen.tracks), FEWEST_TRACKS)
    return chosen
