"""Principal components of scaled columns, exact also where there are many more columns than tracks."""

from dataclasses import KW_ONLY, dataclass
from typing import Literal, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted, check_scalar, validate_data

from mlproject.errors import ConfigError
from mlproject.models.encoder import Encoder
from mlproject.models.row_space import row_space
from mlproject.models.scaling import Columns, block_columns, column_statistics, fit_quantiles, quantile_normalised

__all__ = ["PrincipalComponents"]


@dataclass(eq=False, repr=False)
class PrincipalComponents(Encoder):
    """Scale a block's columns and project them onto their first principal components.

    Parameters
    ----------
    latent_dim : int or None, default=32
        Number of components, at most the number of tracks and of columns. Components beyond the rank are zero. None
        keeps all that are there: the z-scores themselves, rotated.
    scaling : {"zscores", "quantile"}, default="zscores"
        What is done to each column before.
    block : str, default="audio"
        Name of the block that is projected.
    blocks : mapping of str to tuple of int, optional
        First column and the one after the last of each block; None takes all columns.

    Attributes
    ----------
    quantiles_ : QuantileTransformer or None
        Ranks of the training tracks, for quantile normalisation.
    mean_, scale_ : ndarray of shape (n_columns,)
        Of the columns, quantile-normalised if `scaling` says so.
    components_ : ndarray of shape (latent_dim, n_columns)
        Orthonormal rows.
    """

    reconstructs = bounded = True
    linear_counterparts = ()

    latent_dim: int | None = 32
    _: KW_ONLY
    scaling: Literal["zscores", "quantile"] = "zscores"
    block: str = "audio"
    blocks: Columns | None = None

    def fit(self, X: np.ndarray, y: object = None) -> Self:  # noqa: ARG002
        """Fit to a design matrix of shape (n_tracks, n_columns)."""
        X = validate_data(self, X, dtype=[np.float32, np.float64], ensure_min_samples=2)
        values = block_columns(X, self.blocks, self.block)
        latent_dim = min(values.shape) if self.latent_dim is None else self.latent_dim
        check_scalar(latent_dim, "latent_dim", int, min_val=1)
        if latent_dim > min(values.shape):
            raise ConfigError(
                f"latent_dim={latent_dim} exceeds n_samples = {values.shape[0]} or n_features = {values.shape[1]} "
                f"of block {self.block!r}; lower it or add tracks"
            )
        self.quantiles_ = fit_quantiles(values) if self.scaling == "quantile" else None
        values = self._normalised(values)
        self.mean_, self.scale_ = column_statistics(values)
        space = row_space((values - self.mean_) / self.scale_)
        self.components_ = np.zeros((latent_dim, values.shape[1]), dtype=X.dtype)
        # The basis of the row space is in order of falling singular value: its first columns are the components.
        components = space.basis[:, :latent_dim].T
        self.components_[: len(components)] = components
        self._n_features_out = latent_dim
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Project; shape (n_tracks, latent_dim)."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=[np.float32, np.float64], reset=False)
        values = self._normalised(block_columns(X, self.blocks, self.block))
        return np.asarray((values - self.mean_) / self.scale_ @ self.components_.T)

    def reconstruct(self, X: np.ndarray) -> np.ndarray:
        """Return the block as its components describe it, in its own units; shape (n_tracks, n_columns)."""
        values = np.asarray(self.transform(X) @ self.components_ * self.scale_ + self.mean_)
        return values if self.quantiles_ is None else np.asarray(self.quantiles_.inverse_transform(values))

    def _normalised(self, values: np.ndarray) -> np.ndarray:
        return values if self.quantiles_ is None else quantile_normalised(self.quantiles_, values)
