"""One design matrix of named column blocks that know whether they are derived from labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

__all__ = ["HAS_LYRICS", "Block", "DesignMatrix"]

HAS_LYRICS = "has_lyrics"  # block of one column, where some tracks lack words: 1 with them, 0 without


@dataclass(frozen=True)
class Block:
    """One feature of all tracks."""

    name: str  # ``audio``, ``lyrics``, ``has_lyrics`` or ``genre``
    values: np.ndarray  # (n_tracks, n_columns): float32
    label_derived: bool = False  # whether the values are a function of the genre


@dataclass(frozen=True)
class DesignMatrix:
    """Column blocks side by side."""

    values: np.ndarray  # (n_tracks, n_columns): float32
    columns: Mapping[str, tuple[int, int]]  # first column and the one after the last of each block
    label_derived: tuple[str, ...] = ()  # names of the blocks that are derived from labels

    def block(self, name: str) -> np.ndarray:
        """Return the columns of one block, a view of shape (n_tracks, n_columns)."""
        start, end = self.columns[name]
        return self.values[:, start:end]

    @classmethod
    def join(cls, blocks: Sequence[Block]) -> Self:
        """Join blocks in the given order; ValueError if their numbers of rows differ."""
        rows = {len(block.values) for block in blocks}
        if len(rows) != 1:
            raise ValueError(f"blocks have different numbers of rows: {[(b.name, len(b.values)) for b in blocks]}")
        # Blocks lie side by side; block i spans columns starts[i] to ends[i] - 1.
        ends = np.cumsum([block.values.shape[1] for block in blocks]).tolist()
        starts = [0, *ends[:-1]]
        columns = {block.name: (start, end) for block, start, end in zip(blocks, starts, ends, strict=True)}
        values = np.concatenate([block.values for block in blocks], axis=1, dtype=np.float32)
        return cls(values, columns, tuple(block.name for block in blocks if block.label_derived))
