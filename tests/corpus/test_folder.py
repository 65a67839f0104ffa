import zipfile

import pytest

from mlproject.config.data import DataConfig
from mlproject.corpus.opening import open_corpus
from mlproject.errors import CorpusNotFoundError
from tests.corpus.corpus_contract import AudioCorpusContract


def music(root, *, labels="folder"):
    return open_corpus(DataConfig(corpus="folder", root=str(root), labels=labels))


def by_id(corpus):
    return {track.track_id: track for track in corpus.tracks()}


@pytest.fixture
def root(tmp_path, write_tone):
    root = tmp_path / "music"
    write_tone(root / "folk" / "album" / "one.wav", 1.2)
    write_tone(root / "folk" / "two.flac", 1.3)
    write_tone(root / "noise" / "three.OGG", 1.4)
    write_tone(root / "noise" / "four.mp3", 1.5)
    (root / "folk" / "album" / "one.txt").write_text("  words of one \n")
    (root / "noise" / "three.txt").write_text(" \n")
    (root / "noise" / "cover.jpg").write_bytes(b"jpg")
    (root / "folk" / "._two.flac").write_bytes(b"hidden")
    (root / "folk" / ".hidden.wav").write_bytes(b"hidden")
    return root


@pytest.mark.parametrize("labels", ["folder", "none"])
class TestMusicFolder(AudioCorpusContract):
    @pytest.fixture
    def corpus(self, root, labels):
        return music(root, labels=labels)

    def test_first_sub_folder_is_the_genre_where_the_music_is_labelled(self, corpus, labels):
        genres = {track_id: track.genre for track_id, track in by_id(corpus).items()}
        expected = {"folk/album/one": "folk", "folk/two": "folk", "noise/four": "noise", "noise/three": "noise"}
        assert genres == (expected if labels == "folder" else dict.fromkeys(expected))

    def test_text_beside_a_track_is_its_lyrics(self, corpus):
        assert corpus.words(corpus.tracks()).by_track == {"folk/album/one": "words of one"}


class TestZippedMusic(AudioCorpusContract):
    @pytest.fixture
    def corpus(self, root, tmp_path):
        with zipfile.ZipFile(tmp_path / "music.zip", "w") as archive:
            for file in root.rglob("*"):
                archive.write(file, file.relative_to(root))
        return music(tmp_path / "music.zip")

    def test_words_are_found_in_the_archive(self, corpus):
        assert corpus.words(corpus.tracks()).by_track == {"folk/album/one": "words of one"}


def test_ids_are_in_order_where_one_name_begins_with_another(tmp_path, write_tone):
    for name in ("song.wav", "song (live).wav", "song-2.wav"):
        write_tone(tmp_path / "folk" / name, 1.0)
    ids = [track.track_id for track in music(tmp_path).tracks()]
    assert ids == ["folk/song", "folk/song (live)", "folk/song-2"]


def test_hidden_folder_is_no_genre(root, write_tone):
    write_tone(root / ".Trash-1000" / "thrown away.wav", 1.2)
    assert {track.genre for track in music(root).tracks()} == {"folk", "noise"}


def test_same_stem_twice_keeps_both_with_their_endings(root, write_tone):
    write_tone(root / "folk" / "two.wav", 1.2)
    assert {"folk/two.flac", "folk/two.wav", "folk/album/one"} <= set(by_id(music(root)))


def test_loose_track_is_marked_where_the_music_is_labelled(root, write_tone):
    write_tone(root / "loose.wav", 1.2)
    loose = by_id(music(root))["loose"]
    assert (loose.genre, loose.unusable) == (None, "lies in no sub-folder, so it has no genre")
    assert by_id(music(root, labels="none"))["loose"].unusable is None


def test_checksum_changes_with_the_audio_and_with_the_words_of_one_track_alone(root, write_tone):
    first = music(root).checksums()
    write_tone(root / "folk" / "two.flac", 1.3, frequency=300)
    (root / "folk" / "album" / "one.txt").write_text("other words")
    second = music(root).checksums()
    assert {track for track in first if first[track] != second[track]} == {"folk/two", "folk/album/one"}


def test_folder_without_audio_names_what_would_be_audio(tmp_path):
    (tmp_path / "folk").mkdir()
    (tmp_path / "folk" / "notes.txt").write_text("x")
    with pytest.raises(CorpusNotFoundError, match=r"no audio that can be read among its 1 files \(1 .txt\); expected"):
        music(tmp_path).tracks()


def test_labelled_folder_without_sub_folders_says_what_to_do(tmp_path, write_tone):
    write_tone(tmp_path / "one.wav", 1.2)
    with pytest.raises(CorpusNotFoundError, match="has no sub-folders to take genres from; set labels: none"):
        music(tmp_path).tracks()
    assert [track.track_id for track in music(tmp_path, labels="none").tracks()] == ["one"]


def test_unset_root_says_what_to_set():
    with pytest.raises(CorpusNotFoundError, match="corpus is 'folder' and root is null") as caught:
        open_corpus(DataConfig(corpus="folder"))
    assert "GTZAN" not in str(caught.value)


class TestAuto:
    def collection(self, tmp_path, write_tone, *names):
        for name in names:
            write_tone(tmp_path / "music" / name, 1.0)
        return music(tmp_path / "music", labels="auto")

    @pytest.mark.parametrize("around", ["", "genres_original/"])
    def test_two_folders_of_many_tracks_are_genres(self, tmp_path, write_tone, around):
        corpus = self.collection(tmp_path, write_tone, *(f"{around}{'ab'[i % 2]}/{i}.wav" for i in range(8)))
        assert {track.genre for track in corpus.tracks()} == {"a", "b"}
        assert "the 2 sub-folders are taken as genres: 4 tracks each" in " ".join(corpus.notes())

    def test_artists_and_albums_are_not(self, tmp_path, write_tone):
        corpus = self.collection(tmp_path, write_tone, *(f"{'ab'[i % 2]}/album/{i}.wav" for i in range(8)))
        assert {(track.genre, track.unusable) for track in corpus.tracks()} == {(None, None)}
        assert "sub-folders are not taken as genres: 8 of 8 tracks lie deeper" in " ".join(corpus.notes())

    def test_a_flat_folder_needs_no_setting(self, tmp_path, write_tone):
        corpus = self.collection(tmp_path, write_tone, "one.wav", "two.wav")
        assert [track.genre for track in corpus.tracks()] == [None, None]


@pytest.mark.parametrize("labels", ["auto", "folder"])
def test_the_demo_has_its_genres_unless_none_are_wanted(labels):
    known, plain = (open_corpus(DataConfig(labels=value)) for value in (labels, "none"))
    assert len({track.genre for track in known.tracks()}) == 10
    assert {track.genre for track in plain.tracks()} == {None}
    first, same = known.tracks()[:1], plain.tracks()[:1]
    assert known.words(first) == plain.words(same)
    assert b"".join(next(known.read(first))[1]) == b"".join(next(plain.read(same))[1])
