"""Beta-VAE of the audio block."""

from collections.abc import Sequence
from dataclasses import dataclass

from mlproject.models.networks import DenseNetwork, VariationalNetwork
from mlproject.models.variational import VariationalEncoder

__all__ = ["Vae"]


@dataclass(kw_only=True, eq=False, repr=False)
class Vae(VariationalEncoder):
    """Variational autoencoder (Kingma & Welling 2014) with a weight on the divergence (Higgins et al. 2017).

    Parameters
    ----------
    latent_dim : int, default=32
        Dimensions of the latent.
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

    hidden: Sequence[int] = (128,)

    def _network(self, n_columns: int) -> VariationalNetwork:
        return DenseNetwork(n_columns, self.hidden, self.latent_dim)
