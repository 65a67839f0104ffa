"""One design matrix of named column blocks that know whether they are derived from labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["HAS_LYRICS", "Block", "DesignMatrix"]

HAS_LYRICS = "has_lyrics"  # block of one column, where some tracks lack words: 1 with them, 0 without


@dataclass(frozen=True)
class Block:
    """One feature of all tracks.

    Attributes
    ----------
    name : str
        ``audio``, ``lyrics``, ``has_lyrics`` or ``genre``.
    values : ndarray of shape (n_tracks, n_columns)
        float32.
    label_derived : bool
        Whether the values are a function of the genre.
    """

    name: str
    values: np.ndarray
    label_derived: bool = False


@dataclass(frozen=True)
class DesignMatrix:
    """Column blocks side by side.

    Attributes
    ----------
    values : ndarray of shape (n_tracks, n_columns)
        float32.
    columns : mapping of str to tuple of int
        First column and the one after the last of each block.
    label_derived : tuple of str
        Names of the blocks that are derived from labels.
    """

    values: np.ndarray
    columns: Mapping[str, tuple[int, int]]
    label_derived: tuple[str, ...] = ()

    @classmethod
    def join(cls, blocks: Sequence[Block]) -> DesignMatrix:
        """Join blocks in the given order.

        Raises
        ------
        ValueError
            If their numbers of rows differ.
        """
        rows = {len(block.values) for block in blocks}
        if len(rows) != 1:
            raise ValueError(f"blocks have different numbers of rows: {[(b.name, len(b.values)) for b in blocks]}")
        ends = np.cumsum([block.values.shape[1] for block in blocks]).tolist()
        starts = [0, *ends[:-1]]
        columns = {block.name: (start, end) for block, start, end in zip(blocks, starts, ends, strict=True)}
        values = np.concatenate([block.values for block in blocks], axis=1, dtype=np.float32)
        return cls(values, columns, tuple(block.name for block in blocks if block.label_derived))

    @property
    def label_informed(self) -> bool:
        """Whether any block is derived from labels."""
        return bool(self.label_derived)
