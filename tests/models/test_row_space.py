import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlproject.models.row_space import RowSpace


def centred(rows, columns, seed=0):
    values = np.random.default_rng(seed).normal(size=(rows, columns)) * np.linspace(3, 1, columns)
    return (values - values.mean(axis=0)).astype(np.float32)


SHAPES = pytest.mark.parametrize(("rows", "columns"), [(12, 500), (12, 12), (60, 8)])


@SHAPES
def test_basis_is_orthonormal_and_has_the_rank_of_centred_rows(rows, columns):
    basis = RowSpace(centred(rows, columns)).basis
    assert basis.dtype == np.float32
    assert basis.shape == (columns, min(rows - 1, columns))
    np.testing.assert_allclose(basis.T @ basis, np.eye(basis.shape[1]), atol=1e-4)


@given(st.integers(2, 15), st.integers(1, 60), st.integers(0, 1000))
def test_there_and_back_loses_nothing(rows, columns, seed):
    values = centred(rows, columns, seed)
    space = RowSpace(values)
    np.testing.assert_allclose(space.rotate_back(space.rotate(values)), values, atol=1e-4 * np.abs(values).max())


@SHAPES
def test_gram_matrix_gives_the_right_singular_vectors(rows, columns):
    values = centred(rows, columns)
    basis = RowSpace(values).basis
    expected = np.linalg.svd(values.astype(np.float64), full_matrices=False)[2][: basis.shape[1]].T
    signs = np.sign((basis * expected).sum(axis=0))
    np.testing.assert_allclose(basis * signs, expected, atol=1e-4)


@SHAPES
def test_largest_entry_of_each_direction_is_positive(rows, columns):
    basis = RowSpace(centred(rows, columns)).basis
    assert (basis[np.abs(basis).argmax(axis=0), np.arange(basis.shape[1])] > 0).all()


@SHAPES
def test_mean_squared_error_is_the_same_over_rotated_columns(rows, columns):
    values = centred(rows, columns)
    space = RowSpace(values)
    assert space.scale == pytest.approx(np.sqrt(space.basis.shape[1] / columns))
    other = space.rotate(values) + centred(rows, space.basis.shape[1], seed=1)
    rotated = np.mean((other - space.rotate(values)) ** 2)
    assert rotated == pytest.approx(np.mean((space.rotate_back(other) - values) ** 2), rel=1e-4)


def test_wide_matrix_in_chunks_gives_the_same(monkeypatch):
    values = centred(10, 300)
    whole = RowSpace(values).basis
    monkeypatch.setattr("mlproject.models.row_space.CHUNK", 7)
    np.testing.assert_allclose(RowSpace(values).basis, whole, atol=1e-5)


def test_directions_without_variance_are_left_out():
    values = centred(20, 3) @ np.random.default_rng(1).normal(size=(3, 100)).astype(np.float32)
    assert RowSpace(values).basis.shape == (100, 3)


def test_matrix_without_variance_has_an_empty_basis():
    space = RowSpace(np.zeros((4, 9), dtype=np.float32))
    assert space.basis.shape == (9, 0)
    np.testing.assert_array_equal(space.rotate_back(space.rotate(np.zeros((2, 9), dtype=np.float32))), np.zeros((2, 9)))
