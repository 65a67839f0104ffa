"""A folder, a .zip or a .tar(.gz) seen alike: names of files, and their bytes."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import tarfile
import zipfile
import zlib
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Protocol

from mlproject.artifacts import write_text
from mlproject.errors import ArchiveError, CorpusNotFoundError

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
    """See what lies in a folder or an archive.

    Parameters
    ----------
    root : Path
        A folder, or a file that ends in one of `ARCHIVE_SUFFIXES`.
    checksum_cache : Path, optional
        JSON file that remembers the checksums of files by path, size and time of change.

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
    if root.is_dir():
        return _Folder(root, checksum_cache)
    try:
        if root.name.lower().endswith(".zip"):
            return _Zip(root, checksum_cache)
        if root.name.lower().endswith(ARCHIVE_SUFFIXES):
            return _Tar(root, checksum_cache)
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, OSError) as error:
        reason = _one_line(error)
        raise ArchiveError(f"root={str(root)!r} cannot be read as an archive ({reason}); fetch it again") from error
    raise ArchiveError(f"root={str(root)!r} is a file; expected a folder or one of {', '.join(ARCHIVE_SUFFIXES)}")


def _check_inside(name: str, root: Path) -> None:
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or (path.parts and path.parts[0].endswith(":")):
        raise ArchiveError(
            f"{root.name} has the member {name!r}, which would land outside its folder; do not use this archive"
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _checksums(paths: Collection[Path], cache: Path | None) -> dict[Path, str]:
    """Hash files, those that have not changed since the last time from memory."""
    known: dict[str, str] = json.loads(cache.read_text()) if cache and cache.exists() else {}
    stats = {path: path.stat() for path in paths}
    keys = {path: f"{path.absolute()}|{stat.st_size}|{stat.st_mtime_ns}" for path, stat in stats.items()}
    new = [path for path in paths if keys[path] not in known]
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # hashlib lets other threads run
        known |= dict(zip((keys[path] for path in new), pool.map(_sha256, new), strict=True))
    if cache and new:
        write_text(cache, json.dumps({key: known[key] for key in keys.values()}))
    return {path: known[keys[path]] for path in paths}


class _Folder:
    def __init__(self, root: Path, checksum_cache: Path | None) -> None:
        self.root = root
        self._cache = checksum_cache

    def sizes(self) -> dict[str, int]:
        found, seen = {}, set[Path]()
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
                    found[path.relative_to(self.root).as_posix()] = path.stat().st_size
        return dict(sorted(found.items()))

    def checksums(self, names: Collection[str]) -> dict[str, str]:
        found = _checksums([self.root / name for name in names], self._cache)
        return {name: found[self.root / name] for name in names}

    def read(self, names: Collection[str]) -> Iterator[tuple[str, bytes]]:
        for name in names:
            yield name, (self.root / name).read_bytes()


class _Zip:
    def __init__(self, root: Path, checksum_cache: Path | None) -> None:
        self.root = root
        self._cache = checksum_cache
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
    def __init__(self, root: Path, checksum_cache: Path | None) -> None:
        self.root = root
        self._cache = checksum_cache
        with _open_tar(root) as archive:
            members = [member for member in archive if not member.isdir()]
        for member in members:
            _check_inside(member.name, root)
            if member.issym() or member.islnk():
                _check_inside(member.linkname, root)
        self._sizes = {member.name: member.size for member in members if member.isfile()}

    def sizes(self) -> dict[str, int]:
        return dict(sorted(self._sizes.items()))

    def checksums(self, names: Collection[str]) -> dict[str, str]:
        # A tar file has no checksum of a member's content: the archive's stands for all of them.
        whole = _checksums([self.root], self._cache)[self.root]
        return dict.fromkeys(names, whole)

    def read(self, names: Collection[str]) -> Iterator[tuple[str, bytes]]:
        wanted = set(names)
        try:
            with _open_tar(self.root) as archive:
                for member in archive:
                    file = archive.extractfile(member) if member.name in wanted and member.isfile() else None
                    if file is not None:
                        yield member.name, file.read()
        except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
            raise ArchiveError(f"{self.root.name} is damaged ({_one_line(error)}); fetch it again") from error


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
