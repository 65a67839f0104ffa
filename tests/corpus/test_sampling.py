from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mlproject.config.data import DataConfig
from mlproject.corpus.sampling import rank, sample, sample_of
from mlproject.corpus.tracks import Track
from mlproject.errors import TooFewTracksError

TRACKS = st.lists(
    st.builds(
        lambda genre, number, fault: Track(f"{genre}.{number:05d}", genre, f"{genre}/{number}.wav", 1, fault),
        st.sampled_from(["blues", "jazz", "rock"]),
        st.integers(0, 99),
        st.sampled_from([None, None, None, "corrupt"]),
    ),
    unique_by=lambda track: track.track_id,
    max_size=40,
)
SEEDS = st.integers(0, 2**32)
MANY = [Track(f"{genre}.{i:05d}", genre, f"{genre}/{i}.wav", 1) for genre in ("blues", "jazz") for i in range(100)]


@given(TRACKS, SEEDS, st.integers(1, 12), st.data())
def test_one_track_less_changes_at_most_one_track_of_its_genre(tracks, seed, per_genre, data):
    assume(tracks)
    gone = data.draw(st.sampled_from(tracks))
    before = set(sample(tracks, per_genre=per_genre, seed=seed).tracks)
    after = set(sample([track for track in tracks if track != gone], per_genre=per_genre, seed=seed).tracks)
    assert before - after <= {gone}
    assert len(after - before) <= 1
    assert all(track.genre == gone.genre for track in after - before)


@given(TRACKS.flatmap(lambda tracks: st.tuples(st.just(tracks), st.permutations(tracks))), SEEDS)
def test_order_of_the_tracks_does_not_matter(both, seed):
    tracks, shuffled = both
    assert sample(tracks, per_genre=5, seed=seed) == sample(shuffled, per_genre=5, seed=seed)


@given(TRACKS, SEEDS, st.integers(1, 12))
def test_each_genre_gives_what_was_asked_for_or_all_it_has(tracks, seed, per_genre):
    chosen, left_out = sample(tracks, per_genre=per_genre, seed=seed)
    assert set(left_out) == {track for track in tracks if track.fault}
    for genre in {track.genre for track in tracks}:
        fit = sum(track.genre == genre and not track.fault for track in tracks)
        assert sum(track.genre == genre for track in chosen) == min(fit, per_genre)


@given(TRACKS, SEEDS)
def test_all_are_taken_and_ordered_by_rank_where_no_number_is_given(tracks, seed):
    chosen, left_out = sample(tracks, per_genre=None, seed=seed, exclude_faults=False)
    assert chosen == sorted(tracks, key=lambda track: rank(track.track_id, seed=seed))
    assert left_out == []


def test_unusable_tracks_are_left_out_whatever_is_asked_for():
    tracks = [Track("a", "jazz", "a", 1, unusable="a gap"), Track("b", "jazz", "b", 1, fault="a twin"), *MANY]
    for exclude_faults, gone in ((True, {"a", "b"}), (False, {"a"})):
        chosen, left_out = sample(tracks, per_genre=None, seed=0, exclude_faults=exclude_faults)
        assert {track.track_id for track in left_out} == gone
        assert len(chosen) == len(tracks) - len(gone)


def test_another_seed_is_another_choice():
    first, second = (sample(MANY, per_genre=40, seed=seed).tracks for seed in (0, 1))
    assert len(first) == len(second) == 80
    assert set(first) != set(second)


def test_choice_does_not_follow_the_numbers():
    numbers = [int(track.track_id[-5:]) for track in sample(MANY, per_genre=40, seed=0).tracks]
    assert max(numbers) > 90


def test_genres_are_mixed():
    genres = [track.genre for track in sample(MANY, per_genre=40, seed=0).tracks]
    assert len(set(genres[:20])) == len(set(genres[-20:])) == 2


def test_tracks_without_a_genre_are_all_taken():
    tracks = [Track(str(i), None, f"{i}.wav", 1) for i in range(9)]
    assert set(sample(tracks, per_genre=2, seed=0).tracks) == set(tracks)


def test_rank_is_the_sha256_of_seed_and_id():
    assert rank("jazz.00001", seed=0) == "10c013fd9fe857b4930cee0f1ce1cc2aa5fdd03bdc38bc79628b8c3ad338fd89"


def test_fewer_tracks_than_two_clusters_take_are_refused():
    tracks = [Track(f"track {i}", None, f"track {i}.wav", 1) for i in range(4)]
    assert len(sample_of(DataConfig(), tracks).tracks) == 4
    tracks[0] = replace(tracks[0], unusable="is empty")
    with pytest.raises(TooFewTracksError, match="usable tracks: 3, which is too few"):
        sample_of(DataConfig(), tracks)
