"""What a process inherits: the run that `mlflow run` has started, and how imports are made quick."""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["imports_without_collection", "isolated_environment", "isolated_run"]

RUN_VARIABLES = ("MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID")  # `mlflow run` hands them to what it starts


@contextmanager
def isolated_run() -> Iterator[None]:
    """Let runs that are opened inside be runs of their own, whatever `mlflow run` has started for its caller."""
    given = {name: os.environ.pop(name) for name in RUN_VARIABLES if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(given)


def isolated_environment() -> dict[str, str]:
    """Return an environment for a process whose runs are its own, such as a stage that DVC starts."""
    return {name: value for name, value in os.environ.items() if name not in RUN_VARIABLES}


@contextmanager
def imports_without_collection() -> Iterator[None]:
    """Import large libraries without looking for garbage: what they make stays until the process ends.

    The collector would go through all of it again and again, for a second, and for another one at the very end.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
