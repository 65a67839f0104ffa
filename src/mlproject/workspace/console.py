"""What a user sees while a command is at work."""

import sys
from collections.abc import Callable, Iterable
from typing import TypeVar

__all__ = ["log", "progress_bar"]

Item = TypeVar("Item")


def log(message: str) -> None:
    """Say what is happening; on stderr, where progress bars are."""
    print(message, file=sys.stderr, flush=True)


def progress_bar(
    description: str, total: int | None = None, *, unit: str = ""
) -> Callable[[Iterable[Item]], Iterable[Item]]:
    """Return a function that wraps an iterable into a progress bar."""
    from tqdm import tqdm

    return lambda items: tqdm(items, desc=description, total=total, unit=unit, mininterval=0.5, dynamic_ncols=True)
