"""Files of a task: the same bits for the same result, and nothing that changes from run to run."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

from mlproject.experiment.design_matrix import TaskInputs
from mlproject.models.persistence import load_model
from mlproject.reporting.terminal import task_table
from mlproject.results.cluster_descriptions import cluster_distances
from mlproject.results.task_output import TaskOutput
from tests.results.small_results import small_output, small_result


def test_two_runs_write_the_same_bits(tmp_path, small_inputs):
    for name in ("one", "two"):
        small_output(tmp_path / name, small_inputs)
    files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file())
    assert len(files) == 10
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes(), file


def test_the_files_say_what_the_result_says(tmp_path, small_inputs):
    result = small_result(small_inputs)
    output = small_output(tmp_path / "out", small_inputs, result=result)
    read = TaskOutput(output.folder)
    assert read.record == output.record
    assert read.record.scores == result.task.scores
    assert (read.record.label_use, read.record.is_baseline) == ("label-free", False)
    assert (read.record.latent_dim, read.record.baseline_latent_dim) == (3, 4)
    np.testing.assert_array_equal(read.record.training.loss_curve, result.loss_curve)
    for clusterer, labels in result.task.partitions.items():
        np.testing.assert_array_equal(read.partition(clusterer), labels)
        np.testing.assert_array_equal(read.baseline_partition(clusterer), result.baseline.partitions[clusterer])
    np.testing.assert_array_equal(read.genres, small_inputs.genres)
    model = load_model(read.folder / "model")
    np.testing.assert_array_equal(model.transform(result.design.matrix.values), read.latent)
    assert read.latent.dtype == np.float32
    np.testing.assert_array_equal(read.assignments.distance, cluster_distances(read.latent, read.partition()))
    sizes = {cluster.cluster: cluster.size for cluster in read.clusters}
    assert sizes == read.assignments.kmeans.value_counts().to_dict()


def test_the_package_knows_what_was_clustered_and_how_it_came_to_be(tmp_path, small_inputs):
    output = small_output(tmp_path / "out", small_inputs)
    recipe, known = output.package
    assert (recipe.task, recipe.columns) == ("easy", {"audio": (0, 60)})
    assert known.ids == [f"t{i}" for i in range(60)]
    np.testing.assert_array_equal(known.vectors, output.latent)
    np.testing.assert_array_equal(known.labels, output.partition())
    assert known.clusters == output.clusters


def test_what_figures_show_of_mfcc_is_that_of_the_tracks(tmp_path, small_inputs):
    result = small_result(small_inputs)
    examples = small_output(tmp_path / "out", small_inputs, result=result).examples
    names, first = np.unique(small_inputs.genres, return_index=True)
    assert examples.genres.tolist() == names.tolist()
    np.testing.assert_array_equal(examples.by_genre, small_inputs.mfcc[first])
    chosen = first[[0, 2, 3]]
    assert examples.names.tolist() == names[[0, 2, 3]].tolist()
    np.testing.assert_array_equal(examples.originals, small_inputs.mfcc[chosen])
    rebuilt = result.task.model.encoder_.reconstruct(result.design.matrix.values[chosen])
    np.testing.assert_array_equal(examples.reconstructions, rebuilt.reshape(3, 5, 12).astype(np.float32))
    np.testing.assert_allclose(examples.mean[:, 0], small_inputs.mfcc.mean(axis=(0, 2)), atol=1e-6)
    assert {values.dtype.kind for values in vars(examples).values()} == {"f", "U"}


def test_artists_stand_beside_the_tracks_where_any_is_known(tmp_path, small_inputs):
    artists = ["Björk", None] * 30
    output = small_output(tmp_path / "with", small_inputs, artists=artists)
    assert [None if pd.isna(artist) else artist for artist in output.assignments.artist] == artists
    assert "artist" not in small_output(tmp_path / "without", small_inputs).assignments


def test_a_corpus_without_labels_gets_no_score_that_needs_them(tmp_path, small_inputs):
    inputs = TaskInputs(small_inputs.mfcc, small_inputs.statistics, small_inputs.texts, None)
    output = small_output(tmp_path / "out", inputs)
    assert "ami" not in output.record.primary_scores
    assert output.record.purity_by_genre["kmeans"] is None
    assert output.genres is None
    assert "genre" not in output.assignments
    assert output.examples.names.tolist() == ["track 1", "track 2", "track 3"]


@pytest.mark.parametrize("corpus", ["demo", "gtzan"])
def test_the_table_shows_task_and_pca_and_calls_the_demo_synthetic(tmp_path, small_inputs, corpus):
    from rich.console import Console

    output = small_output(tmp_path / "out", small_inputs, corpus=corpus, projections=False)
    console = Console(width=120, file=io.StringIO())
    console.print(task_table(output))
    text = console.file.getvalue()
    assert f"{output.record.primary_scores['ami']:.3f}" in text
    assert f"{output.record.baseline['ami']:.3f}" in text
    assert ("synthetic" in text) == (corpus == "demo")
