"""A folder, a .zip or a .tar(.gz) seen alike: names of files, and their bytes."""

import gzip
import hashlib
import json
import os
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from mlproject.corpus.user_tables import TABLE_SUFFIXES
from mlproject.errors import ArchiveError, CorpusNotFoundError
from mlproject.files import write_text

__all__ = ["ARCHIVE_SUFFIXES", "Contents", "open_contents"]

ARCHIVE_SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz")


class Contents(Protocol):
    """Files below one root."""

    root: Path

    def sizes(self) -> dict[str, int]:
        """Map the name of each file, with forward slashes, to its size in bytes."""

    def checksums(self, names: Collection[str]) -> dict[str, str]:
        """Map names to a hash that changes when the file changes."""

    def read(self, names: Collection[str]) -> Iterator[tuple[str, bytes]]:
        """Yield the named files."""


def open_contents(root: Path, *, checksum_cache: Path | None = None) -> Contents:
    """See what lies in a folder or an archive, a file that ends in one of `ARCHIVE_SUFFIXES`.

    `checksum_cache` is a JSON file that remembers checksums and lists of members by path, size and time of change.

    Raises
    ------
    CorpusNotFoundError
        If there is nothing at `root`.
    ArchiveError
        If `root` is a file of another kind, is damaged, or has a member that would land outside its folder.
    """
    if not root.exists():
        raise CorpusNotFoundError(
            f"root={str(root)!r} does not exist; expected a folder or archive of music: "
            "correct root in conf/data.yaml or MLPROJECT_ROOT"
        )
    memory = _Memory(checksum_cache)
    if root.is_dir():
        return _Folder(root, memory)
    try:
        if root.name.lower().endswith(".zip"):
            return _Zip(root)
        if root.name.lower().endswith(ARCHIVE_SUFFIXES):
            return _Tar(root, memory)
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, OSError) as error:
        reason = _one_line(error)
        raise ArchiveError(f"root={str(root)!r} cannot be read as an archive ({reason}); fetch it again") from error
    hint = "; a table of features needs corpus: table" if root.suffix.lower() in TABLE_SUFFIXES else ""
    raise ArchiveError(f"root={str(root)!r} is a file; expected a folder or one of {', '.join(ARCHIVE_SUFFIXES)}{hint}")


def _check_inside(name: str, root: Path) -> None:
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or (path.parts and path.parts[0].endswith(":")):
        raise ArchiveError(
            f"{root.name} has the member {name!r}, which would land outside its folder; do not use this archive"
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Memory:
    """Facts about files that were computed before, by path, size and time of change."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._known: dict[str, Any] = json.loads(path.read_text()) if path and path.exists() else {}

    def recall(self, what: str, files: Collection[Path], find: Callable[[Path], Any]) -> dict[Path, Any]:
        """Return a fact about each file, found out anew for those that have changed."""
        stats = {file: file.stat() for file in files}
        keys = {file: f"{what}|{file.absolute()}|{stat.st_size}|{stat.st_mtime_ns}" for file, stat in stats.items()}
        new = [file for file in files if keys[file] not in self._known]
        with ThreadPoolExecutor(os.cpu_count()) as pool:  # hashlib lets other threads run
            self._known |= dict(zip((keys[file] for file in new), pool.map(find, new), strict=True))
        if self._path and new:
            write_text(self._path, json.dumps(self._known))
        return {file: self._known[keys[file]] for file in files}


@dataclass
class _Folder:
    root: Path
    memory: _Memory

    def sizes(self) -> dict[str, int]:
        sizes, seen = {}, set[Path]()
        for folder, folders, names in os.walk(self.root, followlinks=True):
            here = Path(folder).resolve()
            if here in seen:  # a link back to a folder above
                folders.clear()
                continue
            seen.add(here)
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in names:
                path = Path(folder, name)
                if not name.startswith(".") and path.is_file():
                    sizes[path.relative_to(self.root).as_posix()] = path.stat().st_size
        return dict(sorted(sizes.items()))

    def checksums(self, names: Collection[str]) -> dict[str, str]:
        hashes = self.memory.recall("sha256", [self.root / name for name in names], _sha256)
        return {name: hashes[self.root / name] for name in names}

    def read(self, names: Collection[str]) -> Iterator[tuple[str, bytes]]:
        for name in names:
            yield name, (self.root / name).read_bytes()


class _Zip:
    def __init__(self, root: Path) -> None:
        self.root = root
        with zipfile.ZipFile(root) as archive:
            self._members = {member.filename: member for member in archive.infolist() if not member.is_dir()}
        for name in self._members:
            _check_inside(name, root)

    def sizes(self) -> dict[str, int]:
        return {name: self._members[name].file_size for name in sorted(self._members)}

    def checksums(self, names: Collection[str]) -> dict[str, str]:
        return {name: f"crc32-{self._members[name].CRC:08x}" for name in names}

    def read(self, names: Collection[str]) -> Iterator[tuple[str, bytes]]:
        with zipfile.ZipFile(self.root) as archive:
            for name in names:
                try:
                    yield name, archive.read(name)
                except (zipfile.BadZipFile, zlib.error, RuntimeError) as error:  # damaged, encrypted, unknown packing
                    raise ArchiveError(
                        f"{self.root.name}: {name} is damaged ({error}); fetch the archive again"
                    ) from error


class _Tar:
    def __init__(self, root: Path, memory: _Memory) -> None:
        self.root, self._memory = root, memory
        self._sizes: dict[str, int] = memory.recall("members", [root], _tar_members)[root]

    def sizes(self) -> dict[str, int]:
        return dict(sorted(self._sizes.items()))

    def checksums(self, names: Collection[str]) -> dict[str, str]:
        # A tar file has no checksum of a member's content: the archive's stands for all of them.
        whole = self._memory.recall("sha256", [self.root], _sha256)[self.root]
        return dict.fromkeys(names, whole)

    def read(self, names: Collection[str]) -> Iterator[tuple[str, bytes]]:
        # A stream is read once from its start to its end, whatever the order of the names.
        chosen = set(names)
        try:
            with _open_tar(self.root) as archive:
                for member in archive:
                    file = archive.extractfile(member) if member.name in chosen and member.isfile() else None
                    if file is not None:
                        yield member.name, file.read()
        except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
            raise ArchiveError(f"{self.root.name} is damaged ({_one_line(error)}); fetch it again") from error


def _tar_members(root: Path) -> dict[str, int]:
    """Map the names of an archive's files to their sizes; this reads the whole archive."""
    with _open_tar(root) as archive:
        members = [member for member in archive if not member.isdir()]
    for member in members:
        _check_inside(member.name, root)
        if member.issym() or member.islnk():
            _check_inside(member.linkname, root)
    return {member.name: member.size for member in members if member.isfile()}


@contextmanager
def _open_tar(root: Path) -> Iterator[tarfile.TarFile]:
    """Read an archive from its first byte to its last: gzip's checksum of the content stands at the end."""
    packed = root.name.lower().endswith("gz")
    with gzip.open(root) if packed else root.open("rb") as stream:
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            yield archive
        while stream.read(1 << 20):
            pass


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
