"""UMAP as an estimator: it embeds the training rows, and a row-wise rule places any other."""

from dataclasses import KW_ONLY, dataclass
from typing import Literal, Self

import numpy as np
from sklearn.neighbors import NearestNeighbors
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, check_scalar, validate_data

from mlproject.models.encoder import Transformer

__all__ = ["UmapEmbedding"]

N_PLACING = 5  # nearest stored rows that place a row
# Spectral initialisation needs more rows than eigenvectors, with some to spare.
SPECTRAL_ROWS = 3


@dataclass(eq=False, repr=False)
class UmapEmbedding(Transformer):
    """UMAP (L. McInnes, J. Healy, J. Melville, 2018) to a space of eight or more dimensions that is clustered.

    Parameters
    ----------
    latent_dim : int, default=10
        Dimensions of the embedding.
    n_neighbors : int, default=30
        Neighbours of each row in the graph, at most all others.
    metric : {"euclidean", "manhattan"}, default="manhattan"
        Distance of rows, in the embedding and in the placing of further ones.
    epochs : int, default=200
        Rounds of UMAP's optimisation.

    Attributes
    ----------
    rows_ : ndarray of shape (n_tracks, n_columns)
        Training rows.
    embedding_ : ndarray of shape (n_tracks, latent_dim)
        Where UMAP puts them; rows that are equal share the mean of their places.

    Notes
    -----
    A row is placed at the mean of its five nearest training rows' places, weighted by the inverse of their distances;
    a training row is at distance 0 from itself, so it stays exactly where it is.
    """

    latent_dim: int = 10
    _: KW_ONLY
    n_neighbors: int = 30
    metric: Literal["euclidean", "manhattan"] = "manhattan"
    epochs: int = 200
    random_state: int | None = None

    def fit(self, X: np.ndarray, y: object = None) -> Self:  # noqa: ARG002
        """Embed rows of shape (n_tracks, n_columns)."""
        X = validate_data(self, X, dtype=[np.float32, np.float64], ensure_min_samples=2)
        check_scalar(self.latent_dim, "latent_dim", int, min_val=1)
        check_scalar(self.n_neighbors, "n_neighbors", int, min_val=1)
        self.rows_ = X
        self.embedding_ = self._embed(X).astype(X.dtype)
        self._n_features_out = self.latent_dim
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Place rows; shape (n_tracks, latent_dim)."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=[np.float32, np.float64], reset=False)
        search = NearestNeighbors(n_neighbors=min(N_PLACING, len(self.rows_)), algorithm="brute", metric=self.metric)
        nearest = search.fit(self.rows_).kneighbors(X, return_distance=False)  # (n_rows, n_placing)
        # The search's distances come from a difference of large numbers: 0 must be exactly 0 here.
        order = 1 if self.metric == "manhattan" else 2
        # (n_rows, 1, n_columns) - (n_rows, n_placing, n_columns) -> (n_rows, n_placing)
        distances = np.linalg.norm(X[:, None].astype(np.float64) - self.rows_[nearest], ord=order, axis=2)
        same = distances == 0
        # A row that equals a stored one gets that one's place alone; 1 keeps its unused branch from dividing by 0.
        weights = np.where(same.any(axis=1, keepdims=True), same, 1 / np.where(same, 1, distances))
        weights /= weights.sum(axis=1, keepdims=True)
        # (n_rows, n_placing, 1) * (n_rows, n_placing, latent_dim) -> (n_rows, latent_dim)
        placed = (weights[:, :, None] * self.embedding_[nearest]).sum(axis=1)
        return np.asarray(placed, dtype=X.dtype)

    def _embed(self, rows: np.ndarray) -> np.ndarray:
        from mlproject.models.projections import fit_umap

        return fit_umap(
            rows,
            n_components=self.latent_dim,
            n_neighbors=min(self.n_neighbors, len(rows) - 1),
            min_dist=0.0,
            metric=self.metric,
            n_epochs=self.epochs,
            init="spectral" if len(rows) > SPECTRAL_ROWS * (self.latent_dim + 1) else "random",
            random_state=int(check_random_state(self.random_state).randint(2**31 - 1)),
        )
