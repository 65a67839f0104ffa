"""What all variational encoders share: z-scores, rotation, the training loop's settings, posterior, bound.

A subclass names its network (`_network`) and, where they differ, its loss (`_loss`) and its further inputs (`_extras`).
"""

from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass
from typing import ClassVar, NamedTuple, Self

import numpy as np
import torch
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, check_scalar, validate_data
from torch import Tensor

from mlproject.models.elbo import ElboTerms, gaussian_kl, squared_error, warm_up
from mlproject.models.encoder import Encoder, OnEpoch
from mlproject.models.networks import Batch, Gaussian, VariationalNetwork
from mlproject.models.row_space import is_wide, row_space
from mlproject.models.scaling import Columns, block_columns, column_statistics
from mlproject.models.training import minimise, reproducible

__all__ = ["Bound", "VariationalEncoder"]


class Bound(NamedTuple):
    """Negative evidence lower bound in parts, nats."""

    reconstruction: np.ndarray  # (n_tracks,)
    kl: np.ndarray  # (n_tracks, latent_dim)

    @property
    def elbo(self) -> float:
        """Mean evidence lower bound over tracks, up to the decoder's constant; higher is better."""
        return -float(self.reconstruction.mean() + self.kl.sum(axis=1).mean())


@dataclass(eq=False, repr=False)
class VariationalEncoder(Encoder):
    """Base of the variational autoencoders; the latent is the posterior's mean.

    The decoder is a Gaussian of unit variance on z-scored columns. A track's columns count as at most n_tracks - 1 of
    them, since the tracks span no more: a matrix of 25,840 columns would leave the divergence no weight.

    Attributes
    ----------
    mean_, scale_ : ndarray of shape (n_columns,)
        Of the audio block.
    n_effective_ : int
        Number of columns that the reconstruction counts as.
    weights_ : dict of str to ndarray
        Of the whole network, on the z-scored original columns.
    loss_curve_ : ndarray of shape (n_epochs,)
        Negative evidence lower bound with the epoch's weight on the divergence and on any penalty, nats by effective
        column.
    """

    trains = seeded = variational = reconstructs = True
    loss_name = "negative evidence lower bound, nats by effective column"
    rotates: ClassVar[bool] = True  # whether columns may change places with combinations of them

    latent_dim: int = 32
    _: KW_ONLY
    learning_rate: float = 0.002
    epochs: int = 150
    beta: float = 0.1
    warm_up: int = 50
    free_bits: float = 0.0
    blocks: Columns | None = None
    random_state: int | None = None
    on_epoch: OnEpoch | None = None

    @abstractmethod
    def _network(self, n_columns: int) -> VariationalNetwork:
        """Return an untrained network on so many columns of audio."""

    def fit(self, X: np.ndarray, y: object = None) -> Self:  # noqa: ARG002
        """Fit to a design matrix of shape (n_tracks, n_columns)."""
        X = validate_data(self, X, dtype=[np.float32, np.float64], ensure_min_samples=2)
        check_scalar(self.latent_dim, "latent_dim", int, min_val=1)
        check_scalar(self.epochs, "epochs", int, min_val=1)
        self.mean_, self.scale_ = column_statistics(self._audio(X))
        # A matrix of n rows has rank n - 1 at most once its columns are centred.
        self.n_effective_ = min(len(self.mean_), len(X) - 1)
        audio = self._standardised(X).astype(np.float32, copy=False)
        space = row_space(audio) if self.rotates and is_wide(audio) else None
        if space is not None and not space.basis.size:  # equal tracks span nothing
            space = None
        # All random numbers of a training, the initial weights among them, come from this one seed.
        with reproducible(int(check_random_state(self.random_state).randint(2**31 - 1))):
            # (n_tracks, n_columns), or (n_tracks, rank) on the row space
            target = audio if space is None else space.rotate(audio)
            self._fit_extras(X.astype(np.float32, copy=False), target)
            batch = {"audio": torch.from_numpy(target), **self._extras(X.astype(np.float32, copy=False))}
            network = self._network(target.shape[1])
            # Nats per effective column, so that one learning rate suits matrices of any width.
            self.loss_curve_ = minimise(
                network,
                lambda epoch: self._loss(network, batch, warm_up(epoch, self.warm_up)) / self.n_effective_,
                learning_rate=self.learning_rate,
                epochs=self.epochs,
                on_epoch=self.on_epoch,
            )
        if space is not None:
            network.unrotate(space)  # new tracks come in the original columns
        self.weights_ = {name: value.detach().numpy().copy() for name, value in network.state_dict().items()}
        self._n_features_out = self.latent_dim
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Return the posterior means, shape (n_tracks, latent_dim)."""
        with self._rebuilt(X) as (network, batch):
            return network.posterior(batch).mean.numpy()

    def reconstruct(self, X: np.ndarray) -> np.ndarray:
        """Return the audio block as decoded from the posterior means, in its own units; (n_tracks, n_columns)."""
        with self._rebuilt(X) as (network, batch):
            columns = network.decode(network.posterior(batch).mean, batch).numpy()
        return np.asarray(columns * self.scale_ + self.mean_)

    def bound(self, X: np.ndarray, *, n_samples: int = 16, seed: int = 0) -> Bound:
        """Return the evidence lower bound in parts, also of tracks that the model was not fitted to.

        `n_samples` latents are drawn from each posterior.
        """
        with self._rebuilt(X, seed) as (network, batch):
            posterior = network.posterior(batch)
            drawn = [network.decode(posterior.sample(), batch) for _ in range(n_samples)]
            errors = [squared_error(columns, batch["audio"], self.n_effective_) for columns in drawn]
            return Bound(torch.stack(errors).mean(dim=0).numpy(), gaussian_kl(posterior).numpy())

    def _loss(self, network: VariationalNetwork, batch: Batch, share: float) -> Tensor:
        """Return the loss of a batch, nats by track, with a share of the weight on what is warmed up."""
        return self._negative_bound(network, network.posterior(batch), batch, share)

    def _negative_bound(self, network: VariationalNetwork, posterior: Gaussian, batch: Batch, share: float) -> Tensor:
        columns = network.decode(posterior.sample(), batch)
        terms = ElboTerms(squared_error(columns, batch["audio"], self.n_effective_), gaussian_kl(posterior))
        return terms.loss(share * self.beta, self.free_bits)

    def _audio(self, X: np.ndarray) -> np.ndarray:
        return block_columns(X, self.blocks, "audio")

    def _standardised(self, X: np.ndarray) -> np.ndarray:
        return np.asarray((self._audio(X) - self.mean_) / self.scale_, dtype=X.dtype)

    def _fit_extras(self, X: np.ndarray, audio: np.ndarray) -> None:
        """Learn what `_extras` needs from the design matrix and the audio that is trained on."""

    def _extras(self, X: np.ndarray) -> Batch:  # noqa: ARG002
        """Return what the network reads beside the audio."""
        return {}

    @contextmanager
    def _rebuilt(self, X: np.ndarray, seed: int = 0) -> Iterator[tuple[VariationalNetwork, Batch]]:
        """Yield the trained network and its inputs, in the precision of the design matrix."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=[np.float32, np.float64], reset=False)
        with reproducible(seed):
            batch = {"audio": torch.from_numpy(self._standardised(X)), **self._extras(X)}
            with torch.device("meta"):  # no initial weights are drawn
                network = self._network(len(self.mean_))
            state = {name: torch.from_numpy(array.astype(X.dtype)) for name, array in self.weights_.items()}
            network.load_state_dict(state, assign=True)
            yield network.requires_grad_(False), batch
