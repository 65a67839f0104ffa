import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlproject.evaluation import retrieval
from mlproject.evaluation.metrics import RETRIEVAL_METRICS
from mlproject.evaluation.retrieval import retrieval_chance, retrieval_scores


def by_hand(latent, genres, artists):
    """Score track by track, as a person would."""
    scores = []
    for one in range(len(latent)):
        candidates = [other for other in range(len(latent)) if artists[other] != artists[one]]
        near = sorted(candidates, key=lambda other: float(np.linalg.norm(latent[one] - latent[other])))
        same = [genres[other] == genres[one] for other in near]
        if any(same) and not all(same):
            distance = [float(np.linalg.norm(latent[one] - latent[other])) for other in near]
            pairs = [
                (distance[i] < distance[j]) + 0.5 * (distance[i] == distance[j])
                for i in range(len(near))
                for j in range(len(near))
                if same[i] and not same[j]
            ]
            scores.append((np.mean(same[:5]), same[0], np.mean(pairs)))
    return np.mean(scores, axis=0)


@given(st.integers(0, 10_000), st.integers(8, 30))
def test_they_are_those_of_each_track_by_hand(seed, n_tracks):
    rng = np.random.default_rng(seed)
    latent, genres = rng.normal(size=(n_tracks, 3)), rng.integers(0, 3, n_tracks)
    artists = rng.integers(0, 6, n_tracks)
    scores = retrieval_scores(latent, genres, artists)
    if None in scores.values():
        return
    np.testing.assert_allclose(list(scores.values()), by_hand(latent, genres, artists), atol=1e-12)


def test_tracks_of_the_same_artist_are_no_candidates():
    latent = np.array([[0.0], [0.1], [5.0], [5.1], [2.0], [2.1]])
    genres, artists = np.array(["a", "a", "a", "b", "b", "b"]), np.array([1, 1, 2, 3, 3, 4])
    assert retrieval_scores(latent, genres)["nearest_neighbour"] == pytest.approx(4 / 6)
    assert retrieval_scores(latent, genres, artists)["nearest_neighbour"] == pytest.approx(2 / 6)


def test_a_genre_of_one_artist_is_not_asked_about():
    rng = np.random.default_rng(0)
    latent, genres = rng.normal(size=(12, 2)), np.repeat(["a", "b", "c"], 4)
    artists = np.array([0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4])
    moved = latent.copy()
    moved[genres == "a"] = 1000  # as a candidate it lies far from all
    kept = genres != "a"
    assert retrieval_scores(moved, genres, artists)["nearest_neighbour"] == pytest.approx(
        retrieval_scores(latent[kept], genres[kept], artists[kept])["nearest_neighbour"]
    )
    assert set(retrieval_scores(latent, np.repeat("a", 12), artists).values()) == {None}
    assert set(retrieval_scores(latent, genres, np.repeat(0, 12)).values()) == {None}
    assert set(retrieval_chance(genres, np.repeat(0, 12)).values()) == {None}


def test_separated_genres_score_one_and_noise_scores_chance():
    rng = np.random.default_rng(0)
    genres, artists = np.repeat(np.arange(4), 60), np.arange(240) // 2
    assert list(retrieval_scores(genres[:, None] * 100.0, genres, artists).values()) == [1.0] * 3
    noise, chance = retrieval_scores(rng.normal(size=(240, 8)), genres, artists), retrieval_chance(genres, artists)
    assert list(chance) == list(noise) == list(RETRIEVAL_METRICS)
    np.testing.assert_allclose(list(noise.values()), list(chance.values()), atol=0.06)
    assert set(retrieval_scores(np.zeros((240, 2)), genres, artists).values()) & {0.5}  # ties count half


def test_blocks_of_rows_give_the_scores_of_all(monkeypatch):
    rng = np.random.default_rng(1)
    latent, genres, artists = rng.normal(size=(50, 4)), rng.integers(0, 3, 50), rng.integers(0, 12, 50)
    whole = retrieval_scores(latent, genres, artists)
    monkeypatch.setattr(retrieval, "ROWS", 7)
    assert retrieval_scores(latent, genres, artists) == pytest.approx(whole)


def test_few_candidates_are_all_that_counts():
    latent, genres = np.array([[0.0], [1.0], [2.0]]), np.array(["a", "a", "b"])
    assert retrieval_scores(latent, genres)["precision_at_5"] == pytest.approx(0.5)
