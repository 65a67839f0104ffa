"""Convolutional VAE of MFCC frames."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from mlproject.models.autoencoder import OnEpoch
from mlproject.models.networks import ConvNetwork, VariationalNetwork
from mlproject.models.row_space import RowSpace
from mlproject.models.scaling import Columns, block_columns
from mlproject.models.variational import VariationalEncoder

__all__ = ["ConvVae"]


class ConvVae(VariationalEncoder):
    """VAE whose encoder and decoder are one-dimensional convolutions over time; coefficients are the channels.

    Frames are averaged to `n_steps` steps first, over 0.23 s each of 30 s in 128 steps: what is finer does not
    come back in `reconstruct`, and a track costs a tenth of the time.

    Parameters
    ----------
    latent_dim : int, default=32
        Dimensions of the code.
    frame_shape : tuple of int, optional
        Number of coefficients and of frames, which the audio block holds coefficient by coefficient. None takes the
        columns as one coefficient.
    n_steps : int, default=128
        Steps that the frames are averaged to, at most their number.
    channels : sequence of int, default=(32, 64)
        Outputs of each convolution, which halves the number of steps; the decoder mirrors them.
    learning_rate, epochs, beta, warm_up, free_bits, blocks, random_state, on_epoch
        See `mlproject.models.vae.Vae`.

    Attributes
    ----------
    mean_, scale_ : ndarray of shape (n_mfcc * n_steps,)
        Of the averaged frames.
    """

    def __init__(
        self,
        latent_dim: int = 32,
        *,
        frame_shape: tuple[int, int] | None = None,
        n_steps: int = 128,
        channels: Sequence[int] = (32, 64),
        learning_rate: float = 0.002,
        epochs: int = 80,
        beta: float = 0.1,
        warm_up: int = 30,
        free_bits: float = 0.0,
        blocks: Columns | None = None,
        random_state: int | None = None,
        on_epoch: OnEpoch | None = None,
    ) -> None:
        self.latent_dim = latent_dim
        self.frame_shape = frame_shape
        self.n_steps = n_steps
        self.channels = channels
        self.learning_rate = learning_rate
        self.epochs = epochs
        self.beta = beta
        self.warm_up = warm_up
        self.free_bits = free_bits
        self.blocks = blocks
        self.random_state = random_state
        self.on_epoch = on_epoch

    def reconstruct(self, X: np.ndarray) -> np.ndarray:
        """Return the audio block as decoded from the posterior means; frames of one step are equal."""
        averaged = super().reconstruct(X)
        n_mfcc, n_frames = self._frames(X)
        steps = averaged.reshape(len(X), n_mfcc, -1)
        step_of_frame = np.arange(n_frames) * steps.shape[2] // n_frames
        return steps[:, :, step_of_frame].reshape(len(X), -1)

    def _network(self, n_columns: int) -> VariationalNetwork:
        n_mfcc = 1 if self.frame_shape is None else self.frame_shape[0]
        return ConvNetwork((n_mfcc, n_columns // n_mfcc), self.channels, self.latent_dim)

    def _audio(self, X: np.ndarray) -> np.ndarray:
        shape = self._frames(X)
        series = torch.tensor(block_columns(X, self.blocks, "audio").reshape(len(X), *shape))
        averaged = torch.nn.functional.adaptive_avg_pool1d(series, min(shape[1], self.n_steps))
        return averaged.flatten(1).numpy()

    def _frames(self, X: np.ndarray) -> tuple[int, int]:
        n_columns = block_columns(X, self.blocks, "audio").shape[1]
        n_mfcc, n_frames = self.frame_shape or (1, n_columns)
        if n_mfcc * n_frames != n_columns:
            raise ValueError(f"frame_shape={self.frame_shape} does not hold the {n_columns} columns of the audio block")
        return n_mfcc, n_frames

    def _row_space(self, audio: np.ndarray) -> RowSpace | None:  # noqa: ARG002
        # A rotated series has no neighbouring steps.
        return None
