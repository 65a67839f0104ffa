"""Labels that arrive as values, slipped into blocks that are declared label-free; honest blocks, which stay green."""

import io

import numpy as np
import pandas as pd
import pytest
import soundfile

from mlproject.config.data import AudioConfig
from mlproject.corpus.demo.corpus import Demo
from mlproject.evaluation.label_leakage import LIMIT, find_leaks
from mlproject.features.audio import clip_features
from mlproject.features.blocks import Block
from mlproject.features.lyrics import encode_texts

N_GENRES = 10
LEAKS = ("one-hot", "one number a genre", "theme text", "mean of each genre", "row number of a sorted listing")


@pytest.fixture(scope="module")
def corpus():
    """400 tracks of ten genres in order of their names, and 57 columns that know the genre as well as real ones."""
    rng, code = np.random.default_rng(0), np.sort(np.arange(400) % N_GENRES)
    audio = rng.normal(size=(N_GENRES, 57))[code] + 1.5 * rng.normal(size=(400, 57))
    return np.array([f"genre {i}" for i in range(N_GENRES)])[code], audio.astype(np.float32)


def leak(kind, genres, audio, rng):
    """Return columns, float32, that tell the genre."""
    names, code = np.unique(genres, return_inverse=True)
    columns = {
        "one-hot": lambda: np.eye(len(names))[code],
        "one number a genre": lambda: rng.permutation(len(names))[code, None],
        "theme text": lambda: rng.normal(size=(len(names), 384))[code],
        "mean of each genre": lambda: np.array([audio[genres == name, 0].mean() for name in names])[code, None],
        "row number of a sorted listing": lambda: np.argsort(np.argsort(genres, kind="stable"))[:, None],
    }
    return columns[kind]().astype(np.float32)


def red(values, genres, *, audio, name="audio"):
    findings = find_leaks(Block(name, values), genres, n_clusters=N_GENRES, seed=0, audio=audio)
    assert all(finding.red == (finding.ami > LIMIT) for finding in findings)
    assert {finding.block for finding in findings} == {name}
    return {finding.check for finding in findings if finding.red}


def worst(findings):
    return {finding.check: finding.ami for finding in findings}


@pytest.mark.parametrize("kind", LEAKS)
class TestRed:
    def test_as_a_block_of_its_own(self, corpus, rng, kind):
        assert red(leak(kind, *corpus, rng), corpus[0], audio=False, name="lyrics")

    def test_as_columns_of_the_audio_block(self, corpus, rng, kind):
        genres, audio = corpus
        assert red(np.hstack([audio, leak(kind, genres, audio, rng)]), genres, audio=True)

    def test_among_columns_of_few_values_that_are_none(self, corpus, rng, kind):
        genres, audio = corpus
        codes = np.stack([rng.integers(values, size=400) for values in (2, 12, 2, 20, 5)], axis=1)
        assert red(np.hstack([audio, codes, leak(kind, genres, audio, rng)]), genres, audio=True)

    def test_in_any_order_of_the_tracks(self, corpus, rng, kind):
        genres, audio = corpus
        values, order = np.hstack([audio, leak(kind, genres, audio, rng)]), rng.permutation(400)
        assert red(values[order], genres[order], audio=True)

    def test_where_genres_have_different_sizes(self, corpus, rng, kind):
        genres, audio = corpus
        code = np.unique(genres, return_inverse=True)[1]
        kept = np.concatenate([np.flatnonzero(code == i)[: 4 * (i + 1)] for i in range(N_GENRES)])
        genres, audio = genres[kept], audio[kept]
        assert red(np.hstack([audio, leak(kind, genres, audio, rng)]), genres, audio=True)

    def test_in_a_hundred_tracks_with_thousands_of_columns(self, corpus, rng, kind):
        genres, audio = (values[::4] for values in corpus)
        frames = np.repeat(audio, 100, axis=1) + rng.normal(size=(100, 5700)).astype(np.float32)
        assert not red(frames, genres, audio=True)
        assert red(np.hstack([frames, leak(kind, genres, audio, rng)]), genres, audio=True)


class TestGreen:
    def test_columns_that_know_the_genre_about_as_well_as_real_ones(self, corpus):
        assert red(corpus[1], corpus[0], audio=True) == set()

    def test_noise_and_codes_that_have_nothing_to_do_with_the_genre(self, corpus, rng):
        genres, _ = corpus
        codes = np.stack([rng.integers(values, size=400) for values in (2, 12, 2, 20)], axis=1)
        assert red(codes.astype(np.float32), genres, audio=False) == set()
        assert red(rng.normal(size=(400, 30)).astype(np.float32), genres, audio=False) == set()

    def test_flag_that_one_genre_alone_has(self, corpus, rng):
        genres, audio = corpus
        flag = (genres == "genre 3") & (rng.random(400) < 0.9)
        assert red(np.hstack([audio, flag[:, None].astype(np.float32)]), genres, audio=True) == set()

    def test_row_number_of_a_listing_in_no_order(self, corpus, rng):
        assert red(rng.permutation(400)[:, None].astype(np.float32), corpus[0], audio=False) == set()

    def test_clusters_of_sound_are_what_a_task_is_after(self, corpus, rng):
        genres = corpus[0]
        code = np.unique(genres, return_inverse=True)[1]
        apart = 2 * rng.normal(size=(N_GENRES, 60))[code] + rng.normal(size=(400, 60)) @ rng.normal(size=(60, 60)) / 4
        findings = find_leaks(Block("lyrics", apart.astype("f")), genres, n_clusters=N_GENRES, seed=0, audio=False)
        assert worst(findings)["k-means alone"] > LIMIT
        assert red(apart.astype(np.float32), genres, audio=False) == {"k-means alone"}
        assert red(apart.astype(np.float32), genres, audio=True) == set()

    def test_many_columns_of_noise_for_few_tracks(self, rng):
        genres = np.arange(40) % 4
        assert red(rng.normal(size=(40, 20_000)).astype(np.float32), genres, audio=True) == set()


