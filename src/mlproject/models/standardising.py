"""z-scores by column in float32, and the slice of a design matrix that they are of."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

__all__ = ["Columns", "block_columns", "column_statistics"]

Columns = Mapping[str, tuple[int, int]]


def block_columns(values: np.ndarray, blocks: Columns | None, name: str) -> np.ndarray:
    """Return one block's columns as a view; all columns where no blocks are named."""
    if blocks is None:
        return values
    start, end = blocks[name]
    return values[:, start:end]


def column_statistics(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation of each column, shape (n_columns,); a constant column's deviation is 1.

    Rounding leaves a constant column a deviation of about its size times 1e-7, which must not be blown up to 1.
    """
    mean = values.mean(axis=0, dtype=np.float64)
    deviation = values.std(axis=0, dtype=np.float64)
    deviation[deviation <= 1e-6 * np.abs(mean)] = 1.0
    deviation[deviation == 0] = 1.0
    return mean.astype(values.dtype), deviation.astype(values.dtype)
