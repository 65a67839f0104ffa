"""A folder or an archive of files, seen alike: what is in it, and the bytes of each file."""

import gzip
import json
import os
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any, NamedTuple, Protocol

from mlproject.files import recall_json, write_text

__all__ = ["NOT_UNICODE", "PIECE", "Contents", "Listing", "Memory", "in_pieces", "is_text", "is_unicode", "shown"]

PIECE = 1 << 20  # bytes that are read at once
NOT_UNICODE = "its name is not UTF-8; rename it"


class Listing(NamedTuple):
    """What lies below a root. Names have forward slashes and are in order."""

    sizes: dict[str, int]  # bytes of each file that can be read
    refused: dict[str, str]  # names of what cannot be read, and why
    notes: list[str]  # what else a user should know, a line each


class Contents(Protocol):
    """Files below one root."""

    root: Path

    @property
    def listing(self) -> Listing:
        """What is there."""

    def checksums(self, names: Collection[str]) -> dict[str, str]:
        """Map names to a hash that changes when the file changes."""

    def read(self, names: Collection[str]) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Yield the named files, in whatever order is fastest, each in pieces to be taken before the next file.

        The pieces of a file that cannot be read raise `TrackDecodeError`; an archive of which no more can be read
        raises `ArchiveError`.
        """


def shown(name: object) -> str:
    """Return a name as text that can be written; bytes of it that are no UTF-8 become ``\\xff``."""
    return os.fsencode(str(name)).decode("utf-8", "backslashreplace")


def is_unicode(name: str) -> bool:
    """Whether a name is text: that of a file may be any bytes."""
    return not any("\ud800" <= letter <= "\udfff" for letter in name)


def in_pieces(file: IO[bytes] | gzip.GzipFile) -> Iterator[bytes]:
    """Read a file to its end, never more than 1 MiB at once."""
    while piece := file.read(PIECE):
        yield piece


class Memory:
    """Facts about files that were computed before, by path, size and time of change; what is damaged is forgotten."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._known = recall_json(path) if path and path.is_file() else {}

    def recall(
        self, what: str, files: Collection[Path], find: Callable[[Path], Any], fits: Callable[[object], bool]
    ) -> dict[Path, Any]:
        """Return a fact about each file, found out anew for those that have changed; `fits` says what a fact is."""
        keys = {file: f"{what}|{file.absolute()}|{_age(file)}" for file in files}
        new = [file for file in files if not fits(self._known.get(keys[file]))]
        with ThreadPoolExecutor(os.cpu_count()) as pool:  # hashlib lets other threads run
            self._known |= dict(zip((keys[file] for file in new), pool.map(find, new), strict=True))
        if self._path and new:
            write_text(self._path, json.dumps(self._known))
        return {file: self._known[keys[file]] for file in files}


def is_text(value: object) -> bool:
    """Whether a remembered fact is a text."""
    return isinstance(value, str)


def _age(file: Path) -> str:
    try:
        status = file.stat()
    except OSError:  # gone since it was listed
        return "gone"
    return f"{status.st_size}|{status.st_mtime_ns}"
