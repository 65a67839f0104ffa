"""Quantile-normalised columns and embeddings of them, each at its weight."""

from __future__ import annotations

import numpy as np
import pytest

from mlproject.models.persistence import load_model, save_model
from mlproject.models.scaling import LIMIT
from mlproject.models.umap_ensemble import UmapEnsemble

SMALL = {"n_embeddings": 2, "n_neighbors": 8, "random_state": 0}


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    return np.exp(np.random.default_rng(3).normal(size=(80, 7))).astype(np.float32)


def test_layouts_stand_side_by_side_at_equal_variance(rows):
    latent = UmapEnsemble(8, **SMALL).fit_transform(rows)
    assert latent.shape == (80, 16)
    assert latent.dtype == np.float32
    np.testing.assert_allclose([latent[:, :8].var(axis=0).sum(), latent[:, 8:].var(axis=0).sum()], 1, rtol=1e-4)
    assert not np.allclose(latent[:, :8], latent[:, 8:])


def test_a_rising_change_of_a_column_changes_nothing(rows):
    one = UmapEnsemble(8, **SMALL).fit_transform(rows)
    np.testing.assert_allclose(one, UmapEnsemble(8, **SMALL).fit_transform(np.log(rows)), atol=1e-4)


def test_normal_scores_are_bounded(rows):
    model = UmapEnsemble(8, **SMALL).fit(rows)
    scores = model._normalised(rows * 1000)
    assert np.abs(scores).max() <= LIMIT
    assert np.abs(model._normalised(rows).mean(axis=0)).max() < 0.05


def test_it_encodes_the_audio_block_alone(rows):
    other = np.hstack([rows, np.random.default_rng(0).normal(size=(80, 2)).astype(np.float32)])
    model = UmapEnsemble(8, blocks={"audio": (0, 7), "genre": (7, 9)}, **SMALL)
    np.testing.assert_array_equal(model.fit_transform(other), UmapEnsemble(8, **SMALL).fit_transform(rows))


def test_a_saved_model_places_new_tracks_alike(rows, tmp_path):
    model = UmapEnsemble(8, **SMALL).fit(rows)
    save_model(model, tmp_path)
    np.testing.assert_array_equal(load_model(tmp_path).transform(rows + 1), model.transform(rows + 1))
