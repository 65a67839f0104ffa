import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlproject.features.blocks import Block, DesignMatrix


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=4), st.integers(1, 6))
def test_each_block_is_found_again_under_its_name(widths, n_tracks):
    blocks = [
        Block(f"block {i}", np.full((n_tracks, width), i, dtype=np.float32), label_derived)
        for i, (width, label_derived) in enumerate(widths)
    ]
    matrix = DesignMatrix.join(blocks)
    assert matrix.values.dtype == np.float32
    assert matrix.values.shape == (n_tracks, sum(width for width, _ in widths))
    for block in blocks:
        start, end = matrix.columns[block.name]
        np.testing.assert_array_equal(matrix.values[:, start:end], block.values)
    assert matrix.label_derived == tuple(block.name for block in blocks if block.label_derived)
    assert bool(matrix.label_derived) == any(label_derived for _, label_derived in widths)


def test_blocks_of_other_lengths_are_refused_by_name():
    with pytest.raises(ValueError, match=r"different numbers of rows: \[\('audio', 3\), \('genre', 2\)\]"):
        DesignMatrix.join([Block("audio", np.zeros((3, 2))), Block("genre", np.zeros((2, 1)))])


def test_float64_becomes_float32():
    assert DesignMatrix.join([Block("audio", np.zeros((2, 2)))]).values.dtype == np.float32
