"""Beta-VAE of the audio block."""

from __future__ import annotations

from collections.abc import Sequence

from mlproject.models.autoencoder import OnEpoch
from mlproject.models.networks import DenseNetwork, VariationalNetwork
from mlproject.models.scaling import Columns
from mlproject.models.variational import VariationalEncoder

__all__ = ["Vae"]


class Vae(VariationalEncoder):
    """Variational autoencoder (Kingma & Welling 2014) with a weight on the divergence (Higgins et al. 2017).

    Parameters
    ----------
    latent_dim : int, default=32
        Dimensions of the code.
    hidden : sequence of int, default=(128,)
        Layers of the encoder; the decoder mirrors them.
    learning_rate : float, default=0.002
        Step size of Adam.
    epochs : int, default=150
        Passes over all tracks, full batch.
    beta : float, default=0.1
        Weight of the divergence from the prior. The decoder's variance is 1; a weight of beta amounts to a variance
        of beta, in units of the z-scored columns.
    warm_up : int, default=50
        Epochs over which that weight rises from 0.
    free_bits : float, default=0.0
        Divergence that a dimension may have without cost, nats.
    blocks : mapping of str to tuple of int, optional
        First column and the one after the last of each block; None encodes all columns.
    random_state : int, optional
        Seed of the initial weights and of the noise.
    on_epoch : callable, optional
        Called with the epoch (from 1) and its loss; returning True ends the training.
    """

    def __init__(
        self,
        latent_dim: int = 32,
        *,
        hidden: Sequence[int] = (128,),
        learning_rate: float = 0.002,
        epochs: int = 150,
        beta: float = 0.1,
        warm_up: int = 50,
        free_bits: float = 0.0,
        blocks: Columns | None = None,
        random_state: int | None = None,
        on_epoch: OnEpoch | None = None,
    ) -> None:
        self.latent_dim = latent_dim
        self.hidden = hidden
        self.learning_rate = learning_rate
        self.epochs = epochs
        self.beta = beta
        self.warm_up = warm_up
        self.free_bits = free_bits
        self.blocks = blocks
        self.random_state = random_state
        self.on_epoch = on_epoch

    def _network(self, n_columns: int) -> VariationalNetwork:
        return DenseNetwork(n_columns, self.hidden, self.latent_dim)
