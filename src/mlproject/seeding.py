"""One seed, many independent random streams: each consumer asks for its own by name."""

import hashlib

import numpy as np

__all__ = ["generator", "integer_seed"]


def integer_seed(seed: int, *names: str | int) -> int:
    """Derive a seed for one named consumer, such as ``"training"`` or ``"clustering", "kmeans"``, from the user's seed.

    It lies in [0, 2**32), the range that scikit-learn's ``random_state`` takes. Two consumers with different names get
    unrelated streams, and adding a consumer changes no other one.
    """
    text = "/".join(str(part) for part in (seed, *names))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")


def generator(seed: int, *names: str | int) -> np.random.Generator:
    """Return numpy's generator for one named consumer; see `integer_seed`."""
    return np.random.default_rng(integer_seed(seed, *names))
