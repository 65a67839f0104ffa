"""The project's own label-free representation: normal scores, denoising encoders, manifold layouts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, check_scalar, validate_data

from mlproject.models.autoencoder import OnEpoch
from mlproject.models.scaling import Columns, block_columns, fit_normal_scores, normal_scores
from mlproject.models.umap_embedding import Manifold

__all__ = ["DeepRepresentation"]


class DeepRepresentation(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Bring the audio columns to normal scores, encode these with denoising autoencoders, lay out all of it repeatedly.

    Layouts of one graph differ by their seed; K-Means on several side by side finds what they have in common.

    Parameters
    ----------
    latent_dim : int, default=8
        Dimensions of each layout.
    n_layouts : int, default=4
        Layouts, each from a seed of its own, that stand side by side at equal total variance.
    n_neighbors : int, default=30
        Of each track in the layouts' graph.
    n_encoders : int, default=0
        Denoising autoencoders, each from weights of its own; their codes stand beside the normal scores at equal total
        variance. 0 lays out the normal scores alone.
    code_dim : int, default=16
        Units of each one's narrow layer.
    hidden : sequence of int, default=(256,)
    learning_rate : float, default=0.002
    epochs : int, default=300
    blocks : mapping of str to tuple of int, optional
        First column and the one after the last of each block; None takes all columns.
    random_state : int, optional
    on_epoch : callable, optional
        Called with the epoch and loss of the first encoder; returning True ends that one's training.

    Attributes
    ----------
    scores_ : QuantileTransformer
    encoders_ : list of DenoisingAutoencoder
    divisors_ : list of float
        Square root of the total variance of the normal scores and of each code, so that all weigh the same.
    layouts_ : list of Manifold
    layout_divisors_ : list of float
        Square root of the total variance of each layout.
    loss_curve_ : ndarray of shape (n_epochs,)
        Of the first encoder; absent without encoders.
    """

    encodes = ("audio",)
    loss_name = "mean squared error of the first denoising autoencoder (normal scores)"
    loss_of_means = 1.0

    def __init__(
        self,
        latent_dim: int = 8,
        *,
        n_layouts: int = 4,
        n_neighbors: int = 30,
        n_encoders: int = 0,
        code_dim: int = 16,
        hidden: Sequence[int] = (256,),
        learning_rate: float = 0.002,
        epochs: int = 300,
        blocks: Columns | None = None,
        random_state: int | None = None,
        on_epoch: OnEpoch | None = None,
    ) -> None:
        self.latent_dim = latent_dim
        self.n_layouts = n_layouts
        self.n_neighbors = n_neighbors
        self.n_encoders = n_encoders
        self.code_dim = code_dim
        self.hidden = hidden
        self.learning_rate = learning_rate
        self.epochs = epochs
        self.blocks = blocks
        self.random_state = random_state
        self.on_epoch = on_epoch

    def fit(self, X: np.ndarray, y: object = None) -> Self:  # noqa: ARG002
        """Fit to a design matrix of shape (n_tracks, n_columns)."""
        X = validate_data(self, X, dtype=[np.float32, np.float64], ensure_min_samples=2)
        check_scalar(self.n_encoders, "n_encoders", int, min_val=0)
        check_scalar(self.n_layouts, "n_layouts", int, min_val=1)
        rng = check_random_state(self.random_state)
        audio = block_columns(X, self.blocks, "audio")
        self.scores_ = fit_normal_scores(audio)
        scores = self._normal_scores(X)
        self.encoders_ = [self._encoder(number, rng).fit(scores) for number in range(self.n_encoders)]
        if self.encoders_:
            self.loss_curve_ = self.encoders_[0].loss_curve_
        parts = self._parts(scores)
        self.divisors_ = [_size(part) for part in parts]
        joined = _join(parts, self.divisors_)
        self.layouts_ = [self._layout(rng).fit(joined) for _ in range(self.n_layouts)]
        self.layout_divisors_ = [_size(layout.layout_) for layout in self.layouts_]
        self._n_features_out = self.latent_dim * self.n_layouts
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Place tracks in the layouts; shape (n_tracks, n_layouts * latent_dim)."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=[np.float32, np.float64], reset=False)
        joined = _join(self._parts(self._normal_scores(X)), self.divisors_)
        return _join([layout.transform(joined) for layout in self.layouts_], self.layout_divisors_)

    def _normal_scores(self, X: np.ndarray) -> np.ndarray:
        return normal_scores(self.scores_, block_columns(X, self.blocks, "audio"))

    def _encoder(self, number: int, rng: np.random.RandomState) -> Any:
        from mlproject.models.denoising import DenoisingAutoencoder

        return DenoisingAutoencoder(
            self.code_dim,
            hidden=self.hidden,
            learning_rate=self.learning_rate,
            epochs=self.epochs,
            random_state=int(rng.randint(2**31 - 1)),
            on_epoch=self.on_epoch if number == 0 else None,
        )

    def _parts(self, scores: np.ndarray) -> list[np.ndarray]:
        return [scores, *(encoder.transform(scores) for encoder in self.encoders_)]

    def _layout(self, rng: np.random.RandomState) -> Manifold:
        return Manifold(self.latent_dim, n_neighbors=self.n_neighbors, random_state=int(rng.randint(2**31 - 1)))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32", "float64"]
        return tags


def _size(part: np.ndarray) -> float:
    """Square root of the total variance; 1 for a part that does not vary."""
    return float(np.sqrt(part.var(axis=0).sum())) or 1.0


def _join(parts: list[np.ndarray], divisors: list[float]) -> np.ndarray:
    return np.hstack([part / part.dtype.type(divisor) for part, divisor in zip(parts, divisors, strict=True)])
