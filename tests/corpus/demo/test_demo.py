from collections import Counter

import pytest

from mlproject.config.data import DataConfig
from mlproject.corpus.demo.corpus import Demo
from mlproject.corpus.opening import open_corpus
from tests.corpus.corpus_contract import AudioCorpusContract


class TestDemo(AudioCorpusContract):
    @pytest.fixture
    def corpus(self):
        return open_corpus(DataConfig(corpus="demo"))

    def test_ten_genres_of_ten_tracks_without_faults(self, corpus):
        counts = Counter(track.genre for track in corpus.tracks())
        assert len(counts) == 10
        assert set(counts.values()) == {10}
        assert not any(track.fault for track in corpus.tracks())

    def test_each_track_has_words_of_its_own(self, corpus):
        texts = corpus.words(corpus.tracks()).by_track
        assert len(set(texts.values())) == len(corpus.tracks())
        assert corpus.lyrics == "tracks"

    def test_no_two_tracks_share_a_checksum_or_their_audio(self, corpus):
        assert len(set(corpus.checksums().values())) == 100
        contents = [b"".join(pieces) for _, pieces in corpus.read(corpus.tracks()[:3])]
        assert len(set(contents)) == 3

    def test_another_version_of_the_renderer_has_other_checksums(self, corpus, monkeypatch):
        before = corpus.checksums()
        monkeypatch.setattr("mlproject.corpus.demo.corpus.VERSION", 10**6)
        assert not set(Demo().checksums().values()) & set(before.values())
