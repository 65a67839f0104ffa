"""z-scores and quantile-normalised columns by column in float32, and the slice of a design matrix that they are of."""

from collections.abc import Mapping

import numpy as np
from sklearn.preprocessing import QuantileTransformer

__all__ = [
    "Columns",
    "block_columns",
    "column_statistics",
    "fit_quantiles",
    "optional_columns",
    "quantile_normalised",
    "root_total_variance",
]

LIMIT = 3.0  # of a quantile-normalised value; the ends of a column's ranking would be at 5.2

Columns = Mapping[str, tuple[int, int]]


def block_columns(values: np.ndarray, blocks: Columns | None, name: str) -> np.ndarray:
    """Return one block's columns as a view; all columns where no blocks are named."""
    if blocks is None:
        return values
    start, end = blocks[name]
    return values[:, start:end]


def optional_columns(values: np.ndarray, blocks: Columns | None, name: str) -> np.ndarray:
    """Return the columns of a block beside the audio, as a view; none where there is no such block."""
    return block_columns(values, blocks, name) if blocks is not None and name in blocks else values[:, :0]


def column_statistics(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation of each column, shape (n_columns,); a constant column's deviation is 1.

    Rounding leaves a constant column a deviation of about its size times 1e-7, which must not be blown up to 1.
    """
    mean = values.mean(axis=0, dtype=np.float64)
    deviation = values.std(axis=0, dtype=np.float64)
    deviation[deviation <= 1e-6 * np.abs(mean)] = 1.0
    deviation[deviation == 0] = 1.0
    return mean.astype(values.dtype), deviation.astype(values.dtype)


def root_total_variance(part: np.ndarray) -> float:
    """Return the square root of the total variance of a part of a latent; 1 for one that does not vary."""
    return float(np.sqrt(part.var(axis=0).sum())) or 1.0


def fit_quantiles(values: np.ndarray) -> QuantileTransformer:
    """Rank each column of (n_tracks, n_columns), for `quantile_normalised`."""
    # A draw of rows, which is the default for long columns, would depend on a seed.
    return QuantileTransformer(n_quantiles=len(values), output_distribution="normal", subsample=None).fit(values)


def quantile_normalised(ranked: QuantileTransformer, values: np.ndarray) -> np.ndarray:
    """Return the quantile of the normal distribution that each value's rank in its column has, in [-3, 3]."""
    return np.asarray(ranked.transform(values).clip(-LIMIT, LIMIT), dtype=values.dtype)
