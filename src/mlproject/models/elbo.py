"""The evidence lower bound in parts: reconstruction, KL divergence by dimension, free bits, warm-up, independence.

All in nats. The decoder is a Gaussian of unit variance on z-scored columns, its constant left out.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from mlproject.models.networks import Gaussian

__all__ = ["ElboTerms", "free_bits", "gaussian_kl", "hsic", "squared_error", "warm_up"]


class ElboTerms(NamedTuple):
    """Both parts of the negative bound, by track."""

    reconstruction: Tensor  # (n_tracks,): half the squared error, over as many columns as count
    kl: Tensor  # (n_tracks, latent_dim): divergence of the posterior from the prior by dimension

    def loss(self, weight: float, free_nats: float) -> Tensor:
        """Return the mean negative bound with a weight on the divergence, which is free up to `free_nats`."""
        return self.reconstruction.mean() + weight * free_bits(self.kl, free_nats)


def squared_error(decoded: Tensor, columns: Tensor, n_effective: int) -> Tensor:
    """Return half the squared error of each track, shape (n_tracks,), as if there were `n_effective` columns."""
    return 0.5 * n_effective * (decoded - columns).square().mean(dim=1)


def gaussian_kl(posterior: Gaussian) -> Tensor:
    """Return KL(q || N(0, 1)) by track and dimension (Kingma & Welling 2014, appendix B)."""
    mean, log_variance = posterior  # (n_tracks, latent_dim) each
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance)


def free_bits(kl: Tensor, free_nats: float) -> Tensor:
    """Sum the mean divergences over dimensions, each at least `free_nats` (Kingma et al. 2016, appendix C.8)."""
    return kl.mean(dim=0).clamp(min=free_nats).sum()


def warm_up(epoch: int, epochs: int) -> float:
    """Return the share of its weight that a term has in an epoch (from 1): it rises linearly to 1 over `epochs`."""
    return min(1.0, epoch / max(epochs, 1))


def hsic(latent: Tensor, conditions: Tensor) -> Tensor:
    """Return the Hilbert-Schmidt independence criterion, biased estimate (Gretton et al. 2005, equation 9).

    Gaussian kernel ``exp(-d**2 / median d**2)`` on latent of shape (n_tracks, latent_dim), linear kernel on conditions
    of shape (n_tracks, n_conditions). For one-hot conditions it is 0 exactly where all classes have the same latent.
    `mlproject.evaluation.probing` measures with the same estimate, but with a Gaussian kernel on both sides.
    """
    norms = latent.square().sum(dim=1)
    # |a - b|**2 = |a|**2 + |b|**2 - 2 a.b, (n_tracks, n_tracks); rounding may leave it below 0.
    distances = (norms[:, None] + norms - 2 * latent @ latent.T).clamp(min=0)
    # The median of some rows' distances is near enough, and that of all would take as long as the rest.
    sample = distances.detach()[:: max(1, len(latent) // 64)]
    kernel = torch.exp(-distances / sample.median().clamp(min=1e-12))
    # tr(K H L H) with L = conditions @ conditions.T: H goes to the conditions, and no second n x n matrix is needed.
    centred = conditions - conditions.mean(dim=0)
    return ((kernel @ centred) * centred).sum() / len(latent) ** 2
