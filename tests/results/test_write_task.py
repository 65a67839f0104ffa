"""Files of a task: the same bits for the same result, and nothing that changes from run to run."""

from __future__ import annotations

import io
import json

import numpy as np
import pandas as pd
import pytest

from mlproject.config import AutoencoderConfig, EvaluationConfig, PrincipalComponentsConfig, TaskConfig
from mlproject.experiment.design_matrix import TaskInputs
from mlproject.experiment.run_task import run_task
from mlproject.models.persistence import load_model
from mlproject.prediction.package import Recipe, read_package
from mlproject.reporting.terminal import task_table
from mlproject.results.cluster_descriptions import TrackFacts, cluster_distances
from mlproject.results.write_task import write_not_applicable, write_outputs

TASK = TaskConfig(model=AutoencoderConfig(latent_dim=3, hidden=(8,), epochs=4))
BASELINE = TaskConfig(model=PrincipalComponentsConfig(latent_dim=4))
EVALUATION = EvaluationConfig(n_clusters=4, n_init=2, n_neighbors=5)


def _write(folder, inputs, artists=None):
    folder.mkdir()
    result = run_task(TASK, BASELINE, EVALUATION, inputs)
    ids = [f"t{i}" for i in range(len(inputs.mfcc))]
    facts = TrackFacts(ids, inputs.statistics, [f"mfcc_{i}_mean" for i in range(1, 7)] + ["tempo"], artists=artists)
    recipe = Recipe(task="easy", audio="mfcc", columns=dict(result.design.matrix.columns))
    write_outputs(folder, result, name="easy", corpus="demo", primary="kmeans", facts=facts, recipe=recipe)
    return result


def test_two_runs_write_the_same_bits(tmp_path, small_inputs):
    for name in ("one", "two"):
        _write(tmp_path / name, small_inputs)
    files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file())
    assert len(files) == 10
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes(), file


def test_the_files_say_what_the_result_says(tmp_path, small_inputs):
    result = _write(tmp_path / "out", small_inputs)
    scores = json.loads((tmp_path / "out" / "scores.json").read_text())
    assert scores["scores"]["kmeans"]["ami"] == result.task.scores["kmeans"]["ami"]
    assert scores["representation"] == "label-free"
    table = pd.read_parquet(tmp_path / "out" / "assignments.parquet")
    assert (table.kmeans == result.task.partitions["kmeans"]).all()
    latent = np.load(tmp_path / "out" / "latent.npy")
    model = load_model(tmp_path / "out" / "model")
    assert np.array_equal(model.transform(result.design.matrix.values), latent)
    assert latent.dtype == np.float32
    np.testing.assert_array_equal(table.distance, cluster_distances(latent, table.kmeans.to_numpy()))
    clusters = json.loads((tmp_path / "out" / "clusters.json").read_text())
    assert clusters["clusterer"] == "kmeans"
    assert {one["cluster"]: one["size"] for one in clusters["clusters"]} == table.kmeans.value_counts().to_dict()


def test_the_package_knows_what_was_clustered_and_how_it_came_to_be(tmp_path, small_inputs):
    result = _write(tmp_path / "out", small_inputs)
    recipe, known = read_package(tmp_path / "out" / "model")
    assert (recipe.task, recipe.columns) == ("easy", {"audio": (0, 60)})
    assert known.ids == [f"t{i}" for i in range(60)]
    np.testing.assert_array_equal(known.vectors, result.task.latent)
    np.testing.assert_array_equal(known.labels, result.task.partitions["kmeans"])
    assert known.clusters == json.loads((tmp_path / "out" / "clusters.json").read_text())["clusters"]


def test_artists_stand_beside_the_tracks_where_any_is_known(tmp_path, small_inputs):
    artists = ["Björk", None] * 30
    _write(tmp_path / "with", small_inputs, artists)
    _write(tmp_path / "without", small_inputs)
    found = pd.read_parquet(tmp_path / "with" / "assignments.parquet").artist
    assert [None if pd.isna(one) else one for one in found] == artists
    assert "artist" not in pd.read_parquet(tmp_path / "without" / "assignments.parquet")


def test_a_corpus_without_labels_gets_no_score_that_needs_them(tmp_path, small_inputs):
    inputs = TaskInputs(small_inputs.mfcc, small_inputs.statistics, small_inputs.texts, None)
    _write(tmp_path / "out", inputs)
    scores = json.loads((tmp_path / "out" / "scores.json").read_text())
    assert "ami" not in scores["scores"]["kmeans"]
    assert scores["purity_by_genre"]["kmeans"] is None
    assert "genre" not in pd.read_parquet(tmp_path / "out" / "assignments.parquet")


def test_a_task_that_is_not_applicable_writes_its_reason(tmp_path):
    write_not_applicable(tmp_path, name="hard", corpus="folder", reason="the corpus has no labels")
    scores = json.loads((tmp_path / "scores.json").read_text())
    assert scores["status"] == "not applicable"
    assert scores["reason"] == "the corpus has no labels"


@pytest.mark.parametrize("corpus", ["demo", "gtzan"])
def test_the_table_shows_task_and_pca_and_calls_the_demo_synthetic(small_inputs, corpus):
    from rich.console import Console

    result = run_task(TASK, BASELINE, EVALUATION, small_inputs)
    console = Console(width=120, file=io.StringIO())
    console.print(task_table(result, name="easy", corpus=corpus))
    text = console.file.getvalue()
    assert f"{result.task.scores['kmeans']['ami']:.3f}" in text
    assert f"{result.baseline.scores['kmeans']['ami']:.3f}" in text
    assert ("synthetic" in text) == (corpus == "demo")
