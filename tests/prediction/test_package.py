"""A package is plain values and arrays, and comes back as it was written."""

from __future__ import annotations

import json
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlproject.config.data import AudioConfig
from mlproject.errors import DamagedFileError
from mlproject.prediction.package import ClusterDescription, KnownTracks, Recipe, read_package, write_package

CLUSTERS = [
    ClusterDescription(cluster=-1, name="noise", size=1, genres={"żydowska": 1}, purity=1.0, central=("日本 1",)),
    ClusterDescription(cluster=0, name="loud: 夜", size=2, genres=None, purity=None),
]
KNOWN = KnownTracks(
    ["日本 1", "a/b\\c; d", "x" * 300],
    np.arange(6, dtype=np.float32).reshape(3, 2),
    np.array([-1, 0, 0], dtype=np.int32),
    np.array([0.5, -0.5], dtype=np.float32),
    CLUSTERS,
)
lines = st.text(st.characters(codec="utf-8"))
recipes = st.builds(
    Recipe,
    task=lines,
    refusal=st.none() | lines,
    audio=st.sampled_from(["mfcc", "statistics"]),
    features=st.builds(AudioConfig, n_mfcc=st.integers(2, 32)),
    sample_rate=st.integers(16000, 96000),
    clip_seconds=st.floats(1, 600),
    clip_from=st.sampled_from(["start", "middle"]),
    columns=st.dictionaries(lines, st.tuples(st.integers(0, 99), st.integers(0, 99))),
    lyrics_model=st.none() | lines,
    clusterer=st.sampled_from(["kmeans", "dbscan"]),
)


@given(recipe=recipes)
def test_a_recipe_comes_back_as_it_was_written(tmp_path_factory, recipe):
    folder = tmp_path_factory.mktemp("package")
    write_package(folder, recipe, KNOWN)
    assert read_package(folder)[0] == recipe


def test_known_tracks_come_back_as_they_were_written(tmp_path):
    write_package(tmp_path, Recipe(task="easy"), KNOWN)
    _, known = read_package(tmp_path)
    assert (known.ids, known.clusters) == (KNOWN.ids, CLUSTERS)
    for name in ("vectors", "labels", "mean_lyrics"):
        found, written = getattr(known, name), getattr(KNOWN, name)
        np.testing.assert_array_equal(found, written)
        assert found.dtype == written.dtype


def test_a_package_is_json_and_arrays_without_a_pickle(tmp_path):
    write_package(tmp_path, Recipe(task="easy"), KNOWN)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["known.npz", "recipe.json"]
    assert json.loads((tmp_path / "recipe.json").read_text())["task"] == "easy"
    with np.load(tmp_path / "known.npz", allow_pickle=False) as arrays:
        assert {arrays[name].dtype.kind for name in arrays.files} == {"U", "f", "i"}
    assert all(name.endswith(".npy") for name in zipfile.ZipFile(tmp_path / "known.npz").namelist())


def test_ids_that_are_no_text_are_written_as_text(tmp_path):
    write_package(tmp_path, Recipe(task="easy"), KnownTracks([7, 8, 9], *list(vars(KNOWN).values())[1:]))
    assert read_package(tmp_path)[1].ids == ["7", "8", "9"]


def test_an_unknown_key_of_a_recipe_is_refused(tmp_path):
    write_package(tmp_path, Recipe(task="easy"), KNOWN)
    content = json.loads((tmp_path / "recipe.json").read_text())
    (tmp_path / "recipe.json").write_text(json.dumps(content | {"clip_form": "start"}))
    with pytest.raises(DamagedFileError, match=r"recipe.json is damaged .*clip_form"):
        read_package(tmp_path)