def test_noise_on_a_text_of_the_genre_is_seen_through(corpus, rng):
    genres, audio = corpus
    texts = leak("theme text", genres, audio, rng) + 0.3 * rng.normal(size=(400, 384)).astype(np.float32)
    assert "k-means alone" in red(texts, genres, audio=False, name="lyrics")


def test_texts_of_half_of_the_genres_are_enough(corpus, rng):
    genres, audio = corpus
    texts = leak("theme text", genres, audio, rng)
    texts[200:] = texts[:200].mean(axis=0)  # as tracks without words are filled
    assert "identical rows" in red(texts, genres, audio=False, name="lyrics")


def test_negative_zeros_do_not_part_identical_rows(corpus):
    one_hot = np.eye(N_GENRES, dtype=np.float32)[np.unique(corpus[0], return_inverse=True)[1]]
    signed = one_hot * np.where(np.arange(400) % 2, 1, -1).astype(np.float32)[:, None]
    signed[one_hot == 1] = 1
    assert "identical rows" in red(signed, corpus[0], audio=False)


def test_one_constant_column_tells_nothing(corpus):
    findings = find_leaks(Block("x", np.ones((400, 1), "f")), corpus[0], n_clusters=N_GENRES, seed=0, audio=False)
    assert list(worst(findings).values()) == pytest.approx([0, 0, 0], abs=1e-9)


def test_same_seed_same_findings(corpus, rng):
    texts = Block("lyrics", rng.normal(size=(400, 20)).astype(np.float32))
    first, again = (find_leaks(texts, corpus[0], n_clusters=N_GENRES, seed=5, audio=False) for _ in range(2))
    assert first == again


@pytest.fixture(scope="module")
def real(test_data):
    table = pd.read_csv(test_data / "gtzan_features_30_sec.csv")
    return table.label.to_numpy(str), table.drop(columns=["filename", "length", "label"]).to_numpy(np.float32)


def test_real_columns_are_green_with_their_duplicates(real):
    genres, columns = real
    assert columns.shape == (1000, 57)
    findings = find_leaks(Block("audio", columns), genres, n_clusters=N_GENRES, seed=0, audio=True)
    assert not any(finding.red for finding in findings)
    assert worst(findings)["worst column in quantile bins"] == pytest.approx(0.21, abs=0.01)
    assert worst(findings)["identical rows"] == pytest.approx(0.007, abs=0.001)


@pytest.mark.parametrize("kind", LEAKS)
def test_label_beside_the_real_columns_is_red(real, rng, kind):
    genres, columns = real
    assert red(np.hstack([columns, leak(kind, genres, columns, rng)]), genres, audio=True)


@pytest.mark.slow
def test_theme_texts_as_a_file_of_lyrics_are_red_and_the_demos_words_are_not():
    demo = Demo()
    tracks = [track for track in demo.tracks() if track.track_id[-1] in "01234"]
    genres = np.array([track.genre for track in tracks])
    words = demo.words(tracks).by_track
    own = encode_texts([words[track.track_id] for track in tracks])
    themes = encode_texts([f"A song as {track.genre} songs are" for track in tracks])
    assert red(own, genres, audio=False, name="lyrics") == set()
    assert {"identical rows", "k-means alone"} <= red(themes, genres, audio=False, name="lyrics")


@pytest.mark.slow
def test_demos_sound_is_green():
    demo, frames, statistics = Demo(), [], []
    for _, pieces in demo.read(demo.tracks()):
        samples, sr = soundfile.read(io.BytesIO(b"".join(pieces)), dtype="float32")
        features = clip_features(samples, sr=sr, n_frames=431, config=AudioConfig())
        frames.append(features.mfcc.ravel())
        statistics.append(features.statistics)
    genres = np.array([track.genre for track in demo.tracks()])
    assert red(np.stack(frames), genres, audio=True) == set()
    assert red(np.stack(statistics), genres, audio=True) == set()


@pytest.mark.slow
def test_frames_of_real_tracks_are_green(gtzan_root):
    frames, genres = [], []
    for path in sorted(gtzan_root.rglob("*.wav")):
        samples, sr = soundfile.read(path, dtype="float32")
        frames.append(clip_features(samples[: 30 * sr], sr=sr, n_frames=1292, config=AudioConfig()).mfcc.ravel())
        genres.append(path.parent.name)
    assert len(frames) >= 80
    assert red(np.stack(frames), np.array(genres), audio=True) == set()
