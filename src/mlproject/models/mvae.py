"""Multi-modal VAE of audio and lyrics that copes with tracks without words."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from mlproject.models.elbo import ElboTerms, gaussian_kl, squared_error
from mlproject.models.networks import Batch, MultimodalNetwork, VariationalNetwork
from mlproject.models.scaling import column_statistics, optional_columns
from mlproject.models.vae import Vae

__all__ = ["MultimodalVae"]


@dataclass(kw_only=True, eq=False, repr=False)
class MultimodalVae(Vae):
    """Product-of-experts VAE (Wu & Goodman 2018): each modality's expert and the prior multiply to the posterior.

    The loss adds the bounds of both modalities together and of each alone (the paper's sub-sampled training, section
    2.3). A track whose ``has_lyrics`` is 0 has the audio's expert alone, whatever stands in its lyric columns.

    Parameters
    ----------
    latent_dim, hidden, learning_rate, epochs, beta, warm_up, free_bits, blocks, random_state, on_epoch
        See `Vae`; ``lyrics`` and ``has_lyrics`` are read where there are such blocks.
    lyrics_weight : float, default=1.0
        Weight of the lyrics' reconstruction; at 1 they count as much as the audio.

    Attributes
    ----------
    lyrics_mean_, lyrics_scale_ : ndarray of shape (n_dimensions,)
        Of the tracks that have words; without lyrics of no dimension.
    """

    encodes = ("audio", "lyrics", "has_lyrics")

    lyrics_weight: float = 1.0

    def _network(self, n_columns: int) -> VariationalNetwork:
        return MultimodalNetwork(n_columns, len(self.lyrics_mean_), self.hidden, self.latent_dim)

    def _loss(self, network: VariationalNetwork, batch: Batch, share: float) -> Tensor:
        assert isinstance(network, MultimodalNetwork)
        bounds = []
        # One bound per posterior: both modalities, audio alone, lyrics alone. Each reconstructs what it was made from.
        for name, posterior in network.posteriors(batch).items():
            latent = posterior.sample()
            error = torch.zeros(len(latent))
            if name != "lyrics":
                error = error + squared_error(network.decode(latent, batch), batch["audio"], self.n_effective_)
            if name != "audio" and network.lyrics is not None:
                words = squared_error(network.lyrics.decode(latent, {}), batch["lyrics"], self.n_effective_)
                error = error + self.lyrics_weight * words * batch["has_lyrics"][:, 0]
            bounds.append(ElboTerms(error, gaussian_kl(posterior)).loss(share * self.beta, self.free_bits))
        return torch.stack(bounds).sum()

    def _fit_extras(self, X: np.ndarray, audio: np.ndarray) -> None:  # noqa: ARG002
        lyrics = optional_columns(X, self.blocks, "lyrics")[self._known(X)]
        self.lyrics_mean_, self.lyrics_scale_ = column_statistics(lyrics.astype(np.float32, copy=False))

    def _extras(self, X: np.ndarray) -> Batch:
        if not len(self.lyrics_mean_):
            return {}
        known = self._known(X)[:, None]
        # Zeros stand for absent words: the mean of z-scores, and the expert has no weight there anyway.
        standardised = (optional_columns(X, self.blocks, "lyrics") - self.lyrics_mean_) / self.lyrics_scale_
        inputs = {"lyrics": np.where(known, standardised, 0), "has_lyrics": known}
        return {name: torch.from_numpy(values.astype(X.dtype)) for name, values in inputs.items()}

    def _known(self, X: np.ndarray) -> np.ndarray:
        # (n_tracks, 1), or no column where all tracks have words: all of nothing is true.
        return np.asarray((optional_columns(X, self.blocks, "has_lyrics") > 0.5).all(axis=1))
