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
from typing import Any

from mlproject.corpus.contents import NOT_UNICODE, Contents, Listing, Memory, in_pieces, is_text, is_unicode, shown
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
DAMAGE: tuple[type[Exception], ...] = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, struct.error)
DAMAGE += (EOFError, OSError, ValueError, RuntimeError, IndexError, OverflowError, MemoryError)


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
        self.listing = Listing(sizes, {}, _twice(len(members) - len(sizes)))

    def checksums(self, names: Collection[str]) -> dict[str, str]:
        return {name: f"crc32-{self._members[name].CRC:08x}" for name in names}

    def read(self, names: Collection[str]) -> Iterator[tuple[str, Iterator[bytes]]]:
        with zipfile.ZipFile(self.root) as archive:
            for name in names:
                yield name, self._pieces(archive, self._members[name])

    def _pieces(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
        if member.flag_bits & 1:
            raise TrackDecodeError("is encrypted in the archive; pack it without a password")
        with _unpacking(), archive.open(member) as file:
            yield from in_pieces(file)


class _Tar:
    def __init__(self, root: Path, memory: Memory) -> None:
        self.root, self._memory = root, memory
        known = memory.recall("tar", [root], _tar_members, _is_listing)[root]
        self._numbers: dict[str, int] = known["numbers"]
        self.listing = Listing(known["sizes"], known["refused"], _twice(known["twice"]))

    def checksums(self, names: Collection[str]) -> dict[str, str]:
        # A tar file has no checksum of a member's content: the archive's stands for all of them.
        whole = self._memory.recall("sha256", [self.root], _sha256, is_text)[self.root]
        return dict.fromkeys(names, whole)

    def read(self, names: Collection[str]) -> Iterator[tuple[str, Iterator[bytes]]]:
        # A stream is read once from its start to its end, whatever the order of the names.
        wanted: dict[int, list[str]] = {}
        for name in names:
            wanted.setdefault(self._numbers[name], []).append(name)
        try:
            with _open_tar(self.root) as archive:
                for number, member in enumerate(archive):
                    same = wanted.pop(number, [])
                    file = archive.extractfile(member) if same else None
                    if file is None:
                        continue
                    # A stream cannot go back for a second name of the same content.
                    content = [file.read()] if len(same) > 1 else None
                    for name in same:
                        yield name, _guarded(in_pieces(file) if content is None else iter(content))
        except DAMAGE as error:
            raise ArchiveError(f"{self.root.name} is damaged ({_one_line(error)}); fetch it again") from error


def _tar_members(root: Path) -> dict[str, Any]:
    """List an archive's files, by name: sizes, numbers of the members with their content, and what is refused.

    This reads the whole archive. Of members of one name the last counts. Links are followed where they lead to a file.
    """
    sizes, numbers, links, refused = dict[str, int](), dict[str, int](), dict[str, str](), dict[str, str]()
    files = unpacked = 0
    with _open_tar(root) as archive:
        for number, member in enumerate(archive):
            unpacked += member.size
            _check_limits(root, number, unpacked)
            name = _plain_name(member.name, root)
            if not is_unicode(name):
                refused[shown(name)] = NOT_UNICODE
            elif member.isfile():
                sizes[name], numbers[name], files = member.size, number, files + 1
            elif member.issym():  # leads on from its own folder, a hard link from the root of the archive
                links[name] = posixpath.normpath(posixpath.join(posixpath.dirname(name), member.linkname))
            elif member.islnk():
                links[name] = posixpath.normpath(member.linkname)
            elif not member.isdir():
                refused[name] = "is no regular file"
    twice = files - len(sizes)
    for name in links:
        target = name
        for _ in range(MOST_LINKS):
            target = links.get(target, target)
        if target in sizes:
            sizes[name], numbers[name] = sizes[target], numbers[target]
        else:
            refused[name] = "is a link to no file of the archive; pack the file itself"
    return {"sizes": dict(sorted(sizes.items())), "numbers": numbers, "refused": refused, "twice": twice}


def _is_listing(known: object) -> bool:
    return isinstance(known, dict) and set(known) == {"sizes", "numbers", "refused", "twice"}


def _twice(count: int) -> list[str]:
    return [f"members with the name of another one: {count}; of each name the last counts"] if count else []


@contextmanager
def _unpacking() -> Iterator[None]:
    """Turn what a damaged member raises into the reason for which it is not used; others do not depend on it."""
    try:
        yield
    except DAMAGE as error:
        raise TrackDecodeError(f"cannot be unpacked ({_one_line(error)}); fetch the archive again") from error


def _guarded(pieces: Iterator[bytes]) -> Iterator[bytes]:
    with _unpacking():
        yield from pieces


@contextmanager
def _open_tar(root: Path) -> Iterator[tarfile.TarFile]:
    """Read an archive from its first byte to its last: gzip's checksum of the content stands at the end."""
    packed = root.name.lower().endswith("gz")
    with gzip.open(root) if packed else root.open("rb") as stream:
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            yield archive
        size = 0
        for piece in in_pieces(stream):
            size += len(piece)
            _check_limits(root, 0, size)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
