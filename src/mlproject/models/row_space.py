"""The row space of a wide matrix: n tracks span at most n - 1 dimensions, however many columns they have.

A network on the rotated columns has the same inputs up to an orthonormal change of basis, so it is equivalent to one on
the original columns, and two orders of magnitude smaller.
"""

import hashlib
from collections import OrderedDict

import numpy as np

__all__ = ["RowSpace", "is_wide", "row_space"]

KEPT = 3  # row spaces, each as large as its matrix
CHUNK = 4096  # columns that are held in float64 at a time
RELATIVE_TOLERANCE = 1e-10  # of the squared singular values


class RowSpace:
    """Orthonormal basis of the space that the rows of a centred matrix span.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_columns)
        Centred columns.

    Attributes
    ----------
    basis : ndarray of shape (n_columns, rank)
        float32, columns in order of falling singular value; the largest entry of each is positive.
    scale : float
        ``sqrt(rank / n_columns)``. Rotated columns are multiplied by it, so that the mean squared error over rotated
        columns is that over original ones, and a network's initial activations keep their size.
    """

    def __init__(self, values: np.ndarray) -> None:
        n_columns, wide = values.shape[1], is_wide(values)
        # X = U S V.T. The Gram matrix X X.T = U S**2 U.T is n x n where X is wide; else X.T X = V S**2 V.T is smaller.
        squared, vectors = np.linalg.eigh(_gram(values if wide else values.T))
        order = np.argsort(squared)[::-1]
        order = order[squared[order] > RELATIVE_TOLERANCE * max(squared[-1], np.finfo(np.float32).tiny)]
        basis = vectors[:, order]
        if wide:
            # V = X.T U / S, (n_columns, rank)
            basis = values.T @ (basis / np.sqrt(squared[order])).astype(np.float32)
        # eigh leaves the sign of each column open; the largest entry decides it, on every machine alike.
        largest = np.abs(basis).argmax(axis=0) if basis.size else []
        self.basis = (basis * np.sign(basis[largest, np.arange(len(order))])).astype(np.float32)
        self.scale = float(np.sqrt(max(len(order), 1) / n_columns))

    def rotate(self, values: np.ndarray) -> np.ndarray:
        """Return the rows in the basis, shape (n_rows, rank), scaled."""
        return np.asarray(values @ self.basis * np.float32(self.scale))

    def rotate_back(self, rotated: np.ndarray) -> np.ndarray:
        """Return rotated rows in the original columns, shape (n_rows, n_columns)."""
        return np.asarray(rotated / np.float32(self.scale) @ self.basis.T)


def is_wide(values: np.ndarray) -> bool:
    """Whether a matrix has more columns than rows, so that a rotation makes it smaller."""
    return bool(values.shape[1] > values.shape[0])


def row_space(values: np.ndarray) -> RowSpace:
    """Return the row space of a matrix of centred columns; the last few are kept, as seeds train on the same one."""
    key = hashlib.blake2b(repr((values.shape, values.dtype)).encode())
    key.update(np.ascontiguousarray(values).data.cast("B"))
    space = _kept.pop(key.digest(), None) or RowSpace(values)
    _kept[key.digest()] = space  # at the end: the one that was used longest ago goes first
    while len(_kept) > KEPT:
        _kept.popitem(last=False)
    return space


_kept: OrderedDict[bytes, RowSpace] = OrderedDict()


def _gram(values: np.ndarray) -> np.ndarray:
    """``values @ values.T`` in float64, without a float64 copy of a wide matrix."""
    gram = np.zeros((len(values), len(values)))
    for start in range(0, values.shape[1], CHUNK):
        chunk = values[:, start : start + CHUNK].astype(np.float64)
        gram += chunk @ chunk.T
    return gram
