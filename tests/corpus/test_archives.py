import io
import os
import tarfile
import zipfile

import pytest

from mlproject.corpus import file_tree
from mlproject.corpus.archives import open_contents
from mlproject.errors import ArchiveError, CorpusNotFoundError, TrackDecodeError

FILES = {"a/one.wav": b"one" * 500, "b.txt": b"two", "c/empty.wav": b""}
OUTSIDE = ["../x.wav", "/abs.wav", "C:\\x.wav", "a/../../x.wav", "a\\..\\..\\x.wav"]


def make_zip(path, files=FILES, compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def make_tar(path, files=FILES, links=()):
    with tarfile.open(path, "w:gz" if path.name.endswith("gz") else "w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        for name, target, kind in links:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, target
            archive.addfile(member)
    return path


def make_folder(path, files=FILES):
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


def read(root, names):
    return {name: b"".join(pieces) for name, pieces in open_contents(root).read(names)}


NO_LINK = "is a link to no file of the archive; pack the file itself"
KINDS = {"": make_folder, ".zip": make_zip, ".ZIP": make_zip} | dict.fromkeys([".tar", ".tar.gz", ".tgz"], make_tar)


@pytest.fixture(params=KINDS)
def root(request, tmp_path):
    return KINDS[request.param](tmp_path / f"music{request.param}")


def test_folder_and_archives_look_alike(root):
    contents = open_contents(root)
    assert contents.root == root
    assert contents.listing.sizes == {name: len(content) for name, content in FILES.items()}
    assert read(root, list(FILES)) == FILES
    assert read(root, ["b.txt"]) == {"b.txt": b"two"}


def test_names_are_in_order(root):
    assert list(open_contents(root).listing.sizes) == sorted(FILES)


def test_every_file_has_a_checksum(root):
    checksums = open_contents(root).checksums(list(FILES))
    assert set(checksums) == set(FILES)
    assert all(checksums.values())


@pytest.mark.parametrize("make", [make_zip, make_tar])
@pytest.mark.parametrize("name", OUTSIDE)
def test_member_that_would_land_outside_is_refused(tmp_path, make, name):
    path = make(tmp_path / ("m.zip" if make is make_zip else "m.tar"), {"ok.wav": b"x", name: b"x"})
    with pytest.raises(ArchiveError, match="which would land outside its folder; do not use this archive"):
        open_contents(path)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
@pytest.mark.parametrize("target", ["/etc/passwd", "../../secret"])
def test_link_that_leads_outside_is_named_and_not_followed(tmp_path, kind, target):
    path = make_tar(tmp_path / "m.tar", links=[("a/link.wav", target, kind)])
    assert open_contents(path).listing.refused == {"a/link.wav": NO_LINK}
    assert set(open_contents(path).listing.sizes) == set(FILES)


def test_other_members_of_a_tar_are_named(tmp_path):
    path, plain = tmp_path / "m.tar", tarfile.TarInfo("a/pipe.wav")
    plain.type = tarfile.FIFOTYPE
    with tarfile.open(path, "w", errors="surrogateescape") as archive:
        archive.addfile(plain)
        archive.addfile(tarfile.TarInfo("caf\udce9.wav"))
        archive.addfile(tarfile.TarInfo("ok.wav"))
    listing = open_contents(path).listing
    assert list(listing.sizes) == ["ok.wav"]
    assert listing.refused == {"a/pipe.wav": "is no regular file", "caf\\xe9.wav": "its name is not UTF-8; rename it"}


@pytest.mark.parametrize("suffix", [".zip", ".tar"])
def test_of_members_of_one_name_the_last_counts_and_that_is_said(tmp_path, suffix):
    path, contents = tmp_path / f"m{suffix}", (b"first", b"the last")
    if suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in zip(("a.wav", "./a.wav"), contents, strict=True):
                archive.writestr(name, content)
    else:
        with tarfile.open(path, "w") as archive:
            for content in contents:
                member = tarfile.TarInfo("a.wav")
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
    assert read(path, ["a.wav"]) == {"a.wav": b"the last"}
    assert open_contents(path).listing.notes == [
        "members with the name of another one: 1; of each name the last counts"
    ]


@pytest.mark.parametrize(
    ("name", "target", "kind"),
    [
        ("link.wav", "a/one.wav", tarfile.SYMTYPE),
        ("a/link.wav", "one.wav", tarfile.SYMTYPE),
        ("c/link.wav", "../a/one.wav", tarfile.SYMTYPE),
        ("c/link.wav", "a/one.wav", tarfile.LNKTYPE),
    ],
)
def test_link_inside_an_archive_has_the_content_of_its_file(tmp_path, name, target, kind):
    path = make_tar(tmp_path / "m.tar", links=[(name, target, kind)])
    assert open_contents(path).listing.sizes[name] == len(FILES["a/one.wav"])
    assert read(path, [name]) == {name: FILES["a/one.wav"]}
    assert read(path, [name, "a/one.wav"]) == {name: FILES["a/one.wav"], "a/one.wav": FILES["a/one.wav"]}


def test_link_to_nothing_or_in_a_circle_is_named(tmp_path):
    links = [("x.wav", "nowhere.wav", tarfile.SYMTYPE), ("y.wav", "z.wav", tarfile.SYMTYPE)]
    path = make_tar(tmp_path / "m.tar", links=[*links, ("z.wav", "y.wav", tarfile.SYMTYPE)])
    listing = open_contents(path).listing
    assert set(listing.sizes) == set(FILES)
    assert listing.refused == dict.fromkeys(["x.wav", "y.wav", "z.wav"], NO_LINK)


@pytest.mark.parametrize("name", ["m.zip", "m.tar", "m.tar.gz"])
@pytest.mark.parametrize("content", [b"", b"no archive at all" * 100])
def test_file_that_is_no_archive_is_refused(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ArchiveError, match=r"cannot be read as an archive .*; fetch it again"):
        open_contents(tmp_path / name)


@pytest.mark.parametrize(("make", "name"), [(make_zip, "m.zip"), (make_tar, "m.tar"), (make_tar, "m.tar.gz")])
def test_archive_that_was_cut_off_is_refused(tmp_path, make, name):
    path = make(tmp_path / name, {"one.wav": os.urandom(40_000)})
    path.write_bytes(path.read_bytes()[:20_000])
    with pytest.raises(ArchiveError, match="fetch it again"):
        open_contents(path)


def test_zip_member_with_a_wrong_checksum_is_refused_when_it_is_read(tmp_path):
    path = make_zip(tmp_path / "m.zip", {"one.wav": b"A" * 100}, zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"A" * 100, b"A" * 99 + b"B"))
    with pytest.raises(TrackDecodeError, match=r"cannot be unpacked .*; fetch the archive again"):
        read(path, ["one.wav"])


def test_zip_member_that_does_not_unpack_is_refused_when_it_is_read(tmp_path):
    path = make_zip(tmp_path / "m.zip", {"one.wav": bytes(i * i % 251 for i in range(20_000))})
    content = bytearray(path.read_bytes())
    start = 30 + len("one.wav")  # after the local header: the first bytes of the compressed data
    content[start : start + 4] = b"\xff" * 4
    path.write_bytes(content)
    with pytest.raises(TrackDecodeError, match=r"cannot be unpacked .*; fetch the archive again"):
        read(path, ["one.wav"])


def test_tar_gz_whose_content_does_not_fit_its_checksum_is_refused_when_it_is_read(tmp_path):
    path = make_tar(tmp_path / "m.tar.gz")
    content = bytearray(path.read_bytes())
    content[-8] ^= 0xFF  # the checksum of the content
    path.write_bytes(content)
    with pytest.raises(ArchiveError, match="fetch"):
        read(path, list(FILES))


def test_link_back_to_a_parent_lists_no_file_twice(tmp_path):
    root = make_folder(tmp_path / "music")
    (root / "a" / "up").symlink_to(root)
    assert set(open_contents(root).listing.sizes) == set(FILES)


def test_linked_folder_is_followed(tmp_path):
    elsewhere, root = make_folder(tmp_path / "elsewhere"), make_folder(tmp_path / "music")
    (root / "linked").symlink_to(elsewhere)
    assert "linked/a/one.wav" in open_contents(root).listing.sizes


def test_file_of_another_kind_is_refused(tmp_path):
    (tmp_path / "music.rar").write_bytes(b"Rar!")
    with pytest.raises(ArchiveError, match=r"is a file; expected a folder or one of .zip, .tar"):
        open_contents(tmp_path / "music.rar")


def test_missing_root_is_named(tmp_path):
    with pytest.raises(CorpusNotFoundError, match="nowhere' does not exist"):
        open_contents(tmp_path / "nowhere")


class TestChecksumCache:
    @pytest.fixture
    def hashed(self, monkeypatch):
        """Names of the files that are really hashed, in the order in which that happens."""
        names, sha256 = [], file_tree._sha256

        def spy(path):
            names.append(path.name)
            return sha256(path)

        monkeypatch.setattr(file_tree, "_sha256", spy)
        return names

    def test_unchanged_files_are_hashed_once(self, tmp_path, hashed):
        root, cache = make_folder(tmp_path / "music"), tmp_path / "cache.json"
        first = open_contents(root, checksum_cache=cache).checksums(list(FILES))
        assert sorted(hashed) == ["b.txt", "empty.wav", "one.wav"]
        assert open_contents(root, checksum_cache=cache).checksums(list(FILES)) == first
        assert len(hashed) == 3

    def test_only_a_changed_file_is_hashed_again(self, tmp_path, hashed):
        root, cache = make_folder(tmp_path / "music"), tmp_path / "cache.json"
        before = open_contents(root, checksum_cache=cache).checksums(list(FILES))
        hashed.clear()
        (root / "b.txt").write_bytes(b"TWO")
        os.utime(root / "b.txt", ns=(1, 1))
        after = open_contents(root, checksum_cache=cache).checksums(list(FILES))
        assert hashed == ["b.txt"]
        assert {name for name in FILES if before[name] != after[name]} == {"b.txt"}

    def test_without_a_cache_all_is_hashed_each_time(self, tmp_path, hashed):
        root = make_folder(tmp_path / "music")
        for _ in range(2):
            open_contents(root).checksums(["b.txt"])
        assert hashed == ["b.txt", "b.txt"]
