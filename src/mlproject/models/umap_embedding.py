"""A manifold step that stays an estimator: UMAP lays out the training rows, a rule by row places any other."""

from __future__ import annotations

import warnings
from typing import Any, Literal, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.neighbors import NearestNeighbors
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, check_scalar, validate_data

__all__ = ["Manifold"]

N_PLACING = 5  # nearest stored rows that place a row
# Spectral initialisation needs more rows than eigenvectors, with some to spare.
SPECTRAL_ROWS = 3


class Manifold(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """UMAP (L. McInnes, J. Healy, J. Melville, 2018) to a space of eight or more dimensions that is clustered.

    Parameters
    ----------
    latent_dim : int, default=10
        Dimensions of the layout.
    n_neighbors : int, default=30
        Neighbours of each row in the graph, at most all others.
    metric : {"euclidean", "manhattan"}, default="manhattan"
        Distance of rows, in the layout and in the placing of further ones.
    epochs : int, default=200
        Rounds of UMAP's optimisation.
    random_state : int, optional

    Attributes
    ----------
    rows_ : ndarray of shape (n_tracks, n_columns)
        Training rows.
    layout_ : ndarray of shape (n_tracks, latent_dim)
        Where UMAP puts them; rows that are equal share the mean of their places.

    Notes
    -----
    A row is placed at the mean of its five nearest training rows' places, weighted by the inverse of their distances;
    a training row is at distance 0 from itself, so it stays exactly where it is.
    """

    def __init__(
        self,
        latent_dim: int = 10,
        *,
        n_neighbors: int = 30,
        metric: Literal["euclidean", "manhattan"] = "manhattan",
        epochs: int = 200,
        random_state: int | None = None,
    ) -> None:
        self.latent_dim = latent_dim
        self.n_neighbors = n_neighbors
        self.metric = metric
        self.epochs = epochs
        self.random_state = random_state

    def fit(self, X: np.ndarray, y: object = None) -> Self:  # noqa: ARG002
        """Lay out rows of shape (n_tracks, n_columns)."""
        X = validate_data(self, X, dtype=[np.float32, np.float64], ensure_min_samples=2)
        check_scalar(self.latent_dim, "latent_dim", int, min_val=1)
        check_scalar(self.n_neighbors, "n_neighbors", int, min_val=1)
        self.rows_ = X
        self.layout_ = self._lay_out(X).astype(X.dtype)
        self._n_features_out = self.latent_dim
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Place rows; shape (n_tracks, latent_dim)."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=[np.float32, np.float64], reset=False)
        nearest = self._nearest(X)
        # The search's distances come from a difference of large numbers: 0 must be exactly 0 here.
        order = 1 if self.metric == "manhattan" else 2
        distances = np.linalg.norm(X[:, None].astype(np.float64) - self.rows_[nearest], ord=order, axis=2)
        same = distances == 0
        weights = np.where(same.any(axis=1, keepdims=True), same, 1 / np.where(same, 1, distances))
        weights /= weights.sum(axis=1, keepdims=True)
        placed = (weights[:, :, None] * self.layout_[nearest]).sum(axis=1)
        return np.asarray(placed, dtype=X.dtype)

    def _lay_out(self, rows: np.ndarray) -> np.ndarray:
        from mlproject.models.projections import load_umap

        umap = load_umap().UMAP(
            n_components=self.latent_dim,
            n_neighbors=min(self.n_neighbors, len(rows) - 1),
            min_dist=0.0,
            metric=self.metric,
            n_epochs=self.epochs,
            init="spectral" if len(rows) > SPECTRAL_ROWS * (self.latent_dim + 1) else "random",
            random_state=int(check_random_state(self.random_state).randint(2**31 - 1)),
            n_jobs=1,
        )
        with warnings.catch_warnings():
            # It tells of groups that share no neighbour, which a layout shows by itself.
            warnings.simplefilter("ignore")
            return np.asarray(umap.fit_transform(rows))

    def _nearest(self, X: np.ndarray) -> np.ndarray:
        n_placing = min(N_PLACING, len(self.rows_))
        search = NearestNeighbors(n_neighbors=n_placing, algorithm="brute", metric=self.metric).fit(self.rows_)
        return np.asarray(search.kneighbors(X, return_distance=False))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32", "float64"]
        return tags
