"""Multi-modal VAE of audio and lyrics that copes with tracks without words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from mlproject.models.autoencoder import OnEpoch
from mlproject.models.elbo import ElboTerms, gaussian_kl, squared_error
from mlproject.models.networks import Batch, MultimodalNetwork, VariationalNetwork
from mlproject.models.scaling import Columns, block_columns, column_statistics
from mlproject.models.vae import Vae

__all__ = ["MultimodalVae"]


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

    encodes: ClassVar[tuple[str, ...]] = ("audio", "lyrics", "has_lyrics")

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
        lyrics_weight: float = 1.0,
        blocks: Columns | None = None,
        random_state: int | None = None,
        on_epoch: OnEpoch | None = None,
    ) -> None:
        super().__init__(
            latent_dim,
            hidden=hidden,
            learning_rate=learning_rate,
            epochs=epochs,
            beta=beta,
            warm_up=warm_up,
            free_bits=free_bits,
            blocks=blocks,
            random_state=random_state,
            on_epoch=on_epoch,
        )
        self.lyrics_weight = lyrics_weight

    def _network(self, n_columns: int) -> VariationalNetwork:
        return MultimodalNetwork(n_columns, len(self.lyrics_mean_), self.hidden, self.latent_dim)

    def _loss(self, network: Any, batch: Batch, share: float) -> Tensor:
        bounds = []
        for name, posterior in network.posteriors(batch).items():
            code = posterior.sample()
            error = torch.zeros(len(code))
            if name != "lyrics":
                error = error + squared_error(network.decode(code, batch), batch["audio"], self.n_effective_)
            if name != "audio" and "lyrics" in batch:
                words = squared_error(network.lyrics.decode(code, {}), batch["lyrics"], self.n_effective_)
                error = error + self.lyrics_weight * words * batch["has_lyrics"][:, 0]
            bounds.append(ElboTerms(error, gaussian_kl(posterior)).loss(share * self.beta, self.free_bits))
        return torch.stack(bounds).sum()

    def _fit_extras(self, X: np.ndarray, audio: np.ndarray) -> None:  # noqa: ARG002
        lyrics = self._lyrics(X)[self._known(X)]
        self.lyrics_mean_, self.lyrics_scale_ = column_statistics(lyrics.astype(np.float32, copy=False))

    def _extras(self, X: np.ndarray) -> Batch:
        if not len(self.lyrics_mean_):
            return {}
        known = self._known(X)[:, None]
        lyrics = np.where(known, (self._lyrics(X) - self.lyrics_mean_) / self.lyrics_scale_, 0)
        return {
            "lyrics": torch.from_numpy(lyrics.astype(X.dtype)),
            "has_lyrics": torch.from_numpy(known.astype(X.dtype)),
        }

    def _lyrics(self, X: np.ndarray) -> np.ndarray:
        has_block = self.blocks is not None and "lyrics" in self.blocks
        return block_columns(X, self.blocks, "lyrics") if has_block else X[:, :0]

    def _known(self, X: np.ndarray) -> np.ndarray:
        if self.blocks is None or "has_lyrics" not in self.blocks:
            return np.ones(len(X), dtype=bool)
        return np.asarray(block_columns(X, self.blocks, "has_lyrics")[:, 0] > 0.5)
