"""The latent that is clustered: that of the audio, components of the lyrics and the condition, side by side."""

from dataclasses import KW_ONLY, dataclass
from typing import Literal, Self

import numpy as np
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted, validate_data

from mlproject.models.encoder import Encoder, Transformer
from mlproject.models.pca import PrincipalComponents
from mlproject.models.scaling import Columns, block_columns, root_total_variance

__all__ = ["FusedRepresentation"]


@dataclass(eq=False, repr=False)
class FusedRepresentation(Transformer):
    """Encode the audio block and join it with what the blocks bring that the encoder does not encode itself.

    Parameters
    ----------
    encoder : transformer, optional
        Encodes the audio block; takes the whole design matrix and `blocks`. Its ``encodes`` names the blocks that are
        not joined to its latent. None means `PrincipalComponents`.
    blocks : mapping of str to tuple of int, optional
        First column and the one after the last of ``audio``, ``lyrics``, ``genre`` and others, which are left to the
        encoder; None means audio alone.
    lyrics_dim : int, default=16
        Principal components of the z-scored lyrics.
    fusion : {"concatenate", "balanced"}, default="concatenate"
        Join the parts as they are, or each divided by the square root of its total variance (`divisors_`, by part).
    """

    encoder: Encoder | None = None
    _: KW_ONLY
    blocks: Columns | None = None
    lyrics_dim: int = 16
    fusion: Literal["concatenate", "balanced"] = "concatenate"

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
        # A part's share of the mean squared distance is that of its total variance: balanced ones get the same.
        balanced = self.fusion == "balanced"
        self.divisors_ = {name: root_total_variance(part) if balanced else 1.0 for name, part in parts.items()}
        self.widths_ = {name: part.shape[1] for name, part in parts.items()}
        self._n_features_out = sum(self.widths_.values())
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Return the latent to cluster, shape (n_tracks, latent_dim + lyrics_dim + n_genres)."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=[np.float32, np.float64], reset=False)
        return np.hstack([part / X.dtype.type(self.divisors_[name]) for name, part in self._parts(X).items()])

    def _parts(self, X: np.ndarray) -> dict[str, np.ndarray]:
        parts = {"audio": self.encoder_.transform(X)}
        if self.lyrics_ is not None:
            parts["lyrics"] = self.lyrics_.transform(X)
        if self._joins("genre"):
            parts["genre"] = block_columns(X, self.blocks, "genre")
        return parts

    def _joins(self, block: str) -> bool:
        return self.blocks is not None and block in self.blocks and block not in self.encoder_.encodes
