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
    latent_dim, hidden, learning_rate, epochs, blocks, random_state, on_epoch
        See `mlproject.models.autoencoder.Autoencoder`; the seed is also that of the noise.
    beta : float, default=0.1
        Weight of the divergence from the prior. The decoder's variance is 1; a weight of beta amounts to a variance
        of beta, in units of the z-scored columns.
    warm_up : int, default=50
        Epochs over which that weight rises from 0.
    free_bits : float, default=0.0
        Divergence that a dimension may have without cost, nats.
    """

    hidden: Sequence[int] = (128,)

    def _network(self, n_columns: int) -> VariationalNetwork:
        return DenseNetwork(n_columns, self.hidden, self.latent_dim)
