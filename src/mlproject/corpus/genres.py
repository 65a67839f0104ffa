"""Spellings of genres -> one spelling each; folders -> whether they look like genres."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from statistics import median

from mlproject.corpus.texts import as_joined

__all__ = ["genre_notes", "look_like_genres", "one_spelling"]

FEWEST = 4  # tracks of a genre, at the median
MOST_FOLDERS = 2  # per track of the median folder: ten genres of five tracks, but not forty albums of twelve


def one_spelling(genres: Iterable[str | None]) -> dict[str, str]:
    """Map every spelling of a genre to the most frequent one; they may differ in case, blanks and Unicode form."""
    counts = Counter(genre for genre in genres if genre is not None)
    spellings: dict[str, list[str]] = {}
    for genre in sorted(counts):
        spellings.setdefault(" ".join(as_joined(genre).casefold().split()), []).append(genre)
    return {
        genre: " ".join(as_joined(max(same, key=lambda spelling: counts[spelling])).split())
        for same in spellings.values()
        for genre in same
    }


def genre_notes(spellings: dict[str, str], used: Collection[str]) -> list[str]:
    """Say which spellings were joined, and that one genre alone compares with nothing."""
    notes = []
    for genre in sorted(set(spellings.values())):
        others = [repr(spelling) for spelling, joined in spellings.items() if joined == genre and spelling != genre]
        if others:
            notes.append(f"genre {genre!r}: {', '.join(others)} counts as the same")
    if len(set(used)) == 1:
        notes.append(f"all tracks are of one genre, {next(iter(used))!r}; no score by genre can say anything")
    return notes


def look_like_genres(folders: Sequence[str], direct: int, n_tracks: int) -> tuple[bool, str]:
    """Judge whether sub-folders are genres, which are few with many tracks each; return the reason as a line.

    `folders` are those that tracks lie in, one for each track in any, `direct` the number of tracks that lie in one of
    them and no deeper, `n_tracks` that of all tracks.
    """
    sizes, reason = Counter(folders).values(), ""
    middle = median(sizes or [0])
    each = f"{middle:g} tracks each at the median"
    if not sizes:
        return False, "there are no sub-folders with music, so there are no genres"
    if len(sizes) == 1:
        reason = "there is one, and genres are two or more"
    elif 2 * direct < n_tracks:
        reason = f"{n_tracks - direct} of {n_tracks} tracks lie deeper or beside them, as in artist/album/track"
    elif middle < FEWEST or len(sizes) > MOST_FOLDERS * middle:
        reason = f"{len(sizes)} sub-folders, {each}; genres are few with many tracks"
    if reason:
        return False, f"sub-folders are not taken as genres: {reason} (labels: folder takes them)"
    return True, f"the {len(sizes)} sub-folders are taken as genres: {each} (labels: none leaves them)"
