"""A table of features as the corpus, users' tables of artists, and known faults in use."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

pytestmark = [pytest.mark.pipeline, pytest.mark.slow]

# What tasks get, as a user of the clone's own code would see it.
LOOK = """
import json
from pipelines._inputs import load_inputs
ids, inputs = load_inputs()
listed = {name: None if array is None else array.tolist() for name, array in vars(inputs).items() if name != "texts"}
texts = inputs.texts
listed["texts"] = None if texts is None else [len(texts.vectors), texts.row_by_genre is not None]
print("inputs:" + json.dumps(listed | {"track_ids": list(ids)}))
"""


@pytest.fixture
def table(tmp_path):
    """20 tracks of two genres: a constant, a gap, a twin in the other genre, titles, row numbers, an artist of some."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(20, 3)), columns=["loudness", "tempo", "pitch"])
    frame.insert(0, "filename", [f"{'ab'[i % 2]}.{i:02d}.wav" for i in range(20)])
    frame["label"] = ["left" if i % 2 else "right" for i in range(20)]
    frame["constant"], frame["title"], frame["length"] = 1, "song", range(20)
    frame["artist"] = ["Nina" if i < 6 else None for i in range(20)]
    frame.loc[3, "tempo"] = np.nan
    frame.loc[19, ["loudness", "tempo", "pitch"]] = frame.loc[0, ["loudness", "tempo", "pitch"]]
    frame.to_csv(tmp_path / "features.csv")
    return tmp_path / "features.csv"


def inputs_of(clone, **extra):
    output = clone.run("python", "-c", LOOK, **extra)
    return json.loads(next(line for line in output.splitlines() if line.startswith("inputs:")).removeprefix("inputs:"))


def rejected(clone):
    return pd.read_csv(clone.folder / "data" / "rejected.csv", index_col="track_id").reason.to_dict()


def test_what_is_left_out_is_said_and_listed(clone, table):
    clone.configure("data", corpus="table", root=str(table), tracks_per_genre=None)
    output = clone.run("dvc", "repro", "audio_features", "lyrics_features")
    for words in (
        "18 tracks of the table corpus, 3 columns of each",
        "column 'constant' left out: one value alone",
        "column 'title' left out: not numeric, such as 'song'",
        "column 'length' left out: the length of the file",
        "column 'Unnamed: 0' left out: no name",
        "b.19: left out: identical to a.00, which is right and not left",
        "artists: that of 5 of 18 tracks is known",
    ):
        assert words in output
    assert rejected(clone) == {
        "b.03": "1 of 3 columns are missing or infinite, such as tempo",
        "b.19": "identical to a.00, which is right and not left",
    }
    facts = json.loads((clone.folder / "data" / "corpus.json").read_text())
    assert (facts["holds"], facts["columns"], len(facts["columns_left_out"])) == ("statistics", 3, 4)
    audio = clone.folder / "artifacts" / "features" / "audio"
    assert sorted(path.name for path in audio.iterdir()) == ["index.parquet", "statistics.json", "statistics.npy"]
    assert json.loads((audio / "statistics.json").read_text()) == {"columns": ["loudness", "tempo", "pitch"]}
    inputs = inputs_of(clone)
    own = pd.read_csv(table).assign(track_id=lambda frame: frame.filename.str[:-4]).set_index("track_id")
    own = own.loc[inputs["track_ids"]]
    np.testing.assert_array_equal(inputs["statistics"], own[["loudness", "tempo", "pitch"]].to_numpy(np.float32))
    assert inputs["genres"] == list(own.label)
    assert [inputs["mfcc"], inputs["texts"], inputs["faulty"]] == [None] * 3
    for row, (artist, known) in enumerate(zip(inputs["artists"], own.artist, strict=True)):
        assert artist == (f"track:{row}" if pd.isna(known) else known)
    assert str(table) not in (clone.folder / "dvc.lock").read_text()
    assert clone.stages_run(clone.run("dvc", "repro", "audio_features")) == ["source"]


def test_faulty_tracks_are_flagged_where_they_are_asked_for(clone, table):
    clone.configure("data", corpus="table", root=str(table), tracks_per_genre=None, exclude_faults=False)
    output = clone.run("dvc", "repro", "audio_features")
    assert "1 tracks with a known fault are in use" in output
    assert list(rejected(clone)) == ["b.03"]
    inputs = inputs_of(clone)
    assert [track for track, faulty in zip(inputs["track_ids"], inputs["faulty"], strict=True) if faulty] == ["b.19"]


