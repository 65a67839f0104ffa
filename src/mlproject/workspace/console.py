"""What a user sees while a command is at work."""

import os
import sys
from collections.abc import Callable, Iterable
from typing import TypeVar

__all__ = ["BARS", "bars_are_shown", "log", "progress_bar"]

Item = TypeVar("Item")
BARS = "MLPROJECT_BARS"  # set for a process whose output a command passes on to a terminal


def log(message: str) -> None:
    """Say what is happening; on stderr, where progress bars are."""
    print(message, file=sys.stderr, flush=True)


def progress_bar(
    description: str, total: int | None = None, *, unit: str = ""
) -> Callable[[Iterable[Item]], Iterable[Item]]:
    """Return a function that wraps an iterable into a progress bar, shown on a terminal, of what takes 2 s or more."""
    from tqdm import tqdm

    shape = {"desc": description, "total": total, "unit": unit, "mininterval": 0.5, "dynamic_ncols": True}
    return lambda items: tqdm(items, delay=2, disable=not bars_are_shown(), **shape)


def bars_are_shown() -> bool:
    """Whether there is a terminal: in a file, bars would be glued together."""
    return sys.stderr.isatty() or BARS in os.environ
