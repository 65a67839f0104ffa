"""Whether a variational encoder works: active units, divergence by dimension, held-out bound, error beside PCA's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlproject.models.pca import PrincipalComponents
from mlproject.models.scaling import block_columns

if TYPE_CHECKING:
    from mlproject.models.encoder import Encoder
    from mlproject.models.variational import VariationalEncoder

__all__ = ["ACTIVE", "VaeDiagnostics", "active_units", "mean_error", "measure_vae_diagnostics"]

ACTIVE = 0.01  # variance of the posterior mean over tracks above which a dimension is in use


@dataclass(frozen=True)
class VaeDiagnostics:
    """Plain figures of one fitted encoder."""

    # Dimensions, and how many of them are in use on the training tracks.
    latent_dim: int
    active_units: int
    kl: tuple[float, ...]  # divergence from the prior by dimension, nats by training track, largest first
    # Evidence lower bound, nats by track, of training and of held-out tracks; higher is better.
    elbo: float
    held_out_elbo: float
    # Mean squared error by column of the z-scored audio.
    error: float
    held_out_error: float
    # The same of as many principal components, or of as many as there can be.
    pca_error: float
    pca_held_out_error: float


def active_units(means: np.ndarray) -> int:
    """Count the dimensions whose posterior mean, shape (n_tracks, latent_dim), varies over tracks by more than 0.01.

    Y. Burda, R. Grosse, R. Salakhutdinov, *Importance weighted autoencoders*, 2016, section 5.2.
    """
    return int((means.var(axis=0) > ACTIVE).sum())


def measure_vae_diagnostics(encoder: VariationalEncoder, train: np.ndarray, held_out: np.ndarray) -> VaeDiagnostics:
    """Measure a variational encoder that is fitted to `train`; both matrices have shape (n_tracks, n_columns)."""
    # In the order of the fields of VaeDiagnostics: training tracks first, held-out tracks second.
    bounds = [encoder.bound(values) for values in (train, held_out)]
    audio = block_columns(train, encoder.blocks, "audio")
    components = PrincipalComponents(min(encoder.latent_dim, *audio.shape), blocks=encoder.blocks).fit(train)
    # In the units of the training tracks' z-scores.
    scale = components.scale_
    errors = [mean_error(model, values, scale) for model in (encoder, components) for values in (train, held_out)]
    kl = np.sort(bounds[0].kl.mean(axis=0))[::-1].tolist()
    in_use = active_units(encoder.transform(train))
    return VaeDiagnostics(encoder.latent_dim, in_use, tuple(kl), *(bound.elbo for bound in bounds), *errors)


def mean_error(model: Encoder, values: np.ndarray, scale: np.ndarray) -> float:
    """Return the mean squared error of a reconstruction of the audio, whose columns are divided by a scale before."""
    audio = block_columns(values, model.blocks, "audio")
    return float(np.mean(((model.reconstruct(values) - audio) / scale) ** 2))
