"""Convolutional VAE of MFCC frames."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from mlproject.models.networks import ConvNetwork, VariationalNetwork
from mlproject.models.scaling import block_columns
from mlproject.models.variational import VariationalEncoder

__all__ = ["ConvVae"]


@dataclass(kw_only=True, eq=False, repr=False)
class ConvVae(VariationalEncoder):
    """VAE whose encoder and decoder are one-dimensional convolutions over time; coefficients are the channels.

    Frames are averaged to `n_steps` steps first, over 0.23 s each of 30 s in 128 steps: what is finer does not
    come back in `reconstruct`, and a track costs a tenth of the time.

    Parameters
    ----------
    latent_dim : int, default=32
        Dimensions of the latent.
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

    needs_frames = True
    rotates = False  # a rotated series has no neighbouring steps

    frame_shape: tuple[int, int] | None = None
    n_steps: int = 128
    channels: Sequence[int] = (32, 64)
    epochs: int = 80
    warm_up: int = 30

    def reconstruct(self, X: np.ndarray) -> np.ndarray:
        """Return the audio block as decoded from the posterior means; frames of one step are equal."""
        averaged = super().reconstruct(X)  # (n_tracks, n_mfcc * n_steps)
        n_mfcc, n_frames = self._frames(X)
        steps = averaged.reshape(len(X), n_mfcc, -1)
        # Each step is repeated over the frames that it is the mean of; their number differs by one at most.
        step_of_frame = np.arange(n_frames) * steps.shape[2] // n_frames
        return steps[:, :, step_of_frame].reshape(len(X), -1)

    def _network(self, n_columns: int) -> VariationalNetwork:
        n_mfcc = 1 if self.frame_shape is None else self.frame_shape[0]
        return ConvNetwork((n_mfcc, n_columns // n_mfcc), self.channels, self.latent_dim)

    def _audio(self, X: np.ndarray) -> np.ndarray:
        shape = self._frames(X)
        # (n_tracks, n_mfcc, n_frames) -> (n_tracks, n_mfcc, n_steps)
        series = torch.tensor(block_columns(X, self.blocks, "audio").reshape(len(X), *shape))
        averaged = torch.nn.functional.adaptive_avg_pool1d(series, min(shape[1], self.n_steps))
        return averaged.flatten(1).numpy()

    def _frames(self, X: np.ndarray) -> tuple[int, int]:
        n_columns = block_columns(X, self.blocks, "audio").shape[1]
        n_mfcc, n_frames = self.frame_shape or (1, n_columns)
        if n_mfcc * n_frames != n_columns:
            raise ValueError(f"frame_shape={self.frame_shape} does not hold the {n_columns} columns of the audio block")
        return n_mfcc, n_frames
