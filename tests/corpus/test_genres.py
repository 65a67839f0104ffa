"""One spelling of each genre, and folders that look like genres."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlproject.corpus.genres import genre_notes, look_like_genres, one_spelling


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


def judged(*names):
    """Judge a collection of these tracks."""
    inside = [name.split("/")[0] for name in names if "/" in name]
    return look_like_genres(inside, sum(name.count("/") == 1 for name in names), len(names))


def shelves(n_folders, n_tracks, below=""):
    return [f"{folder}/{below}{track}" for folder in range(n_folders) for track in range(n_tracks)]


class TestFolders:
    @pytest.mark.parametrize(
        ("n_folders", "n_tracks"), [(10, 100), (10, 10), (10, 6), (2, 8), (5, 5), (3, 5), (4, 100)]
    )
    def test_few_with_many_tracks_each_are_genres(self, n_folders, n_tracks):
        taken, line = judged(*shelves(n_folders, n_tracks))
        assert taken
        assert line == (
            f"the {n_folders} sub-folders are taken as genres: {n_tracks} tracks each at the median "
            "(labels: none leaves them)"
        )

    @pytest.mark.parametrize(
        ("names", "reason"),
        [
            (shelves(212, 3), "212 sub-folders, 3 tracks each at the median; genres are few with many tracks"),
            (shelves(40, 12), "40 sub-folders, 12 tracks each at the median; genres are few with many tracks"),
            (shelves(12, 24, "album/"), "288 of 288 tracks lie deeper or beside them, as in artist/album/track"),
            ([*shelves(2, 8), *map(str, range(20))], "20 of 36 tracks lie deeper or beside them"),
            (shelves(1, 60), "there is one, and genres are two or more"),
            (shelves(5, 3), "5 sub-folders, 3 tracks each at the median"),
        ],
        ids=["few tracks each", "albums", "artists", "mostly loose", "one folder", "three each"],
    )
    def test_what_does_not_look_like_it_is_left_and_said_why(self, names, reason):
        taken, line = judged(*names)
        assert not taken
        assert reason in line
        assert line.endswith("(labels: folder takes them)")

    def test_a_flat_folder_has_no_genres(self):
        assert judged("one", "two") == (False, "there are no sub-folders with music, so there are no genres")
