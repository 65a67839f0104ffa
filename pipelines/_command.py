"""A function -> a command: one line for an error, status 2, and the reason on the run that MLflow has started."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from mlproject.errors import ConfigError, MlprojectError, StoreError

__all__ = ["importing", "key_values", "progress_bar", "run_command", "say", "wants_help", "words_and_values"]


def run_command(main: Callable[[list[str]], None]) -> None:
    """Run `main` on the command line's arguments and end the process as a command should."""
    gc.freeze()  # as in `importing`
    signal.signal(signal.SIGTERM, _end)  # so that a run that is open is marked, as with Ctrl-C
    try:
        main(sys.argv[1:])
    except MlprojectError as error:
        print(f"error: {error}", file=sys.stderr)
        if "MLFLOW_RUN_ID" in os.environ and not isinstance(error, StoreError):
            from mlproject.tracking.runs import tag_started_run

            tag_started_run("rejected" if isinstance(error, ConfigError) else "failed", str(error))
        sys.exit(2)
    except KeyboardInterrupt:
        print("interrupted; nothing half-written is left behind, run the same command again", file=sys.stderr)
        sys.exit(130)


def _end(*_: object) -> None:
    sys.exit(128 + signal.SIGTERM)


@contextmanager
def importing() -> Iterator[None]:
    """Import large libraries without looking for garbage: what they make stays until the process ends.

    The collector would go through all of it again and again, for a second, and for another one at the very end.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def key_values(arguments: Iterable[str]) -> dict[str, str]:
    """Read ``key=value`` and ``--key value`` alike, as `python -m` and `mlflow run -P` give them."""
    words, found = list(arguments), dict[str, str]()
    while words:
        word = words.pop(0)
        key, equals, value = word.removeprefix("--").partition("=")
        if not equals:
            if not word.startswith("--") or not words:
                raise ConfigError(
                    f"argument {word!r} has no value; expected key=value, such as task=easy or latent_dim=64"
                )
            value = words.pop(0)
        if key in found:
            raise ConfigError(f"{key} is given twice ({found[key]!r}, {value!r}); give it once")
        found[key] = value
    return found


def words_and_values(arguments: Iterable[str]) -> tuple[list[str], dict[str, str]]:
    """Read plain words, and ``key=value`` or ``--key value``, in any order."""
    given, words, pairs = list(arguments), list[str](), list[str]()
    while given:
        word = given.pop(0)
        if word.startswith("--") and "=" not in word:
            pairs += [word, *given[:1]]
            given = given[1:]
        else:
            # The name of a run may hold an equals sign, a key holds no blank.
            (pairs if "=" in word and " " not in word.split("=")[0] else words).append(word)
    return words, key_values(pairs)


def wants_help(arguments: Iterable[str]) -> bool:
    """Whether the user asks what a command takes."""
    return not {"-h", "--help", "help"}.isdisjoint(arguments)


def say(message: str) -> None:
    """Tell the user what goes on; on stderr, where progress bars are."""
    print(message, file=sys.stderr, flush=True)


def progress_bar(
    description: str, total: int | None = None, *, unit: str = ""
) -> Callable[[Iterable[Any]], Iterable[Any]]:
    """Return a function that wraps an iterable into a progress bar."""
    from tqdm import tqdm

    return lambda items: tqdm(items, desc=description, total=total, unit=unit, mininterval=0.5, dynamic_ncols=True)
