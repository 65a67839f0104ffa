from dataclasses import replace

import numpy as np
import pytest

from mlproject.config.tasks import BlocksConfig
from mlproject.errors import NotApplicableError
from mlproject.experiment.design_matrix import TextVectors, build_design, one_hot, require_inputs, usable_rows

AUDIO = BlocksConfig()
LYRICS = BlocksConfig(lyrics="embedding")
GENRE = BlocksConfig(genre="one_hot")
ALL = BlocksConfig(lyrics="embedding", genre="one_hot")
ROWS = np.arange(60)


def build(config, inputs, rows=ROWS):
    return build_design(config, inputs, rows)


def block(design, name):
    start, end = design.matrix.columns[name]
    return design.matrix.values[:, start:end]


@pytest.fixture
def themed(small_inputs):
    """The words are one text a genre; the third genre has none."""
    by_genre = {"blues": 2, "jazz": 0, "pop": 1}
    vectors = small_inputs.texts.vectors[:3]
    return replace(small_inputs, texts=TextVectors(vectors, row_by_genre=by_genre))


@pytest.mark.parametrize(
    ("config", "columns", "label_derived"),
    [
        (AUDIO, {"audio": (0, 60)}, ()),
        (BlocksConfig(audio="statistics"), {"audio": (0, 7)}, ()),
        (LYRICS, {"audio": (0, 60), "lyrics": (60, 84)}, ()),
        (GENRE, {"audio": (0, 60), "genre": (60, 64)}, ("genre",)),
        (ALL, {"audio": (0, 60), "lyrics": (60, 84), "genre": (84, 88)}, ("genre",)),
    ],
)
def test_blocks_stand_side_by_side_and_know_their_provenance(small_inputs, config, columns, label_derived):
    matrix = build(config, small_inputs).matrix
    assert matrix.columns == columns
    assert matrix.label_derived == label_derived
    assert matrix.values.dtype == np.float32
    assert len(matrix.values) == 60


def test_audio_is_the_flattened_frames_or_the_statistics(small_inputs):
    np.testing.assert_array_equal(build(AUDIO, small_inputs).matrix.values, small_inputs.mfcc.reshape(60, 60))
    statistics = build(BlocksConfig(audio="statistics"), small_inputs).matrix.values
    np.testing.assert_array_equal(statistics, small_inputs.statistics)


def test_words_of_tracks_are_no_function_of_the_label(small_inputs):
    design = build(LYRICS, small_inputs)
    np.testing.assert_array_equal(block(design, "lyrics"), small_inputs.texts.vectors)
    assert not design.matrix.label_derived
    assert design.lyrics_coverage == 1


def test_themes_are_joined_by_genre_and_declared_label_derived(themed):
    design = build(ALL, themed)
    assert design.matrix.label_derived == ("lyrics", "has_lyrics", "genre")  # who has words follows from the genre
    lyrics = block(design, "lyrics")
    for genre, row in themed.texts.row_by_genre.items():
        own = lyrics[themed.genres == genre]
        np.testing.assert_array_equal(own, np.tile(themed.texts.vectors[row], (len(own), 1)))


def test_tracks_without_words_stand_at_the_mean_of_the_others(small_inputs):
    row_by_track = np.where(ROWS % 3 == 0, -1, ROWS)
    inputs = replace(small_inputs, texts=replace(small_inputs.texts, row_by_track=row_by_track))
    design = build(LYRICS, inputs)
    missing = row_by_track == -1
    assert design.lyrics_coverage == pytest.approx(40 / 60)
    lyrics = block(design, "lyrics")
    np.testing.assert_array_equal(lyrics[~missing], small_inputs.texts.vectors[~missing])
    mean = small_inputs.texts.vectors[~missing].mean(axis=0)
    np.testing.assert_allclose(lyrics[missing], np.tile(mean, (20, 1)), atol=1e-6)


