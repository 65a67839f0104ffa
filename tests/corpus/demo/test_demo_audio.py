"""The rendered clips: well-formed at any length, repeatable, and neither alike nor separate."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlproject.corpus.demo import audio as demo_audio
from mlproject.corpus.demo.audio import DEMO_GENRES, RECIPES, render_clip


def clip(genre: str, seed: int = 0, *, sr: int = 22050, seconds: float = 1.5) -> np.ndarray:
    return render_clip(genre, rng=np.random.default_rng(seed), sr=sr, seconds=seconds)


def test_public_names_exist() -> None:
    for name in demo_audio.__all__:
        assert hasattr(demo_audio, name)


def test_there_is_one_recipe_for_each_genre() -> None:
    assert tuple(RECIPES) == DEMO_GENRES
    assert len(set(RECIPES.values())) == len(DEMO_GENRES) == 10


@pytest.mark.parametrize("genre", DEMO_GENRES)
def test_patterns_fill_one_bar(genre: str) -> None:
    groove, harmony = RECIPES[genre].groove, RECIPES[genre].harmony
    for pattern in (groove.kick, groove.snare, groove.hat, harmony.bass, harmony.comp):
        assert len(pattern) == 16
        assert set(pattern) <= set(".123456789")


@pytest.mark.parametrize("genre", DEMO_GENRES)
def test_a_clip_is_ten_seconds_of_sound(genre: str) -> None:
    samples = render_clip(genre, rng=np.random.default_rng(7))
    assert samples.shape == (220_500,)
    assert samples.dtype == np.float32
    assert np.isfinite(samples).all()
    assert 0.1 < np.abs(samples).max() <= 0.9 + 1e-6
    seconds = samples.reshape(10, -1)
    assert (np.sqrt(np.mean(seconds**2, axis=1)) > 1e-4).all()


@pytest.mark.parametrize("genre", DEMO_GENRES)
@pytest.mark.parametrize(("sr", "seconds"), [(8000, 0.7), (16000, 1.0), (44100, 0.31)])
def test_other_rates_and_lengths(genre: str, sr: int, seconds: float) -> None:
    samples = clip(genre, sr=sr, seconds=seconds)
    assert samples.shape == (round(sr * seconds),)
    assert np.isfinite(samples).all()
    assert np.abs(samples).max() > 0.05


@settings(deadline=None, max_examples=25)
@given(
    genre=st.sampled_from(DEMO_GENRES),
    seed=st.integers(0, 2**32 - 1),
    sr=st.integers(1000, 48000),
    seconds=st.floats(0.001, 0.5),
)
def test_any_request_is_filled(genre: str, seed: int, sr: int, seconds: float) -> None:
    samples = clip(genre, seed, sr=sr, seconds=seconds)
    assert samples.shape == (round(sr * seconds),)
    assert samples.dtype == np.float32
    assert np.isfinite(samples).all()
    assert np.abs(samples).max() <= 0.9 + 1e-6


@pytest.mark.parametrize("genre", DEMO_GENRES)
def test_the_generator_decides_every_sample(genre: str) -> None:
    first = clip(genre, 3)
    assert np.array_equal(first, clip(genre, 3))
    assert not np.array_equal(first, clip(genre, 4))


def test_global_random_state_is_left_alone() -> None:
    before = str(np.random.get_state())  # noqa: NPY002
    clip("jazz")
    assert str(np.random.get_state()) == before  # noqa: NPY002


def test_genres_sound_different_but_overlap() -> None:
    # Nearest neighbour in coarse log spectra, each clip left out of its own search.
    genres = np.repeat(DEMO_GENRES, 5)
    bands = []
    for number, genre in enumerate(genres):
        power = np.abs(np.fft.rfft(clip(str(genre), number, seconds=2.0))) ** 2
        bands.append([np.log10(part.mean()) for part in np.array_split(power[:20_000], 40)])
    points = np.array(bands)
    distances = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    share_right = float(np.mean(genres[distances.argmin(axis=1)] == genres))
    assert 0.2 < share_right < 0.9
