"""Names, folders, links and archives."""

from __future__ import annotations

import io
import os
import struct
import tarfile
import unicodedata
import zipfile
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path

import soundfile

from mlproject.corpus import archives
from tests.reliability.audio_cases import SR, noise, random_bytes
from tests.reliability.outcomes import Case, listed


@cache
def wav(seed: int = 0) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, noise(4.0, seed), SR, format="WAV")
    return file.getvalue()


def music(folder: Path, *names: str) -> Path:
    """Write a collection; each name is a track of its own, a text or an empty file."""
    root = folder / "music"
    for number, name in enumerate(names):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(wav(number) if name.lower().endswith(".wav") else b"words")
    return root


def layouts() -> Iterator[Case]:
    def case(what: str, *names: str, labels: str = "folder") -> Case:
        return Case("Names and folders", what, lambda folder: listed(music(folder, *names), folder, labels=labels))

    def made(what: str, make: Callable[[Path], Path]) -> Case:
        return Case("Names and folders", what, lambda folder: listed(make(folder), folder))

    yield case("one folder per genre", "rock/a.wav", "pop/b.wav")
    yield case("one folder around all", "Music/rock/a.wav", "Music/pop/b.wav")
    yield case("two folders around all", "My/Music/rock/a.wav", "My/Music/pop/b.wav")
    yield case("one genre alone", "rock/a.wav", "rock/b.wav")
    yield case("genres that differ in case", "Rock/a.wav", "Rock/b.wav", "rock/c.wav", "pop/d.wav")
    yield case("genres that differ in blanks", "hip hop/a.wav", "hip hop/b.wav", "hip  hop/c.wav", "pop/d.wav")
    yield case(
        "genres that differ in their Unicode form",
        *(unicodedata.normalize("NFC", "é/a.wav"), unicodedata.normalize("NFD", "é/b.wav"), "pop/c.wav"),
    )
    yield case("tracks beside folders of genres", "rock/a.wav", "loose.wav")
    yield case("no folders, labels: folder", "a.wav", "b.wav")
    yield case("no folders, labels: none", "a.wav", "b.wav", labels="none")
    yield case("no folders, labels: auto", "a.wav", "b.wav", labels="auto")
    yield case("artist/album/track, labels: auto", *(f"artist {i}/album/{i}.wav" for i in range(6)), labels="auto")
    yield case("two genres of four, labels: auto", *(f"{'ab'[i % 2]}/{i}.wav" for i in range(8)), labels="auto")
    yield case("songs of one name in two formats", "rock/a.wav", "rock/a.mp3.wav", "pop/b.wav")
    yield case("names of other scripts", "рок/песня.wav", "ポップ/歌.wav", "rock/🎵.wav")
    yield case("blanks, quotes, percent and question marks", "rock/a b'\"%20?.wav", "pop/#1; DROP.wav")
    yield case("a suffix in capitals", "rock/A.WAV", "pop/b.wav")
    yield case(
        "pictures, texts and lists beside the music", "rock/a.wav", "pop/b.wav", "cover.jpg", "list.m3u", "x.pdf"
    )
    yield case("._song.wav and .Trashes", "rock/a.wav", "pop/b.wav", "rock/._a.wav", ".Trashes/c.wav", "__MACOSX/d.wav")
    yield case("a folder without any music", "rock/readme.txt", "cover.jpg")
    yield made("a name that is not UTF-8", _latin_name)
    yield made("a link to a folder beside it", lambda folder: _link(folder, "z link", "rock"))
    yield made("a link to the folder above", lambda folder: _link(folder, "rock/up", ".."))
    yield made("a link to the folder around the root", lambda folder: _link(folder, "up", ".."))
    yield made("a link to a folder elsewhere", _elsewhere)
    yield made("a broken link and a link in a circle", _broken_links)
    yield made("a pipe among the tracks", _pipe)
    yield made("a damaged track among good ones", _damaged)
    yield made("an empty folder", lambda folder: _made(folder / "music"))
    yield made("a root that is not there", lambda folder: folder / "nowhere")
    yield made("a root that is a pipe", _root_pipe)
    yield made("lyrics in Latin-1, a binary one, an .lrc and a .TXT", _lyrics)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _latin_name(folder: Path) -> Path:
    root = music(folder, "rock/a.wav", "pop/b.wav")
    Path(os.fsdecode(os.fsencode(root) + b"/rock/caf\xe9.wav")).write_bytes(wav())
    return root