def test_mean_lyrics_is_where_the_tracks_without_words_stand(small_inputs):
    row_by_track = np.where(ROWS % 3 == 0, -1, ROWS)
    design = build(LYRICS, replace(small_inputs, texts=replace(small_inputs.texts, row_by_track=row_by_track)))
    mean = design.mean_lyrics()
    assert (mean.shape, mean.dtype) == ((24,), np.float32)
    np.testing.assert_allclose(block(design, "lyrics")[row_by_track == -1], np.tile(mean, (20, 1)), atol=1e-6)
    assert build(AUDIO, small_inputs).mean_lyrics().shape == (0,)


def test_genre_without_a_theme_stands_at_the_mean_of_the_other_tracks(themed):
    design = build(LYRICS, themed)
    metal = themed.genres == "metal"
    lyrics = block(design, "lyrics")
    assert design.lyrics_coverage == pytest.approx(45 / 60)
    np.testing.assert_allclose(lyrics[metal], np.tile(lyrics[~metal].mean(axis=0), (15, 1)), atol=1e-5)


def test_audio_alone_has_no_coverage_of_lyrics(small_inputs):
    assert build(GENRE, small_inputs).lyrics_coverage is None


def test_one_hot_marks_each_genre_in_order_of_its_name():
    np.testing.assert_array_equal(one_hot(np.array(["pop", "jazz", "pop"])), [[0, 1], [1, 0], [0, 1]])
    assert one_hot(np.array(["pop"])).dtype == np.float32


def test_rows_are_taken_in_every_block(small_inputs):
    rows = np.array([3, 5, 40])
    whole, some = build(ALL, small_inputs), build(ALL, small_inputs, rows)
    np.testing.assert_array_equal(block(some, "audio"), block(whole, "audio")[rows])
    np.testing.assert_array_equal(block(some, "lyrics"), block(whole, "lyrics")[rows])
    np.testing.assert_array_equal(block(some, "genre"), one_hot(small_inputs.genres[rows]))


def test_tracks_without_frames_are_left_out_where_frames_are_used(small_inputs):
    mfcc = small_inputs.mfcc.copy()
    mfcc[[4, 17]] = np.nan
    inputs = replace(small_inputs, mfcc=mfcc)
    np.testing.assert_array_equal(usable_rows(AUDIO, inputs), np.delete(ROWS, [4, 17]))
    np.testing.assert_array_equal(usable_rows(BlocksConfig(audio="statistics"), inputs), ROWS)


@pytest.mark.parametrize("check", [require_inputs, build])
class TestNotApplicable:
    def test_corpus_without_words(self, small_inputs, check):
        with pytest.raises(NotApplicableError, match="needs lyrics, and the corpus has none"):
            check(LYRICS, replace(small_inputs, texts=None))

    def test_words_for_none_of_the_tracks(self, small_inputs, check):
        texts = replace(small_inputs.texts, row_by_track=np.full(60, -1))
        with pytest.raises(NotApplicableError, match="none of the tracks has any"):
            check(LYRICS, replace(small_inputs, texts=texts))

    def test_themes_for_none_of_the_genres(self, themed, check):
        with pytest.raises(NotApplicableError, match="none of the tracks has any"):
            check(LYRICS, replace(themed, genres=np.full(60, "polka")))

    def test_condition_without_labels(self, small_inputs, check):
        with pytest.raises(NotApplicableError, match="needs a genre condition, and the corpus has no labels"):
            check(GENRE, replace(small_inputs, genres=None))

    def test_themes_without_labels(self, themed, check):
        with pytest.raises(NotApplicableError, match="needs the themes of a genre, and the corpus has no labels"):
            check(LYRICS, replace(themed, genres=None))


@pytest.mark.parametrize("config", [AUDIO, LYRICS, ALL])
def test_nothing_is_said_where_all_inputs_are_there(small_inputs, config):
    assert require_inputs(config, small_inputs) is None
