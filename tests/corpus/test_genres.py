"""One spelling of each genre."""

from hypothesis import given
from hypothesis import strategies as st

from mlproject.corpus.genres import genre_notes, one_spelling


def test_the_most_frequent_spelling_stands_for_all():
    joined = one_spelling(["Hip Hop", "Hip Hop", "hip  hop", "HIP HOP ", "folk", None, "e\u0301tude", "étude", "étude"])
    assert joined["hip  hop"] == joined["HIP HOP "] == joined["Hip Hop"] == "Hip Hop"
    assert joined["e\u0301tude"] == "étude"
    assert joined["folk"] == "folk"


def test_what_was_joined_and_a_single_genre_are_said():
    spellings = one_spelling(["Rock", "Rock", "rock"])
    assert genre_notes(spellings, {"Rock"}) == [
        "genre 'Rock': 'rock' counts as the same",
        "all tracks are of one genre, 'Rock'; no score by genre can say anything",
    ]
    assert genre_notes(one_spelling(["a", "b"]), {"a", "b"}) == []


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1)))
def test_joining_twice_changes_nothing(genres):
    once = one_spelling(genres)
    assert set(once) == set(genres)
    assert all(one_spelling(once.values())[genre] == genre for genre in once.values())