def _link(folder: Path, name: str, target: str) -> Path:
    root = music(folder, "rock/a.wav", "pop/b.wav")
    (root / name).symlink_to(target)
    return root


def _elsewhere(folder: Path) -> Path:
    root = music(folder, "rock/a.wav", "pop/b.wav")
    (folder / "disk").mkdir()
    (folder / "disk" / "c.wav").write_bytes(wav(3))
    (root / "jazz").symlink_to(folder / "disk")
    return root


def _broken_links(folder: Path) -> Path:
    root = music(folder, "rock/a.wav", "pop/b.wav")
    (root / "rock" / "gone.wav").symlink_to("nowhere.wav")
    (root / "rock" / "circle.wav").symlink_to("circle.wav")
    return root


def _pipe(folder: Path) -> Path:
    root = music(folder, "rock/a.wav", "pop/b.wav")
    os.mkfifo(root / "rock" / "pipe.wav")
    return root


def _damaged(folder: Path) -> Path:
    root = music(folder, "rock/a.wav", "pop/b.wav")
    random_bytes(root / "rock" / "noise.mp3")
    return root


def _root_pipe(folder: Path) -> Path:
    os.mkfifo(folder / "music.zip")
    return folder / "music.zip"


def _lyrics(folder: Path) -> Path:
    root = music(folder, "rock/a.wav", "rock/b.wav", "pop/c.wav", "pop/d.wav")
    (root / "rock" / "a.txt").write_bytes("Où est le garçon? Ça va très bien, déjà été à l'hôtel".encode("latin-1"))
    (root / "rock" / "b.txt").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    (root / "pop" / "c.lrc").write_text("[ar:Somebody]\n[00:12.00]First line\n[00:17.20]Second line\n")
    (root / "pop" / "d.TXT").write_text("\ufeffother words")
    return root


FILES = {"rock/a.wav": 0, "pop/b.wav": 1}


def packed() -> Iterator[Case]:
    def case(what: str, make: Callable[[Path], Path]) -> Case:
        return Case("Archives", what, lambda folder: listed(make(folder), folder))

    yield case("a good .zip", lambda folder: as_zip(folder, FILES))
    yield case("a good .tar.gz", lambda folder: as_tar(folder / "m.tar.gz", FILES))
    yield case(
        "a .zip made by Windows, with backslashes", lambda folder: as_zip(folder, {r"rock\a.wav": 0, r"pop\b.wav": 1})
    )
    yield case(
        "a .zip with one folder around all", lambda f: as_zip(f, {f"Music/{name}": n for name, n in FILES.items()})
    )
    yield case("a .zip in bzip2 with flipped bytes", lambda f: flipped(as_zip(f, FILES, zipfile.ZIP_BZIP2), 3000))
    yield case("a .zip in LZMA with flipped bytes", lambda f: flipped(as_zip(f, FILES, zipfile.ZIP_LZMA), 3000))
    yield case("a .zip in deflate with flipped bytes", lambda f: flipped(as_zip(f, FILES, zipfile.ZIP_DEFLATED), 3000))
    yield case("a .zip that was cut in half", lambda f: halved(as_zip(f, FILES)))
    yield case("a .zip of an unknown version", _unknown_version)
    yield case("a .zip with a password", _password)
    yield case("a .zip that unpacks to a hundred times its size", _bomb)
    yield case("a .tar.gz that unpacks to a hundred times its size", _tar_bomb)
    yield case("a .zip member ../../secret.wav", lambda folder: as_zip(folder, {"../../secret.wav": 0}))
    yield case("a .tar member /etc/passwd", lambda folder: as_tar(folder / "m.tar", {"/etc/passwd": 0}))
    yield case("a .tar with links inside", lambda f: as_tar(f / "m.tar", FILES, {"pop/l.wav": "../rock/a.wav"}))
    yield case("a .tar with a link outside", lambda f: as_tar(f / "m.tar", FILES, {"pop/l.wav": "../../secret.wav"}))
    yield case("a .tar with a link in a circle", lambda f: as_tar(f / "m.tar", FILES, {"pop/l.wav": "l.wav"}))
    yield case(
        "a .zip with two members of one name", lambda f: as_zip(f, {"rock/a.wav": 0, "./rock/a.wav": 1, "pop/b.wav": 2})
    )
    yield case("a .tar that was cut in half", lambda folder: halved(as_tar(folder / "m.tar", FILES)))
    yield case("a .tar.gz with flipped bytes", lambda folder: flipped(as_tar(folder / "m.tar.gz", FILES), 3000))
    yield case("random bytes named .zip", lambda folder: random_bytes(folder / "m.zip"))
    yield case("random bytes named .tar.gz", lambda folder: random_bytes(folder / "m.tar.gz"))
    yield case("a .rar", lambda folder: random_bytes(folder / "m.rar"))


