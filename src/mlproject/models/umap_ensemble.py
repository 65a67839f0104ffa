"""Several UMAP embeddings of the quantile-normalised columns, side by side."""

from dataclasses import KW_ONLY, dataclass
from typing import Self

import numpy as np
from sklearn.base import clone
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, check_scalar, validate_data

from mlproject.models.encoder import Encoder
from mlproject.models.scaling import Columns, block_columns, fit_quantiles, quantile_normalised, root_total_variance
from mlproject.models.umap_embedding import UmapEmbedding

__all__ = ["UmapEnsemble"]


@dataclass(eq=False, repr=False)
class UmapEnsemble(Encoder):
    """Quantile-normalise the audio columns, and embed them with UMAP several times.

    Embeddings of one graph differ by their seed; K-Means on several side by side finds what they have in common.

    Parameters
    ----------
    latent_dim : int, default=8
        Dimensions of each embedding.
    n_embeddings : int, default=4
        Embeddings, each from a seed of its own, that stand side by side at equal total variance.
    n_neighbors : int, default=30
        Of each track in the embeddings' graph.
    blocks : mapping of str to tuple of int, optional
        First column and the one after the last of each block; None takes all columns.

    Attributes
    ----------
    divisor_, embedding_divisors_ : float, list of float
        Square root of the total variance of the quantile-normalised columns, and of each embedding.
    """

    seeded = True
    linear_counterparts = ("zscores", "quantile")

    latent_dim: int = 8
    _: KW_ONLY
    n_embeddings: int = 4
    n_neighbors: int = 30
    blocks: Columns | None = None
    random_state: int | None = None

    def fit(self, X: np.ndarray, y: object = None) -> Self:  # noqa: ARG002
        """Fit to a design matrix of shape (n_tracks, n_columns)."""
        X = validate_data(self, X, dtype=[np.float32, np.float64], ensure_min_samples=2)
        check_scalar(self.n_embeddings, "n_embeddings", int, min_val=1)
        rng = check_random_state(self.random_state)
        self.quantiles_ = fit_quantiles(block_columns(X, self.blocks, "audio"))
        normalised = self._normalised(X)
        self.divisor_ = root_total_variance(normalised)
        rows = normalised / X.dtype.type(self.divisor_)
        seeds = [int(rng.randint(2**31 - 1)) for _ in range(self.n_embeddings)]
        blank = UmapEmbedding(self.latent_dim, n_neighbors=self.n_neighbors)
        self.embeddings_ = [clone(blank).set_params(random_state=seed).fit(rows) for seed in seeds]
        self.embedding_divisors_ = [root_total_variance(embedding.embedding_) for embedding in self.embeddings_]
        self._n_features_out = self.latent_dim * self.n_embeddings
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Place tracks in the embeddings; shape (n_tracks, n_embeddings * latent_dim)."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=[np.float32, np.float64], reset=False)
        rows = self._normalised(X) / X.dtype.type(self.divisor_)
        placed = zip(self.embeddings_, self.embedding_divisors_, strict=True)
        return np.hstack([embedding.transform(rows) / X.dtype.type(divisor) for embedding, divisor in placed])

    def _normalised(self, X: np.ndarray) -> np.ndarray:
        return quantile_normalised(self.quantiles_, block_columns(X, self.blocks, "audio"))
