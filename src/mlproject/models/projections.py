"""Projections of a latent onto the plane, for figures only: they are never clustered and never scored.

Neither method keeps distances between groups, and UMAP's and t-SNE's axes have no meaning.
"""

import importlib
import warnings
from contextlib import suppress
from functools import lru_cache
from types import ModuleType
from typing import Any

import numpy as np
from sklearn.manifold import TSNE

from mlproject.threads import limit_threads

__all__ = ["fit_umap", "load_umap", "tsne_projection", "umap_projection"]

_COMPILED = (
    ("umap.utils", "fast_knn_indices"),
    ("umap.umap_", "smooth_knn_dist"),
    ("umap.umap_", "compute_membership_strengths"),
)
# Spectral initialisation needs more rows than eigenvectors, with some to spare.
_FEW_ROWS = 10


def tsne_projection(latent: np.ndarray, *, seed: int) -> np.ndarray:
    """Project a latent of at least three rows onto the plane with t-SNE, for a figure.

    Returns
    -------
    ndarray of shape (n_tracks, 2)
        float32, no unit; the same for the same latent and seed.
    """
    n_tracks, n_columns = latent.shape
    # A PCA of a single column, or of equal rows, cannot start a plane.
    init = "pca" if n_columns > 1 and np.ptp(latent, axis=0).any() else "random"
    tsne = TSNE(perplexity=min(30.0, (n_tracks - 1) / 3), init=init, random_state=seed)
    # Threads add up gradients in the order in which they finish.
    with limit_threads(1):
        return np.asarray(tsne.fit_transform(latent), dtype=np.float32)


def umap_projection(latent: np.ndarray, *, seed: int) -> np.ndarray:
    """Project a latent of at least three rows onto the plane with UMAP, for a figure; see `tsne_projection`.

    Raises
    ------
    ImportError
        If the installed umap-learn lacks one of the functions whose compilation is kept between processes.
    """
    init = "spectral" if len(latent) > _FEW_ROWS else "random"
    return fit_umap(latent, n_neighbors=min(15, len(latent) - 1), init=init, random_state=seed).astype(np.float32)


def fit_umap(rows: np.ndarray, **settings: Any) -> np.ndarray:
    """Embed rows of shape (n_tracks, n_columns) with ``umap.UMAP`` of the given settings, on one thread."""
    reducer = load_umap().UMAP(n_jobs=1, **settings)
    with warnings.catch_warnings():
        # UMAP warns of groups that share no neighbour, which an embedding shows by itself.
        warnings.simplefilter("ignore")
        return np.asarray(reducer.fit_transform(rows))


@lru_cache(maxsize=1)
def load_umap() -> ModuleType:
    """Import umap, and have numba keep on disk what it compiles: 9 s in every process otherwise."""
    with warnings.catch_warnings():
        # Without TensorFlow the import warns of a part that is not used here.
        warnings.simplefilter("ignore")
        umap = importlib.import_module("umap")
    for module, name in _COMPILED:
        function = getattr(importlib.import_module(module), name, None)
        if function is None or not hasattr(function, "enable_caching"):
            raise ImportError(
                f"umap-learn {getattr(umap, '__version__', '?')} has no compiled function {module}.{name}; "
                "install the version that requirements.txt names"
            )
        with suppress(RuntimeError):  # no folder that numba may write to: the projection only takes longer
            function.enable_caching()
    return umap
