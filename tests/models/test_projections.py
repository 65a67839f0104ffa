"""Maps for figures: finite, repeatable, silent, and at any size that a task can have."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

from mlproject.models import projections as maps
from mlproject.models.projections import tsne_projection, umap_projection

Map = Callable[..., np.ndarray]
both = pytest.mark.parametrize("project", [tsne_projection, umap_projection])


def vectors(n_tracks: int, n_columns: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n_tracks, n_columns)).astype(np.float32)


@both
def test_same_seed_same_map(project: Map) -> None:
    latent = vectors(60, 8)
    first = project(latent, seed=3)
    assert first.shape == (60, 2)
    assert first.dtype == np.float32
    assert np.isfinite(first).all()
    np.testing.assert_array_equal(project(latent, seed=3), first)


@both
def test_groups_far_apart_stay_groups(project: Map) -> None:
    group = np.repeat([0, 1], 30)
    points = project(vectors(60, 8) + 30 * group[:, None].astype(np.float32), seed=0)
    centres = np.array([points[group == index].mean(axis=0) for index in (0, 1)])
    nearest = np.linalg.norm(points[:, None] - centres, axis=2).argmin(axis=1)
    np.testing.assert_array_equal(nearest, group)


@both
@pytest.mark.parametrize(("n_tracks", "n_columns"), [(3, 2), (5, 1), (11, 3), (12, 40)])
def test_few_tracks_or_columns(project: Map, n_tracks: int, n_columns: int) -> None:
    assert np.isfinite(project(vectors(n_tracks, n_columns), seed=0)).all()


@both
@pytest.mark.parametrize("latent", [np.zeros((20, 4), np.float32), np.repeat(vectors(2, 4), 10, axis=0)])
def test_equal_vectors(project: Map, latent: np.ndarray) -> None:
    assert np.isfinite(project(latent, seed=0)).all()


@both
def test_input_is_left_alone(project: Map) -> None:
    latent = vectors(20, 4)
    before = latent.copy()
    project(latent, seed=0)
    np.testing.assert_array_equal(latent, before)


def test_another_umap_fails_clearly(monkeypatch: pytest.MonkeyPatch) -> None:
    maps.load_umap.cache_clear()
    monkeypatch.setattr(maps.importlib, "import_module", lambda _: SimpleNamespace(__version__="9.9"))
    with pytest.raises(ImportError, match=r"umap-learn 9\.9 has no compiled function umap\.utils\.fast_knn_indices"):
        umap_projection(vectors(20, 4), seed=0)


def test_nowhere_to_keep_compiled_code_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise RuntimeError("cannot cache function: no locator available")

    library = SimpleNamespace(**{name: SimpleNamespace(enable_caching=refuse) for _, name in maps._COMPILED})
    monkeypatch.setattr(maps.importlib, "import_module", lambda _: library)
    maps.load_umap.cache_clear()
    assert maps.load_umap() is library
    maps.load_umap.cache_clear()
