"""A table of features as the corpus, users' tables of artists, and known faults in use."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from tests.small_table import write_small_table

pytestmark = [pytest.mark.pipeline, pytest.mark.slow]

# What tasks get, as a user of the clone's own code would see it.
LOOK = """
import json
from pathlib import Path
import pandas as pd
import pipelines
from mlproject.workflows.inputs import load_corpus
from mlproject.workspace.paths import Workspace
workspace = Workspace(Path.cwd())
ids, inputs = pd.read_parquet(workspace.audio / "index.parquet").track_id, load_corpus(workspace).inputs
listed = {name: None if array is None else array.tolist() for name, array in vars(inputs).items() if name != "texts"}
texts = inputs.texts
listed["texts"] = None if texts is None else [len(texts.vectors), texts.row_by_genre is not None]
print("inputs:" + json.dumps(listed | {"track_ids": list(ids)}))
"""


@pytest.fixture
def table(tmp_path):
    return write_small_table(tmp_path)


def inputs_of(clone, **extra):
    output = clone.run("python", "-c", LOOK, **extra)
    return json.loads(next(line for line in output.splitlines() if line.startswith("inputs:")).removeprefix("inputs:"))


def rejected(clone):
    return pd.read_csv(clone.folder / "data" / "rejected.csv", index_col="track_id").reason.to_dict()


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
        "python", "-m", "pipelines.stages.source", status=2, **extra
    )


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
