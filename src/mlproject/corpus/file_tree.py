"""A folder and all folders in it, links too -> its files; whatever cannot be read is named, not skipped."""

import hashlib
import os
from collections.abc import Collection, Iterator
from functools import cached_property
from pathlib import Path

from mlproject.corpus.contents import NOT_UNICODE, Listing, Memory, in_pieces, is_text, is_unicode, shown
from mlproject.corpus.decoding import regular_size
from mlproject.errors import TrackDecodeError

__all__ = ["FileTree"]


class FileTree:
    """All files below a folder but those in hidden folders; nothing but a regular file is ever opened.

    Links to folders are followed last, and only to folders that were not read yet. Folders in the folder are left out
    where it is not `deep`.
    """

    def __init__(self, root: Path, memory: Memory, *, deep: bool = True) -> None:
        self.root, self._memory, self._deep, self._real = root, memory, deep, os.path.realpath(root)

    @cached_property
    def listing(self) -> Listing:
        listing, links = Listing({}, {}, []), list[Path]()
        seen = {self._real}
        folders = [self.root]
        while folders or links:
            if folders:
                self._list(folders.pop(), listing, folders, links, seen)
            else:
                self._follow(links.pop(0), listing, folders, seen)
        return Listing(dict(sorted(listing.sizes.items())), dict(sorted(listing.refused.items())), listing.notes)

    def checksums(self, names: Collection[str]) -> dict[str, str]:
        hashes = self._memory.recall("sha256", [self.root / name for name in names], _sha256, is_text)
        return {name: hashes[self.root / name] for name in names}

    def read(self, names: Collection[str]) -> Iterator[tuple[str, Iterator[bytes]]]:
        for name in names:
            yield name, _pieces(self.root / name)

    def _list(self, folder: Path, listing: Listing, folders: list[Path], links: list[Path], seen: set[str]) -> None:
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            listing.notes.append(f"the folder {self._name(folder)!r} cannot be listed ({error.strerror})")
            return
        for entry in entries:
            path = folder / entry.name
            if not _is_folder(entry):
                self._take(path, listing)
            elif entry.name.startswith(".") or not self._deep:
                continue
            elif entry.is_symlink():
                links.append(path)
            elif (target := os.path.realpath(path)) not in seen:  # inside a link, a folder may be read already
                seen.add(target)
                folders.append(path)

    def _follow(self, link: Path, listing: Listing, folders: list[Path], seen: set[str]) -> None:
        target = os.path.realpath(link)
        if target in seen or self._real.startswith(target.rstrip("/") + "/"):  # or a folder around the root
            listing.notes.append(f"the link {self._name(link)!r} leads to a folder that is read already; not followed")
            return
        seen.add(target)
        folders.append(link)

    def _take(self, path: Path, listing: Listing) -> None:
        name = self._name(path)
        if not is_unicode(str(path.relative_to(self.root))):
            listing.refused[name] = NOT_UNICODE
            return
        try:
            listing.sizes[name] = regular_size(path)
        except TrackDecodeError as error:
            listing.refused[name] = "is a broken link" if path.is_symlink() else str(error)

    def _name(self, path: Path) -> str:
        return shown(path.relative_to(self.root).as_posix())


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads in a circle
        return False


def _pieces(path: Path) -> Iterator[bytes]:
    if regular_size(path) == 0:  # some files of /proc say so, and block whoever opens them
        return
    try:
        with path.open("rb") as file:
            yield from in_pieces(file)
    except OSError as error:
        raise TrackDecodeError(f"cannot be read ({error.strerror})") from error


def _sha256(path: Path) -> str:
    """Hash a file; for one that cannot be read, say so, which changes when it can."""
    digest = hashlib.sha256()
    try:
        for piece in _pieces(path):
            digest.update(piece)
    except TrackDecodeError as error:
        return str(error)
    return digest.hexdigest()