def as_zip(folder: Path, files: Mapping[str, int], packing: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(folder / "m.zip", "w", packing) as archive:
        for name, seed in files.items():
            archive.writestr(zipfile.ZipInfo(name), wav(seed), packing)
    return folder / "m.zip"


def as_tar(path: Path, files: Mapping[str, int], links: Mapping[str, str] | None = None) -> Path:
    with tarfile.open(path, "w:gz" if path.suffix == ".gz" else "w") as archive:
        for name, seed in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(wav(seed))
            archive.addfile(member, io.BytesIO(wav(seed)))
        for name, target in (links or {}).items():
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, target
            archive.addfile(member)
    return path


def flipped(path: Path, offset: int) -> Path:
    content = bytearray(path.read_bytes())
    content[offset : offset + 50] = bytes(byte ^ 0xFF for byte in content[offset : offset + 50])
    path.write_bytes(content)
    return path


def halved(path: Path) -> Path:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    return path


def _unknown_version(folder: Path) -> Path:
    path = as_zip(folder, FILES)
    content = bytearray(path.read_bytes())
    entry = content.rindex(b"PK\x01\x02")
    content[entry + 6 : entry + 8] = struct.pack("<H", 99)
    path.write_bytes(content)
    return path


def _password(folder: Path) -> Path:
    path = as_zip(folder, FILES)
    content = bytearray(path.read_bytes())
    place = -1
    while (place := content.find(b"PK\x01\x02", place + 1)) >= 0:
        content[place + 8] |= 1
    place = -1
    while (place := content.find(b"PK\x03\x04", place + 1)) >= 0:
        content[place + 6] |= 1
    path.write_bytes(content)
    return path


def _bomb(folder: Path) -> Path:
    path = folder / "m.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("rock/a.wav", "w") as member:
        for _ in range((archives.ALWAYS_ALLOWED >> 20) + 1):
            member.write(bytes(1 << 20))
    return path


def _tar_bomb(folder: Path) -> Path:
    path, size = folder / "m.tar.gz", archives.ALWAYS_ALLOWED + (1 << 20)
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        member = tarfile.TarInfo("rock/a.wav")
        member.size = size
        archive.addfile(member, _Zeros(size))  # type: ignore[arg-type]
    return path


class _Zeros(io.RawIOBase):
    def __init__(self, size: int) -> None:
        self._left = size

    def read(self, size: int = -1) -> bytes:
        size = min(size if size >= 0 else self._left, self._left)
        self._left -= size
        return bytes(size)


def cases() -> Iterator[Case]:
    yield from layouts()
    yield from packed()
