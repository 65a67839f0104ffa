"""A .zip or a .tar(.gz) -> its files, read without unpacking; what a stranger packed cannot fill memory or disk."""

import gzip
import hashlib
import lzma
import posixpath
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from mlproject.corpus.contents import PIECE, Contents, Listing, Memory, is_text
from mlproject.corpus.file_tree import FileTree
from mlproject.corpus.user_tables import TABLE_SUFFIXES
from mlproject.errors import ArchiveError, CorpusNotFoundError, TrackDecodeError

__all__ = ["ARCHIVE_SUFFIXES", "open_contents"]

ARCHIVE_SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz")
# Limits that no collection of music meets: GTZAN has 1,000 members, and audio hardly packs.
MOST_MEMBERS = 1_000_000
MOST_LINKS = 40  # from link to link, as Linux follows them
MOST_RATIO, ALWAYS_ALLOWED = 100, 1 << 30  # bytes unpacked for each byte of the archive; bytes below which none counts
# What damaged or foreign archives raise.
PACKING = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError)
DAMAGE = (*PACKING, ValueError, RuntimeError, IndexError, OverflowError, MemoryError)


def open_contents(root: Path, *, checksum_cache: Path | None = None) -> Contents:
    """See what lies in a folder or an archive, a file that ends in one of `ARCHIVE_SUFFIXES`.

    `checksum_cache` is a JSON file that remembers checksums and lists of members by path, size and time of change.

    Raises
    ------
    CorpusNotFoundError
        If there is nothing at `root`.
    ArchiveError
        If `root` is a file of another kind, is damaged, has a member that would land outside its folder, or unpacks to
        far more than music does.
    """
    if not root.exists():
        raise CorpusNotFoundError(
            f"root={str(root)!r} does not exist; expected a folder or archive of music: "
            "correct root in conf/data.yaml or MLPROJECT_ROOT"
        )
    memory = Memory(checksum_cache)
    if root.is_dir():
        return FileTree(root, memory)
    if not root.is_file():
        raise ArchiveError(f"root={str(root)!r} is no regular file; expected a folder or an archive of music")
    try:
        if root.name.lower().endswith(".zip"):
            return _Zip(root)
        if root.name.lower().endswith(ARCHIVE_SUFFIXES):
            return _Tar(root, memory)
    except ArchiveError:
        raise
    except DAMAGE as error:
        reason = _one_line(error)
        raise ArchiveError(f"root={str(root)!r} cannot be read as an archive ({reason}); fetch it again") from error
    hint = "; a table of features needs corpus: table" if root.suffix.lower() in TABLE_SUFFIXES else ""
    raise ArchiveError(f"root={str(root)!r} is a file; expected a folder or one of {', '.join(ARCHIVE_SUFFIXES)}{hint}")


def _plain_name(name: str, root: Path) -> str:
    """Return a member's name with forward slashes; one that would land outside its folder is refused."""
    name = name.replace("\\", "/")
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or (path.parts and path.parts[0].endswith(":")):
        raise ArchiveError(
            f"{root.name} has the member {name!r}, which would land outside its folder; do not use this archive"
        )
    return path.as_posix()


def _check_limits(root: Path, members: int, unpacked: int) -> None:
    if members > MOST_MEMBERS:
        raise ArchiveError(f"{root.name} has more than {MOST_MEMBERS:,} members; do not use this archive")
    if unpacked > max(ALWAYS_ALLOWED, MOST_RATIO * root.stat().st_size):
        raise ArchiveError(
            f"{root.name} unpacks to more than {MOST_RATIO} times its size, as no music does; do not use this archive"
        )


