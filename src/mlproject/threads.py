"""How many threads the numerical libraries use: sums over threads depend on their number, and so do their bits."""

import sys
from contextlib import AbstractContextManager
from functools import lru_cache

from threadpoolctl import ThreadpoolController

__all__ = ["limit_threads"]


def limit_threads(limit: int) -> AbstractContextManager[object]:
    """Return a context in which numerical libraries use so many threads; torch has a setting of its own."""
    controller: AbstractContextManager[object] = _pools(len(sys.modules)).limit(limits=limit)
    return controller


@lru_cache(maxsize=1)
def _pools(n_modules: int) -> ThreadpoolController:  # noqa: ARG001 - a library may come with any new module
    """Find the thread pools of the libraries that are loaded; doing so costs more than a small K-Means."""
    return ThreadpoolController()
