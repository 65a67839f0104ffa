"""Autoencoder of the audio block: scikit-learn's MLPRegressor, trained epoch by epoch on the rotated matrix."""

import warnings
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Self

import numpy as np
from sklearn.neural_network import MLPRegressor
from sklearn.utils.validation import check_is_fitted, check_scalar, validate_data

from mlproject.errors import TrainingError
from mlproject.models.encoder import Encoder, OnEpoch
from mlproject.models.row_space import RowSpace, is_wide, row_space
from mlproject.models.scaling import Columns, block_columns, column_statistics, optional_columns

__all__ = ["Autoencoder", "train"]


@dataclass(eq=False, repr=False)
class Autoencoder(Encoder):
    """Reconstruct the z-scored audio block through a narrow layer; ReLU, Adam, full batch, mean squared error.

    Parameters
    ----------
    latent_dim : int, default=32
        Units of the narrow layer.
    hidden : sequence of int, default=(128,)
        Layers before it; the decoder mirrors them.
    learning_rate : float, default=0.002
        Step size of Adam.
    epochs : int, default=150
        Passes over all tracks.
    blocks : mapping of str to tuple of int, optional
        First column and the one after the last of each block. ``audio`` is encoded and reconstructed; ``genre``, if
        there is one, is a condition: a further input that is not reconstructed. None encodes all columns.
    rotation_scale : float, optional
        None for audio in its own units. A number says that it comes z-scored and rotated onto its row space already,
        with this `RowSpace.scale`: what many trainings on the same tracks would all do first.
    random_state : int, optional
        Seed of the initial weights.
    on_epoch : callable, optional
        Called with the epoch (from 1) and its loss; returning True ends the training.

    Attributes
    ----------
    mean_, scale_ : ndarray of shape (n_columns,)
        Of the audio block.
    coefs_, intercepts_ : list of ndarray
        Weights of the whole network on the z-scored original columns, layer by layer.
    loss_curve_ : ndarray of shape (n_epochs,)
        MLPRegressor's loss: half the mean squared error by column of the z-scored block, plus its L2 penalty.
    """

    trains = seeded = reconstructs = takes_rotated = True
    loss_name = "half mean squared error by column (z-scored units)"
    loss_of_means = 0.5  # of a network that gives every column's mean

    latent_dim: int = 32
    _: KW_ONLY
    hidden: Sequence[int] = (128,)
    learning_rate: float = 0.002
    epochs: int = 150
    blocks: Columns | None = None
    rotation_scale: float | None = None
    random_state: int | None = None
    on_epoch: OnEpoch | None = None

    def fit(self, X: np.ndarray, y: object = None) -> Self:  # noqa: ARG002
        """Fit to a design matrix of shape (n_tracks, n_columns)."""
        X = validate_data(self, X, dtype=[np.float32, np.float64], ensure_min_samples=2)
        check_scalar(self.latent_dim, "latent_dim", int, min_val=1)
        check_scalar(self.epochs, "epochs", int, min_val=1)
        audio = block_columns(X, self.blocks, "audio")
        if self.rotation_scale is None:
            self.mean_, self.scale_ = column_statistics(audio)
        else:
            self.mean_, self.scale_ = np.zeros_like(audio[0]), np.ones_like(audio[0])
        standardised = (audio - self.mean_) / self.scale_
        space = row_space(standardised) if self.rotation_scale is None and is_wide(audio) else None
        target = standardised if space is None else space.rotate(standardised)
        network = MLPRegressor(
            hidden_layer_sizes=(*self.hidden, self.latent_dim, *reversed(self.hidden)),
            learning_rate_init=self.learning_rate,
            batch_size=len(X),
            shuffle=False,
            random_state=self.random_state,
        )
        # A condition keeps the weight that it has beside the original columns.
        scale = X.dtype.type(space.scale if space else self.rotation_scale or 1.0)
        condition = optional_columns(X, self.blocks, "genre") * scale
        self.loss_curve_ = train(network, np.hstack([target, condition]), target, self.epochs, self.on_epoch)
        self._keep_weights(network, space, scale)
        self._n_features_out = self.latent_dim
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Encode; shape (n_tracks, latent_dim)."""
        return self._forward(self._inputs(X), len(self.hidden) + 1)

    def reconstruct(self, X: np.ndarray) -> np.ndarray:
        """Return the audio block as the network reconstructs it, in its own units; shape (n_tracks, n_columns)."""
        standardised = self._forward(self._inputs(X), len(self.coefs_))
        return np.asarray(standardised * self.scale_ + self.mean_)

    def _inputs(self, X: np.ndarray) -> np.ndarray:
        check_is_fitted(self)
        X = validate_data(self, X, dtype=[np.float32, np.float64], reset=False)
        standardised = (block_columns(X, self.blocks, "audio") - self.mean_) / self.scale_
        return np.hstack([standardised, optional_columns(X, self.blocks, "genre")]).astype(X.dtype, copy=False)

    def _forward(self, values: np.ndarray, n_layers: int) -> np.ndarray:
        for layer in range(n_layers):
            values = values @ self.coefs_[layer] + self.intercepts_[layer]
            if layer < len(self.coefs_) - 1:  # the last layer is linear
                values = np.maximum(values, 0)
        return values

    def _keep_weights(self, network: MLPRegressor, space: RowSpace | None, scale: np.floating) -> None:
        """Store the weights of the equivalent network on the columns that came in."""
        # With rotated columns r = x @ basis * scale, r @ W is x @ (basis @ W * scale); the last layer is rotated back.
        coefs, intercepts = list(network.coefs_), list(network.intercepts_)
        audio, condition = np.split(coefs[0], [coefs[-1].shape[1]])
        coefs[0] = np.vstack([audio if space is None else space.basis @ (audio * scale), condition * scale])
        if space is not None:
            coefs[-1] = space.rotate_back(coefs[-1])
            intercepts[-1] = space.rotate_back(intercepts[-1])
        self.coefs_, self.intercepts_ = coefs, intercepts


def train(
    network: MLPRegressor, inputs: np.ndarray, targets: np.ndarray, epochs: int, on_epoch: OnEpoch | None = None
) -> np.ndarray:
    """Train a network one epoch at a time and return the loss of each epoch, shape (n_epochs,).

    Raises
    ------
    TrainingError
        If the loss or a weight is no longer finite.
    """
    losses: list[float] = []
    # One column comes back as a vector; MLPRegressor says so on every epoch.
    targets = targets.ravel() if targets.shape[1] == 1 else targets
    with warnings.catch_warnings(), np.errstate(over="ignore", invalid="ignore"):
        warnings.simplefilter("ignore", category=RuntimeWarning)
        # MLPRegressor turns Ctrl-C into this warning, drops the step and continues.
        warnings.filterwarnings("error", message="Training interrupted by user", category=UserWarning)
        for epoch in range(1, epochs + 1):
            try:
                network.partial_fit(inputs, targets)
            except UserWarning as swallowed:
                raise KeyboardInterrupt from swallowed
            except ValueError as error:
                raise TrainingError.diverged(epoch, network.learning_rate_init) from error
            losses.append(float(network.loss_))
            if not np.isfinite(network.loss_):
                raise TrainingError.diverged(epoch, network.learning_rate_init)
            if on_epoch is not None and on_epoch(epoch, losses[-1]):
                break
    return np.asarray(losses, dtype=np.float32)
