"""Spellings of genres -> one spelling each."""

from collections import Counter
from collections.abc import Collection, Iterable

from mlproject.corpus.texts import as_joined

__all__ = ["genre_notes", "one_spelling"]


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
