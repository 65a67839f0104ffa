"""What every corpus promises, and what those of audio promise beside it: test classes inherit and give a `corpus`."""

import pytest

from mlproject.corpus.audio_stream import AUDIO_SUFFIXES
from mlproject.corpus.decoding import inspect


class CorpusContract:
    @pytest.fixture
    def corpus(self):
        raise NotImplementedError

    def test_ids_are_unique_and_in_order(self, corpus):
        ids = [track.track_id for track in corpus.tracks()]
        assert len(ids) > 1
        assert ids == sorted(set(ids))

    def test_tracks_repeat(self, corpus):
        assert corpus.tracks() == corpus.tracks()

    def test_every_track_has_a_checksum_that_repeats(self, corpus):
        checksums = corpus.checksums()
        assert set(checksums) == {track.track_id for track in corpus.tracks()}
        assert all(checksums.values())
        assert corpus.checksums() == checksums

    def test_texts_belong_to_given_tracks_and_are_not_blank(self, corpus):
        tracks = corpus.tracks()
        assert set(corpus.words(tracks).by_track) <= {track.track_id for track in tracks}
        assert all(text.strip() for text in corpus.words(tracks).by_track.values())
        assert corpus.words([]).by_track == {}

    def test_says_what_it_holds_and_whose_words_there_are(self, corpus):
        assert corpus.holds in ("audio", "statistics")
        assert corpus.lyrics in ("tracks", "themes")


class AudioCorpusContract(CorpusContract):
    """The `corpus` has audio that decodes."""

    def test_names_have_forward_slashes_and_an_audio_suffix(self, corpus):
        for track in corpus.tracks():
            assert "\\" not in track.name
            assert track.suffix in AUDIO_SUFFIXES

    def test_read_yields_each_given_track_once_with_all_its_bytes(self, corpus):
        wanted = corpus.tracks()[::-2]
        found = {track: b"".join(pieces) for track, pieces in corpus.read(wanted)}
        assert set(found) == set(wanted)
        assert {track: len(content) for track, content in found.items()} == {track: track.size for track in wanted}
        assert {track: b"".join(pieces) for track, pieces in corpus.read(wanted)} == found

    def test_read_of_nothing_yields_nothing(self, corpus):
        assert list(corpus.read([])) == []

    def test_audio_decodes(self, corpus, tmp_path):
        for track, pieces in corpus.read(corpus.tracks()[:1]):
            path = tmp_path / f"one{track.suffix}"
            path.write_bytes(b"".join(pieces))
            assert inspect(path).seconds >= 1

    def test_says_which_part_is_used(self, corpus):
        assert corpus.clip_from in ("start", "middle")
