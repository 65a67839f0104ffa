"""Conditional VAE whose decoder alone gets the condition, so that the latent need not repeat it."""

from dataclasses import dataclass

import numpy as np
import torch
from sklearn.cluster import KMeans
from sklearn.metrics import pairwise_distances_argmin
from torch import Tensor

from mlproject.models.elbo import hsic
from mlproject.models.networks import Batch, DenseNetwork, VariationalNetwork
from mlproject.models.scaling import block_columns
from mlproject.models.vae import Vae

__all__ = ["ConditionalVae"]


@dataclass(kw_only=True, eq=False, repr=False)
class ConditionalVae(Vae):
    """q(z | x) and p(x | z, c) (Sohn et al. 2015, with the encoder blind to the condition).

    The condition is the ``genre`` block where there is one: the latent then is what is left of the sound without its
    genre. Without that block it is the track's own K-Means cluster, found in `fit`, and the latent is label-free.

    Parameters
    ----------
    latent_dim, hidden, learning_rate, epochs, beta, warm_up, free_bits, blocks, random_state, on_epoch
        See `Vae`.
    penalty : float, default=250.0
        Weight of the dependence between latent and condition (`mlproject.models.elbo.hsic`), nats by effective column.
        It rises over `warm_up` with that of the divergence: at once, it would leave no latent at all.
    n_conditions : int, default=10
        Number of clusters of the self-inferred condition.

    Attributes
    ----------
    centres_ : ndarray of shape (n_conditions, n_columns), or None
        Of the self-inferred condition, on z-scored columns.
    """

    encodes = ("audio", "genre")
    unconditioned = "vae"

    penalty: float = 250.0
    n_conditions: int = 10

    def _network(self, n_columns: int) -> VariationalNetwork:
        if self.centres_ is not None:
            n_conditions = len(self.centres_)
        else:
            assert self.blocks is not None
            start, end = self.blocks["genre"]
            n_conditions = end - start
        return DenseNetwork(n_columns, self.hidden, self.latent_dim, n_conditions=n_conditions)

    def _loss(self, network: VariationalNetwork, batch: Batch, share: float) -> Tensor:
        posterior = network.posterior(batch)
        bound = self._negative_bound(network, posterior, batch, share)
        if not self.penalty:
            return bound
        # HSIC has no unit; times the number of effective columns it stands beside nats of the reconstruction.
        return bound + share * self.penalty * self.n_effective_ * hsic(posterior.mean, batch["condition"])

    def _fit_extras(self, X: np.ndarray, audio: np.ndarray) -> None:
        self.centres_ = None
        if self.blocks is not None and "genre" in self.blocks:
            return
        n_clusters = min(self.n_conditions, len(np.unique(audio, axis=0)))
        seed = int(torch.randint(2**31 - 1, ()))
        cluster = KMeans(n_clusters, n_init=4, random_state=seed).fit_predict(audio)
        # Clusters are found on the rotated columns; their centres are kept on the original ones, for new tracks.
        standardised = self._standardised(X)
        self.centres_ = np.stack([standardised[cluster == index].mean(axis=0) for index in range(n_clusters)])

    def _extras(self, X: np.ndarray) -> Batch:
        if self.centres_ is None:
            return {"condition": torch.from_numpy(block_columns(X, self.blocks, "genre").copy())}
        nearest = pairwise_distances_argmin(self._standardised(X), self.centres_)
        return {"condition": torch.from_numpy(np.eye(len(self.centres_), dtype=X.dtype)[nearest])}