class _Zip:
    def __init__(self, root: Path) -> None:
        self.root = root
        with zipfile.ZipFile(root) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
        self._members = {_plain_name(member.filename, root): member for member in members}
        _check_limits(root, len(members), sum(member.file_size for member in members))
        sizes = {name: self._members[name].file_size for name in sorted(self._members)}
        self.listing = Listing(sizes, {}, [])

    def checksums(self, names: Collection[str]) -> dict[str, str]:
        return {name: f"crc32-{self._members[name].CRC:08x}" for name in names}

    def read(self, names: Collection[str]) -> Iterator[tuple[str, Iterator[bytes]]]:
        with zipfile.ZipFile(self.root) as archive:
            for name in names:
                yield name, self._pieces(archive, self._members[name])

    def _pieces(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
        """Unpack one member; others do not depend on it."""
        if member.flag_bits & 1:
            raise TrackDecodeError("is encrypted in the archive; pack it without a password")
        try:
            with archive.open(member) as file:
                yield from _in_pieces(file)
        except DAMAGE as error:  # damaged, encrypted, unknown packing
            raise TrackDecodeError(f"cannot be unpacked ({_one_line(error)}); fetch the archive again") from error


class _Tar:
    def __init__(self, root: Path, memory: Memory) -> None:
        self.root, self._memory = root, memory
        members: dict[str, list[object]] = memory.recall("members", [root], _tar_members, _are_members)[root]
        # The name of the member that holds the content: a link's is another's.
        self._holder = {name: str(entry[1]) for name, entry in members.items()}
        sizes = {name: entry[0] for name, entry in sorted(members.items()) if isinstance(entry[0], int)}
        broken = dict.fromkeys(sorted(set(members) - set(sizes)), "a link to nothing in the archive")
        self.listing = Listing(sizes, broken, [])

    def checksums(self, names: Collection[str]) -> dict[str, str]:
        # A tar file has no checksum of a member's content: the archive's stands for all of them.
        whole = self._memory.recall("sha256", [self.root], _sha256, is_text)[self.root]
        return dict.fromkeys(names, whole)

    def read(self, names: Collection[str]) -> Iterator[tuple[str, Iterator[bytes]]]:
        # A stream is read once from its start to its end, whatever the order of the names.
        wanted: dict[str, list[str]] = {}
        for name in names:
            wanted.setdefault(self._holder[name], []).append(name)
        try:
            with _open_tar(self.root) as archive:
                for member in archive:
                    same = wanted.pop(_plain_name(member.name, self.root), []) if member.isfile() else []
                    file = archive.extractfile(member) if same else None
                    if file is None:
                        continue
                    if len(same) == 1:
                        yield same[0], _in_pieces(file)
                        continue
                    content = file.read()  # linked to: a stream cannot go back
                    for name in same:
                        yield name, iter([content])
        except DAMAGE as error:
            raise ArchiveError(f"{self.root.name} is damaged ({_one_line(error)}); fetch it again") from error


def _tar_members(root: Path) -> dict[str, list[object]]:
    """Map the names of an archive's files and links to size and name of what holds their content, null without any.

    This reads the whole archive.
    """
    sizes, links, unpacked = dict[str, int](), dict[str, str](), 0
    with _open_tar(root) as archive:
        for number, member in enumerate(archive, start=1):
            unpacked += member.size
            _check_limits(root, number, unpacked)
            name = _plain_name(member.name, root)
            if member.isfile():
                sizes[name] = member.size
            elif member.issym():  # leads on from its own folder, a hard link from the root of the archive
                target = posixpath.normpath(posixpath.join(posixpath.dirname(name), member.linkname))
                links[name] = _plain_name(target, root)
            elif member.islnk():
                links[name] = _plain_name(member.linkname, root)
    members: dict[str, list[object]] = {name: [size, name] for name, size in sizes.items()}
    for name, target in links.items():
        for _ in range(MOST_LINKS):
            target = links.get(target, target)
        members[name] = [sizes.get(target), target]
    return members


def _are_members(known: object) -> bool:
    entries = known.values() if isinstance(known, dict) else [None]
    return all(isinstance(entry, list) and len(entry) == 2 for entry in entries)


@contextmanager
def _open_tar(root: Path) -> Iterator[tarfile.TarFile]:
    """Read an archive from its first byte to its last: gzip's checksum of the content stands at the end."""
    packed = root.name.lower().endswith("gz")
    with gzip.open(root) if packed else root.open("rb") as stream:
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            yield archive
        size = 0
        while piece := stream.read(PIECE):
            size += len(piece)
            _check_limits(root, 0, size)


def _in_pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