def test_a_users_artists_take_the_place_of_the_tables_own_and_stay_out_of_the_lock(clone, table, tmp_path):
    people = tmp_path / "people.csv"
    people.write_text("track_id,artist_group\na.00,7\nb.01,7\nb.05,\nstranger,8\n")
    extra = {"MLPROJECT_CORPUS": "table", "MLPROJECT_ROOT": str(table), "MLPROJECT_ARTISTS": str(people)}
    clone.configure("data", tracks_per_genre=None)
    clone.run("dvc", "repro", "audio_features", **extra)
    inputs = inputs_of(clone, **extra)
    artists = dict(zip(inputs["track_ids"], inputs["artists"], strict=True))
    assert {track for track, artist in artists.items() if artist == "7"} == {"a.00", "b.01"}
    assert len(set(artists.values())) == len(artists) - 1
    assert str(people) not in (clone.folder / "dvc.lock").read_text()
    people.write_text("track_id,artist_group\na.00,9\n")
    stages = clone.stages_run(clone.run("dvc", "repro", "audio_features", **extra))
    assert stages == ["source", "prepare"]
    people.write_text("track_id,singer\na.00,9\n")
    assert "it needs track_id and artist or artist_group" in clone.run(
        "python", "-m", "pipelines.source", status=2, **extra
    )


def test_a_table_after_the_demo_and_the_demo_after_a_table(clone, table):
    clone.configure("data", tracks_per_genre=1)
    assert "10 clips to compute" in clone.run("dvc", "repro", "audio_features")
    clone.configure("data", corpus="table", root=str(table))
    clone.run("dvc", "repro", "audio_features")
    assert not (clone.folder / "artifacts/features/audio/mfcc.npy").exists()
    clone.configure("data", corpus="demo", root=None, tracks_per_genre=2)
    assert "20 clips to compute, 0 kept" in clone.run("dvc", "repro", "audio_features")


def test_words_for_a_table(clone, table, tmp_path):
    clone.configure("data", corpus="table", root=str(table), tracks_per_genre=None)
    pd.DataFrame({"track_id": ["a.00", "b.01"], "text": ["one", "two"]}).to_csv(tmp_path / "words.csv", index=False)
    clone.configure("features", lyrics__source="file", lyrics__file=str(tmp_path / "words.csv"))
    assert "2 of 18 tracks have a text" in clone.run("dvc", "repro", "audio_features", "lyrics_features")
    assert inputs_of(clone)["texts"] == [2, False]
    clone.configure("features", lyrics__source="themes", lyrics__file=None)
    clone.run("dvc", "repro", "lyrics_features")
    assert inputs_of(clone)["texts"] == [10, True]
    clone.configure("features", lyrics__source="asr")
    output = clone.run("dvc", "repro", "lyrics_features", status=255)
    assert "a table of features has no audio to hear: set lyrics.source to file" in output


def test_a_task_that_needs_frames_is_not_applicable(clone, table):
    clone.configure("data", corpus="table", root=str(table), tracks_per_genre=None)
    output = clone.run("python", "-m", "pipelines.task", "task=easy")
    assert "easy is not applicable: the task needs MFCC frames, and a feature table has none" in output
    (hint,) = (line for line in output.splitlines() if line.startswith("tasks that have all they need here: "))
    assert not {"easy", "medium", "hard"} & set(hint.split(": ")[1].split(", "))


def test_the_kaggle_table_works_as_it_is(clone, test_data):
    clone.configure(
        "data",
        corpus="table",
        root=str(test_data / "gtzan_features_30_sec.csv"),
        artists=str(test_data / "gtzan_tracks.csv"),
        tracks_per_genre=None,
    )
    output = clone.run("dvc", "repro", "audio_features")
    assert "986 tracks of the table corpus, 57 columns of each" in output
    assert "column 'length' left out" in output
    assert "rock.00016" in rejected(clone)
    statistics = np.load(clone.folder / "artifacts/features/audio/statistics.npy")
    assert (statistics.shape, statistics.dtype) == ((986, 57), np.float32)
    inputs = inputs_of(clone)
    assert len(set(inputs["genres"])) == 10
    unknown = [artist for artist in inputs["artists"] if artist.startswith("track:")]
    assert (len(unknown), len(set(inputs["artists"])) - len(unknown)) == (39, 412)
    clone.configure("data", tracks_per_genre=40)
    assert "400 tracks of the table corpus" in clone.run("dvc", "repro", "prepare")
