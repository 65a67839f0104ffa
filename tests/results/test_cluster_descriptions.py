"""Clusters are named by what is heard and sung in them, never by their genres."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlproject.config.data import AudioConfig
from mlproject.features.audio import statistics_names
from mlproject.prediction.package import ClusterDescription
from mlproject.results.cluster_descriptions import TrackFacts, cluster_distances, describe_clusters

COLUMNS = ["rms_mean", "centroid_mean", "tempo", "chroma_1_mean"]
KAGGLE = {
    "rms_mean": ("loud", "quiet"),
    "rms_var": ("changing in loudness", "even in loudness"),
    "spectral_centroid_mean": ("bright", "dark"),
    "rolloff_mean": ("bright", "dark"),
    "spectral_centroid_var": ("changing in brightness", "even in brightness"),
    "spectral_bandwidth_mean": ("wide in sound", "narrow in sound"),
    "zero_crossing_rate_mean": ("noisy", "smooth"),
    "tempo": ("fast", "slow"),
    "perceptr_var": ("percussive", "with little percussion"),
    "chroma_stft_mean": ("many notes at once", "few notes at once"),
    "mfcc1_var": ("varied in timbre", "uniform in timbre"),
    "mfcc20_var": ("varied in timbre", "uniform in timbre"),
}


def facts_of(statistics, columns=COLUMNS, words=None):
    statistics = np.asarray(statistics, dtype=np.float32)
    return TrackFacts([f"track {row}" for row in range(len(statistics))], statistics, columns, words)


def described(labels, statistics, *, columns=COLUMNS, words=None, genres=None, latent=None):
    labels, statistics = np.asarray(labels), np.asarray(statistics, dtype=np.float32)
    latent = statistics if latent is None else latent
    return describe_clusters(latent, labels, genres=genres, facts=facts_of(statistics, columns, words))


@pytest.fixture
def music(rng):
    """40 tracks of 4 clusters that differ in loudness, brightness and tempo, and words for all of them."""
    labels = np.arange(40) % 4
    statistics = rng.normal(size=(40, 4)).astype(np.float32)
    statistics[:, 0] += 4 * (labels == 0)
    statistics[:, 1] -= 4 * (labels == 1)
    statistics[:, 2] += 4 * (labels == 2)
    words = [f"{['river', 'engine', 'dance', 'whisky'][label]} and the road" for label in labels]
    return labels, statistics, words


class TestNames:
    def test_they_say_in_words_what_sets_a_cluster_apart(self, music):
        labels, statistics, words = music
        names = [one.name for one in described(labels, statistics)]
        assert [name.split(", ")[0] for name in names[:3]] == ["loud", "dark", "fast"]
        sung = [one.name for one in described(labels, statistics, words=words)]
        expected = ["river", "engine", "dance", "whisky"]
        assert sung == [f"{name}: {word}" for name, word in zip(names, expected, strict=True)]

    def test_they_are_the_same_with_other_genres_and_with_none(self, music, rng):
        labels, statistics, words = music
        told = np.array(["blues", "jazz", "metal", "pop"])[labels]
        answers = [
            described(labels, statistics, words=words, genres=genres) for genres in (told, rng.permutation(told), None)
        ]
        for key in ("name", "distinguishing", "words", "central"):
            first, *others = [[getattr(one, key) for one in answer] for answer in answers]
            assert others == [first, first], key
        assert not {"blues", "jazz", "metal", "pop"} & set(" ".join(one.name for one in answers[0]).split())

    def test_clusters_that_sound_alike_are_numbered(self):
        names = [one.name for one in described([-1, 0, 0, 1, 1, 2, 2], np.ones((7, 4)))]
        assert names == ["noise", "middling", "middling (2)", "middling (3)"]

    def test_noise_is_called_so_whatever_it_sounds_like(self, music):
        labels, statistics, words = music
        first, *_ = described(np.where(labels == 0, -1, labels), statistics, words=words)
        assert (first.cluster, first.name, first.size) == (-1, "noise", 10)
        assert first.distinguishing[0].phrase == "loud"

    def test_a_single_cluster_has_nothing_to_be_told_apart_from(self, music):
        _, statistics, words = music
        (one,) = described(np.zeros(40, dtype=int), statistics, words=words)
        assert (one.name, one.distinguishing, one.words, one.size) == ("middling", (), (), 40)

    def test_columns_that_never_change_say_nothing(self, music):
        labels, statistics, _ = music
        statistics[:, 0] = 7
        for one in described(labels, statistics):
            assert "rms_mean" not in [found.feature for found in one.distinguishing]
            assert all(np.isfinite(found.difference) for found in one.distinguishing)

    def test_notes_are_told_but_name_nothing(self):
        statistics = np.repeat([[0, 0, 0, 5], [0, 0, 0, -5]], 5, axis=0)
        more, less = described(np.repeat([0, 1], 5), statistics)
        assert [one.distinguishing[0].phrase for one in (more, less)] == ["more C", "less C"]
        assert (more.name, less.name) == ("middling", "middling (2)")

    @pytest.mark.parametrize("column", KAGGLE)
    def test_columns_of_the_published_table_have_words_too(self, column):
        statistics = np.repeat([[1.0], [-1.0]], 5, axis=0)
        assert (
            tuple(one.name for one in described(np.repeat([0, 1], 5), statistics, columns=[column])) == (KAGGLE[column])
        )

    def test_columns_without_words_are_left_out(self):
        statistics = np.repeat([[1.0, 1.0], [-1.0, -1.0]], 5, axis=0)
        one, _ = described(np.repeat([0, 1], 5), statistics, columns=["harmony_mean", "my own: column"])
        assert (one.name, one.distinguishing) == ("middling", ())

    def test_each_word_stands_once_with_its_strongest_column(self):
        statistics = np.column_stack([np.repeat([1.0, -1.0], 5), np.tile([1.0, -1.0], 5)])
        one, _ = described(np.repeat([0, 1], 5), statistics, columns=["rolloff_mean", "centroid_mean"])
        assert [(found.feature, found.phrase) for found in one.distinguishing] == [("rolloff_mean", "bright")]

    def test_the_projects_own_columns_can_name(self):
        names = statistics_names(AudioConfig())
        statistics = np.repeat([np.ones(len(names)), -np.ones(len(names))], 5, axis=0)
        one, _ = described(np.repeat([0, 1], 5), statistics, columns=names)
        assert len(one.name.split(", ")) == 3
        assert len(one.distinguishing) == 5


class TestLyrics:
    LABELS = np.repeat([0, 1], 4)

    def words_of(self, *texts):
        return [list(one.words) for one in described(self.LABELS, np.zeros((8, 4)), words=texts)]

    def test_words_that_both_sides_sing_name_neither(self):
        own, other = self.words_of(*["love river"] * 4, *["love engine"] * 4)
        assert (own, other) == (["river"], ["engine"])

    def test_stop_words_numbers_and_syllables_name_nothing(self):
        assert self.words_of(*["and the of", "THE", "is it", "", "oh 123 la", "__", "the", "to be"]) == [[], []]
        assert self.words_of(*["and the of"] * 8) == [[], []]

    def test_tracks_without_words_do_not_count(self):
        own, other = self.words_of("river", None, None, None, "engine", "engine", None, None)
        assert (own, other) == (["river"], ["engine"])

    @pytest.mark.parametrize("missing", [range(4), range(4, 8), range(8)])
    def test_both_sides_need_words(self, missing):
        texts = [None if row in missing else "river engine" for row in range(8)]
        assert self.words_of(*texts) == [[], []]

    def test_words_of_any_script_are_words(self):
        own, other = self.words_of(*["Ночь žluťoučký"] * 4, *["παράδεισος"] * 4)
        assert (own, other) == (["žluťoučký", "ночь"], ["παράδεισος"])


def test_central_tracks_are_those_nearest_to_the_mean_of_the_cluster(rng):
    latent, labels = rng.normal(size=(60, 5)), np.arange(60) % 3
    for one in described(labels, np.zeros((60, 4)), latent=latent):
        members = np.flatnonzero(labels == one.cluster)
        distances = np.linalg.norm(latent[members] - latent[members].mean(axis=0), axis=1)
        assert one.central == tuple(f"track {row}" for row in members[np.argsort(distances)][:6])


def test_genres_are_counted_from_the_most_frequent_on(rng):
    genres = np.array(["日本", "jazz", "日本", "jazz", "jazz", "日本", "pop"])
    first, second = described([0, 0, 0, 1, 1, 1, 1], rng.normal(size=(7, 4)), genres=genres)
    assert list(first.genres.items()) == [("日本", 2), ("jazz", 1)]
    assert list(second.genres.items()) == [("jazz", 2), ("日本", 1), ("pop", 1)]
    assert (first.purity, second.purity) == (pytest.approx(2 / 3), 0.5)
    for one in (first, second):
        assert ClusterDescription.model_validate(json.loads(json.dumps(one.model_dump(mode="json")))) == one


def test_distances_are_to_the_mean_of_the_own_cluster():
    latent = np.array([[0, 0], [2, 0], [9, 9], [0, 4], [0, 8]], dtype=np.float32)
    found = cluster_distances(latent, np.array([3, 3, -1, 5, 5]))
    np.testing.assert_allclose(found, [1, 1, 0, 2, 2])
    assert found.dtype == np.float32


@given(data=st.data(), n_tracks=st.integers(2, 30))
def test_any_partition_is_described_whole_and_by_different_names(data, n_tracks):
    labels = np.array(data.draw(st.lists(st.integers(-1, 5), min_size=n_tracks, max_size=n_tracks)))
    statistics = np.random.default_rng(n_tracks).normal(size=(n_tracks, 4)) * data.draw(st.sampled_from([0, 1, 1e6]))
    genres = np.array([f"genre {label % 2}" for label in labels])
    found = described(labels, statistics, genres=genres)
    assert [one.cluster for one in found] == sorted(set(labels.tolist()))
    assert len({one.name for one in found}) == len(found)
    for one in found:
        members = {f"track {row}" for row in np.flatnonzero(labels == one.cluster)}
        assert one.size == len(members) == sum(one.genres.values())
        assert set(one.central) <= members
        assert len(one.central) == min(6, len(members))
        differences = [abs(each.difference) for each in one.distinguishing]
        assert differences == sorted(differences, reverse=True)


def test_facts_of_some_tracks_keep_the_given_order():
    facts = TrackFacts(["a", "b", "c"], np.arange(3)[:, None], ["tempo"], ["x", None, "z"], [None, "B", "C"])
    some = facts.take(np.array([2, 0]))
    assert (some.ids, some.words, some.artists) == (["c", "a"], ["z", "x"], ["C", None])
    np.testing.assert_array_equal(some.statistics, [[2], [0]])
    assert facts_of(np.zeros((3, 4))).take(np.array([1])).words is None
