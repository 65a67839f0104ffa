"""How much each block of columns weighs in the distances of a space."""

from collections.abc import Mapping

import numpy as np

__all__ = ["block_shares"]


def block_shares(latent: np.ndarray, widths: Mapping[str, int]) -> dict[str, float]:
    """Return each block's share of the mean squared distance between two tracks, in [0, 1].

    `latent` has shape (n_tracks, n_columns); `widths` are the columns of each block, in their order.
    """
    # E|a - b|**2 = 2 * sum of the columns' variances: shares of distances are shares of variances.
    variance = latent.astype(np.float64).var(axis=0)
    ends = np.cumsum(list(widths.values()))
    total = float(variance.sum()) or 1.0
    parts = zip(widths, np.split(variance, ends[:-1]), strict=True)
    return {name: float(part.sum()) / total for name, part in parts}
