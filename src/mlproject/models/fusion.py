"""The vector that is clustered: the code of the audio, the components of the lyrics, the condition, side by side."""

from __future__ import annotations

from typing import Any, Literal, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.utils.validation import check_is_fitted, validate_data

from mlproject.models.pca import PrincipalComponents
from mlproject.models.scaling import Columns, block_columns

__all__ = ["JointRepresentation"]


class JointRepresentation(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Encode the audio block and join it with what the blocks bring that the encoder does not encode itself.

    Parameters
    ----------
    encoder : transformer, optional
        Encodes the audio block; takes the whole design matrix and `blocks`. Its ``encodes`` names the blocks whose
        content is in its code already, or shall not reach the vector. None means `PrincipalComponents`.
    blocks : mapping of str to tuple of int, optional
        First column and the one after the last of ``audio``, ``lyrics``, ``genre`` and others, which are left to the
        encoder; None means audio alone.
    lyrics_dim : int, default=16
        Principal components of the z-scored lyrics.
    fusion : {"concatenate", "balanced"}, default="concatenate"
        Join the parts as they are, or each divided by the square root of its total variance.

    Attributes
    ----------
    encoder_ : transformer
    lyrics_ : PrincipalComponents or None
    divisors_ : dict of str to float
        What each part is divided by.
    widths_ : dict of str to int
        Columns of each part in the vector, in their order.
    """

    def __init__(
        self,
        encoder: Any = None,
        *,
        blocks: Columns | None = None,
        lyrics_dim: int = 16,
        fusion: Literal["concatenate", "balanced"] = "concatenate",
    ) -> None:
        self.encoder = encoder
        self.blocks = blocks
        self.lyrics_dim = lyrics_dim
        self.fusion = fusion

    def fit(self, X: np.ndarray, y: object = None) -> Self:  # noqa: ARG002
        """Fit to a design matrix of shape (n_tracks, n_columns)."""
        X = validate_data(self, X, dtype=[np.float32, np.float64], ensure_min_samples=2)
        if self.fusion not in ("concatenate", "balanced"):
            raise ValueError(f"fusion={self.fusion!r}; expected 'concatenate' or 'balanced'")
        encoder = PrincipalComponents() if self.encoder is None else clone(self.encoder)
        self.encoder_ = encoder.set_params(blocks=self.blocks).fit(X)
        self.lyrics_ = None
        if self._joins("lyrics"):
            self.lyrics_ = PrincipalComponents(self.lyrics_dim, block="lyrics", blocks=self.blocks).fit(X)
        parts = self._parts(X)
        self.divisors_ = {name: self._divisor(part) for name, part in parts.items()}
        self.widths_ = {name: part.shape[1] for name, part in parts.items()}
        self._n_features_out = sum(self.widths_.values())
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Return the vectors to cluster, shape (n_tracks, latent_dim + lyrics_dim + n_genres)."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=[np.float32, np.float64], reset=False)
        parts = [part / X.dtype.type(self.divisors_[name]) for name, part in self._parts(X).items()]
        return np.hstack(parts)

    def _parts(self, X: np.ndarray) -> dict[str, np.ndarray]:
        parts = {"audio": self.encoder_.transform(X)}
        if self.lyrics_ is not None:
            parts["lyrics"] = self.lyrics_.transform(X)
        if self._joins("genre"):
            parts["genre"] = block_columns(X, self.blocks, "genre")
        return parts

    def _joins(self, block: str) -> bool:
        return self.blocks is not None and block in self.blocks and block not in self.encoder_.encodes

    def _divisor(self, part: np.ndarray) -> float:
        if self.fusion == "concatenate":
            return 1.0
        return float(np.sqrt(part.var(axis=0).sum())) or 1.0

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32", "float64"]
        return tags
