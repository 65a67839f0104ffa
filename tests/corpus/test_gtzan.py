import re
import tarfile
import zipfile

import pandas as pd
import pytest

from mlproject.config.data import DataConfig
from mlproject.corpus.gtzan import known_faults
from mlproject.corpus.opening import open_corpus
from mlproject.corpus.sampling import sample
from mlproject.errors import ConfigError, CorpusNotFoundError
from tests.corpus.corpus_contract import AudioCorpusContract

IDS = ["blues.00000", "blues.00001", "jazz.00053", "jazz.00054", "rock.00016"]
LAYOUTS = {
    "kaggle": "genres_original/{genre}/{track}.wav",
    "kaggle with its outer folder": "Data/genres_original/{genre}/{track}.wav",
    "original archive": "genres/{genre}/{track}.au",
    "genres at the top": "{genre}/{track}.au",
}


def gtzan(root):
    return open_corpus(DataConfig(corpus="gtzan", root=str(root)))


@pytest.fixture
def make_copy(tmp_path, write_tone):
    def make(layout):
        root = tmp_path / "copy"
        for number, track in enumerate(IDS):
            name = layout.format(genre=track.split(".")[0], track=track)
            write_tone(root / name, 1.1, frequency=220 + 50 * number)
        (root / "features_30_sec.csv").write_text("filename,label\n")
        (root / "images_original" / "blues").mkdir(parents=True)
        (root / "images_original" / "blues" / "blues00000.png").write_bytes(b"png")
        return root

    return make


def pack_zip(folder, path):
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, file.relative_to(folder))
        archive.writestr("__MACOSX/genres_original/blues/._blues.00000.wav", b"resource fork")
    return path


def pack_tar(folder, path):
    with tarfile.open(path, "w:gz") as archive:
        archive.add(folder, ".")
    return path


@pytest.mark.parametrize("layout", LAYOUTS)
class TestGtzanFolder(AudioCorpusContract):
    @pytest.fixture
    def corpus(self, make_copy, layout):
        return gtzan(make_copy(LAYOUTS[layout]))

    def test_tracks_have_the_ids_and_genres_of_their_files(self, corpus):
        assert {track.track_id: track.genre for track in corpus.tracks()} == {name: name.split(".")[0] for name in IDS}

    def test_known_faults_are_marked(self, corpus):
        faults = {track.track_id: track.fault for track in corpus.tracks() if track.fault}
        assert faults == {"jazz.00054": "corrupt in the Kaggle copy", "rock.00016": "identical to metal.00058"}

    def test_themes_stand_in_for_words(self, corpus):
        assert corpus.lyrics == "themes"
        assert corpus.words(corpus.tracks()).by_track == {}


@pytest.mark.parametrize("pack", [pack_zip, pack_tar])
class TestGtzanArchive(AudioCorpusContract):
    @pytest.fixture
    def corpus(self, make_copy, pack, tmp_path):
        name = {pack_zip: "archive.zip", pack_tar: "genres.tar.gz"}[pack]
        return gtzan(pack(make_copy(LAYOUTS["kaggle with its outer folder"]), tmp_path / name))

    def test_holds_what_its_folder_holds(self, corpus, tmp_path):
        unpacked = gtzan(tmp_path / "copy")
        packed = {track.track_id: b"".join(pieces) for track, pieces in corpus.read(corpus.tracks())}
        assert packed == {track.track_id: b"".join(pieces) for track, pieces in unpacked.read(unpacked.tracks())}


def test_table_of_faults_names_fifteen_tracks_once():
    faults = known_faults()
    assert len(faults) == 15
    assert all(re.fullmatch(r"[a-z]+\.\d{5}", track) for track in faults)
    assert all(reason == "corrupt in the Kaggle copy" or "identical to" in reason for reason in faults.values())
    originals = {reason.removeprefix("identical to ") for reason in faults.values()}
    assert not originals & set(faults)  # of two identical tracks one stays


def test_table_of_faults_agrees_with_the_published_lists(test_data):
    table = pd.read_csv(test_data / "gtzan_tracks.csv", index_col="track_id")
    corrupt = set(table.index[table.corrupt_in_kaggle_copy])
    identical = table.identical_to.dropna()
    pairs = {frozenset(pair) for pair in identical.items()}
    faults = known_faults()
    assert {track for track, reason in faults.items() if "corrupt" in reason} == corrupt
    named = {frozenset((track, why.split()[-1])) for track, why in faults.items() if "identical" in why}
    assert named == pairs


def test_user_who_asks_for_faulty_tracks_gets_them(make_copy):
    tracks = gtzan(make_copy(LAYOUTS["kaggle"])).tracks()
    assert len(sample(tracks, per_genre=None, seed=0).tracks) == 3
    chosen, left_out = sample(tracks, per_genre=None, seed=0, exclude_faults=False)
    assert len(chosen) == 5
    assert left_out == []


def test_same_track_twice_is_refused(make_copy):
    root = make_copy(LAYOUTS["kaggle"])
    (root / "genres" / "blues").mkdir(parents=True)
    (root / "genres" / "blues" / "blues.00000.au").write_bytes(b"x")
    with pytest.raises(ConfigError, match=r"holds blues.00000 twice .*one copy of GTZAN"):
        gtzan(root).tracks()


def test_track_in_the_folder_of_another_genre_is_no_gtzan_track(tmp_path):
    (tmp_path / "jazz").mkdir()
    (tmp_path / "jazz" / "blues.00000.wav").write_bytes(b"x")
    with pytest.raises(CorpusNotFoundError, match="holds no GTZAN track"):
        gtzan(tmp_path).tracks()


def test_folder_without_tracks_says_how_to_get_gtzan(tmp_path):
    with pytest.raises(CorpusNotFoundError, match=r"holds no GTZAN track.*Kaggle \(andradaolteanu/gtzan-dataset"):
        gtzan(tmp_path).tracks()


def test_unset_root_says_what_to_set_and_how_to_get_gtzan():
    with pytest.raises(
        CorpusNotFoundError, match=r"set root in conf/data.yaml or MLPROJECT_ROOT; get GTZAN from Kaggle"
    ):
        open_corpus(DataConfig(corpus="gtzan"))


def test_root_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CorpusNotFoundError, match=r"nowhere' does not exist; expected a folder or archive"):
        gtzan(tmp_path / "nowhere")


def test_real_sample_has_eight_tracks_a_genre(gtzan_root):
    tracks = gtzan(gtzan_root).tracks()
    assert pd.Series([track.genre for track in tracks]).value_counts().to_dict() == dict.fromkeys(
        ["blues", "classical", "country", "disco", "hiphop", "jazz", "metal", "pop", "reggae", "rock"], 8
    )
