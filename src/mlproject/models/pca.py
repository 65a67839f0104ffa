"""Principal components of scaled columns, exact also where there are many more columns than tracks."""

from __future__ import annotations

from typing import Any, Literal, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, check_scalar, validate_data

from mlproject.models.row_space import row_space
from mlproject.models.scaling import Columns, block_columns, column_statistics, fit_normal_scores, normal_scores

__all__ = ["PrincipalComponents"]


class PrincipalComponents(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Scale a block's columns and project them onto their first principal components.

    Parameters
    ----------
    latent_dim : int or None, default=32
        Number of components, at most the number of tracks and of columns. Components beyond the rank are zero. None
        keeps all that are there: the z-scores themselves, turned.
    scaling : {"zscores", "normal_scores"}, default="zscores"
        What is done to each column before.
    block : str, default="audio"
        Name of the block that is projected.
    blocks : mapping of str to tuple of int, optional
        First column and the one after the last of each block; None takes all columns.

    Attributes
    ----------
    scores_ : QuantileTransformer or None
        Of normal scores.
    mean_, scale_ : ndarray of shape (n_columns,)
        Of the columns, or of their normal scores.
    components_ : ndarray of shape (latent_dim, n_columns)
        Orthonormal rows.
    """

    encodes = ("audio",)

    def __init__(
        self,
        latent_dim: int | None = 32,
        *,
        scaling: Literal["zscores", "normal_scores"] = "zscores",
        block: str = "audio",
        blocks: Columns | None = None,
    ) -> None:
        self.latent_dim = latent_dim
        self.scaling = scaling
        self.block = block
        self.blocks = blocks

    def fit(self, X: np.ndarray, y: object = None) -> Self:  # noqa: ARG002
        """Fit to a design matrix of shape (n_tracks, n_columns)."""
        X = validate_data(self, X, dtype=[np.float32, np.float64], ensure_min_samples=2)
        values = block_columns(X, self.blocks, self.block)
        latent_dim = min(values.shape) if self.latent_dim is None else self.latent_dim
        check_scalar(latent_dim, "latent_dim", int, min_val=1)
        if latent_dim > min(values.shape):
            raise ValueError(
                f"latent_dim={latent_dim} exceeds n_samples = {values.shape[0]} or n_features = {values.shape[1]} "
                f"of block {self.block!r}; lower it or add tracks"
            )
        self.scores_ = fit_normal_scores(values) if self.scaling == "normal_scores" else None
        values = self._scored(values)
        self.mean_, self.scale_ = column_statistics(values)
        space = row_space((values - self.mean_) / self.scale_)
        self.components_ = np.zeros((latent_dim, values.shape[1]), dtype=X.dtype)
        found = space.basis[:, :latent_dim].T
        self.components_[: len(found)] = found
        self._n_features_out = latent_dim
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Project; shape (n_tracks, latent_dim)."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=[np.float32, np.float64], reset=False)
        values = self._scored(block_columns(X, self.blocks, self.block))
        return np.asarray((values - self.mean_) / self.scale_ @ self.components_.T)

    def reconstruct(self, X: np.ndarray) -> np.ndarray:
        """Return the block as its components describe it, in its own units; shape (n_tracks, n_columns)."""
        values = np.asarray(self.transform(X) @ self.components_ * self.scale_ + self.mean_)
        return values if self.scores_ is None else np.asarray(self.scores_.inverse_transform(values))

    def _scored(self, values: np.ndarray) -> np.ndarray:
        return values if self.scores_ is None else normal_scores(self.scores_, values)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32", "float64"]
        return tags
