"""Folders as people have them: links, pipes, names of other encodings, no permission."""

import os
from pathlib import Path

import pytest

from mlproject.corpus.contents import Memory
from mlproject.corpus.file_tree import FileTree
from mlproject.errors import TrackDecodeError


def tree(root, **options):
    return FileTree(Path(root), Memory(None), **options)


@pytest.fixture
def music(tmp_path):
    root = tmp_path / "music"
    for name in ("rock/a.wav", "rock/b.wav", "pop/c.wav"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(name.encode())
    return root


def test_a_pipe_and_a_broken_link_are_named_and_never_opened(music):
    os.mkfifo(music / "rock" / "pipe.wav")
    (music / "rock" / "gone.wav").symlink_to("nowhere.wav")
    (music / "rock" / "circle.wav").symlink_to("circle.wav")
    contents = tree(music)
    assert sorted(contents.listing.sizes) == ["pop/c.wav", "rock/a.wav", "rock/b.wav"]
    assert contents.listing.refused == {
        "rock/pipe.wav": "is no regular file",
        "rock/gone.wav": "is a broken link",
        "rock/circle.wav": "is a broken link",
    }


def test_a_name_that_is_not_utf_8_is_named_with_its_bytes(music):
    (Path(os.fsdecode(os.fsencode(music) + b"/rock/caf\xe9.wav"))).write_bytes(b"x")
    assert tree(music).listing.refused == {"rock/caf\\xe9.wav": "its name is not UTF-8; rename it"}


@pytest.mark.parametrize("link", ["a link", "z link"])
def test_a_folder_beside_a_link_to_it_keeps_its_own_name(music, link):
    (music / link).symlink_to("rock")
    listing = tree(music).listing
    assert sorted(listing.sizes) == ["pop/c.wav", "rock/a.wav", "rock/b.wav"]
    assert listing.notes == [f"the link {link!r} leads to a folder that is read already; not followed"]


def test_a_folder_that_cannot_be_listed_is_said(music, monkeypatch):
    real = os.scandir

    def scandir(folder):
        if Path(folder).name == "pop":
            raise PermissionError(13, "Permission denied")
        return real(folder)

    monkeypatch.setattr(os, "scandir", scandir)
    listing = tree(music).listing
    assert listing.notes == ["the folder 'pop' cannot be listed (Permission denied)"]
    assert sorted(listing.sizes) == ["rock/a.wav", "rock/b.wav"]


def test_a_file_that_cannot_be_read_has_its_reason_for_a_checksum(music, monkeypatch):
    real = Path.open

    def refuse(self, *arguments, **options):
        if self.name == "a.wav":
            raise OSError(5, "Input/output error")
        return real(self, *arguments, **options)

    monkeypatch.setattr(Path, "open", refuse)
    contents = tree(music)
    sums = contents.checksums(["rock/a.wav", "rock/b.wav"])
    assert sums["rock/a.wav"] == "cannot be read (Input/output error)"
    assert len(sums["rock/b.wav"]) == 64
    read = dict(contents.read(["rock/a.wav"]))
    with pytest.raises(TrackDecodeError, match=r"cannot be read \(Input/output error\)"):
        list(read["rock/a.wav"])


def test_hidden_folders_and_folders_below_one_that_is_not_deep_are_left_out(music):
    (music / ".Trashes").mkdir()
    (music / ".Trashes" / "old.wav").write_bytes(b"x")
    (music / "top.wav").write_bytes(b"x")
    assert ".Trashes/old.wav" not in tree(music).listing.sizes
    assert list(tree(music, deep=False).listing.sizes) == ["top.wav"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'{"a": ', b"\xff\xfe", b"[" * 5000])
def test_a_damaged_memory_is_made_anew(music, tmp_path, content):
    cache = tmp_path / "files.json"
    cache.write_bytes(content)
    names = ["rock/a.wav"]
    first = FileTree(music, Memory(cache)).checksums(names)
    assert first == tree(music).checksums(names) == FileTree(music, Memory(cache)).checksums(names)


def test_a_fact_of_another_type_is_found_out_anew(music, tmp_path):
    cache = tmp_path / "files.json"
    first = FileTree(music, Memory(cache)).checksums(["rock/a.wav"])
    cache.write_text(cache.read_text().replace(f'"{first["rock/a.wav"]}"', "[1]"))
    assert FileTree(music, Memory(cache)).checksums(["rock/a.wav"]) == first
