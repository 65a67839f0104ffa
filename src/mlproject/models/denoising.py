"""Denoising autoencoder: what a track's columns say of each other is learned by mending damaged ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import torch
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, check_scalar, validate_data
from torch import Tensor

from mlproject.models.autoencoder import OnEpoch
from mlproject.models.networks import mlp, to_arrays
from mlproject.models.training import minimise, reproducible

__all__ = ["DenoisingAutoencoder"]


class DenoisingAutoencoder(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Reconstruct columns of about unit variance from damaged ones through a narrow layer.

    P. Vincent et al., *Stacked denoising autoencoders*, 2010: Gaussian and masking noise, squared error. Full batch,
    Adam, ReLU.

    Parameters
    ----------
    latent_dim : int, default=16
        Units of the narrow layer.
    hidden : sequence of int, default=(256,)
        Layers before it; the decoder mirrors them.
    noise : float, default=0.3
        Standard deviation of what is added to every value.
    dropped : float, default=0.2
        Share of the values that are set to 0, in [0, 1).
    learning_rate : float, default=0.002
    epochs : int, default=300
    random_state : int, optional
        Of weights and damage.
    on_epoch : callable, optional
        Called with the epoch (from 1) and its loss; returning True ends the training.

    Attributes
    ----------
    weights_ : dict of str to ndarray
        Of encoder and decoder.
    loss_curve_ : ndarray of shape (n_epochs,)
        Mean squared error by value.
    """

    def __init__(
        self,
        latent_dim: int = 16,
        *,
        hidden: Sequence[int] = (256,),
        noise: float = 0.3,
        dropped: float = 0.2,
        learning_rate: float = 0.002,
        epochs: int = 300,
        random_state: int | None = None,
        on_epoch: OnEpoch | None = None,
    ) -> None:
        self.latent_dim = latent_dim
        self.hidden = hidden
        self.noise = noise
        self.dropped = dropped
        self.learning_rate = learning_rate
        self.epochs = epochs
        self.random_state = random_state
        self.on_epoch = on_epoch

    def fit(self, X: np.ndarray, y: object = None) -> Self:  # noqa: ARG002
        """Fit to rows of shape (n_tracks, n_columns)."""
        X = validate_data(self, X, dtype=[np.float32, np.float64], ensure_min_samples=2)
        check_scalar(self.latent_dim, "latent_dim", int, min_val=1)
        check_scalar(self.epochs, "epochs", int, min_val=1)
        check_scalar(self.dropped, "dropped", float, min_val=0, max_val=1, include_boundaries="left")
        with reproducible(int(check_random_state(self.random_state).randint(2**31 - 1))):
            clean = torch.from_numpy(X.astype(np.float32))
            network = self._network(X.shape[1])

            def loss(_: int) -> Tensor:
                mended: Tensor = network(self._damage(clean))
                return ((mended - clean) ** 2).mean()

            self.loss_curve_ = minimise(
                network, loss, learning_rate=self.learning_rate, epochs=self.epochs, on_epoch=self.on_epoch
            )
        self.weights_ = to_arrays(network)
        self._n_features_out = self.latent_dim
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Encode undamaged rows; shape (n_tracks, latent_dim)."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=[np.float32, np.float64], reset=False)
        with reproducible(0), torch.no_grad():
            network = self._network(X.shape[1])
            network.load_state_dict({name: torch.from_numpy(array) for name, array in self.weights_.items()})
            code = network[0](torch.from_numpy(X.astype(np.float32)))
        return np.asarray(code.numpy(), dtype=X.dtype)

    def _network(self, n_columns: int) -> torch.nn.Sequential:
        sizes = (n_columns, *self.hidden, self.latent_dim)
        return torch.nn.Sequential(mlp(sizes), mlp(sizes[::-1]))

    def _damage(self, clean: Tensor) -> Tensor:
        kept = torch.rand_like(clean) >= self.dropped
        return (clean + self.noise * torch.randn_like(clean)) * kept

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32", "float64"]
        return tags
