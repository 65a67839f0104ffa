"""Where results come from: commit and DVC's hashes."""

from __future__ import annotations

import subprocess

import pytest
import yaml

from mlproject.workspace.dvc_lock import read_lock, stage_hash
from mlproject.workspace.git import read_commit


def _git(folder, *arguments):
    identity = ["-c", "user.name=test", "-c", "user.email=test@localhost"]
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True)


def test_a_commit_is_clean_until_a_tracked_file_changes(tmp_path):
    _git(tmp_path, "init", "-q")
    (tmp_path / "file").write_text("1")
    (tmp_path / "dvc.lock").touch()
    _git(tmp_path, "add", "file", "dvc.lock")
    _git(tmp_path, "commit", "-qm", "first")
    (tmp_path / "untracked").write_text("1")
    (tmp_path / "dvc.lock").write_text("as DVC rewrites it")
    clean = read_commit(tmp_path)
    (tmp_path / "file").write_text("2")
    changed = read_commit(tmp_path)
    assert (len(clean.sha), clean.clean, changed.clean) == (40, "true", "false")
    assert clean.sha == changed.sha


@pytest.fixture
def checkout(tmp_path):
    """A checkout with a commit of text, code, a binary file, and names that git would quote."""
    root = tmp_path / "checkout of ours"
    for name, content in {
        "README.md": b"one\ntwo\n",
        "src/module.py": b"VALUE = 1\n",
        "src/gone.py": b"OLD = 1\n",
        'conf/straße "x".yaml': b"a: 1\n",
        "figure.bin": bytes(range(256)),
        "no newline": b"end",
        "latin": "café\n".encode("latin-1"),
        ".gitignore": b"*.log\n",
        "dvc.lock": b"stages: {}\n",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    _git(root, "init", "-q")
    _git(root, "add", "-A")
    _git(root, "commit", "-qm", "first")
    return root


def _change(root):
    (root / "README.md").write_bytes(b"one\r\nthree\n")
    (root / "src/gone.py").unlink()
    (root / "src/module.py").chmod(0o755)
    (root / 'conf/straße "x".yaml').write_bytes(b"a: 2\n")
    (root / "figure.bin").write_bytes(bytes(range(256))[::-1])
    (root / "no newline").write_bytes(b"other end")
    (root / "latin").write_bytes("cafés\n".encode("latin-1"))
    (root / "src/new").mkdir()
    (root / "src/new/модуль.py").write_bytes(b"NEW = 1\n")
    (root / "src/new/data.py").write_bytes(b"\0\1\2" * 100)
    (root / "pipelines").mkdir()
    (root / "pipelines/empty.py").touch()


def _tree(root):
    """Content and permissions of all files of a checkout but git's own."""
    files = [path for path in root.rglob("*") if path.is_file() and ".git" not in path.relative_to(root).parts]
    return {str(path.relative_to(root)): (path.read_bytes(), path.stat().st_mode & 0o111) for path in files}


def _applied(root, commit, folder):
    """A clean checkout of the commit with the diff applied."""
    _git(root, "clone", "-q", str(root), str(folder))
    (folder / ".git" / "uncommitted.diff").write_bytes(commit.diff.encode(errors="surrogateescape"))
    _git(folder, "apply", ".git/uncommitted.diff")
    return folder


def test_the_diff_on_a_clean_checkout_gives_the_tree_that_ran(checkout, tmp_path):
    _change(checkout)
    commit = read_commit(checkout)
    assert commit.clean == "false"
    assert _tree(_applied(checkout, commit, tmp_path / "again")) == _tree(checkout)


def test_what_is_staged_is_in_the_diff_as_well(checkout, tmp_path):
    _change(checkout)
    _git(checkout, "add", "-A")
    (checkout / "README.md").write_text("and changed once more\n")
    assert _tree(_applied(checkout, read_commit(checkout), tmp_path / "again")) == _tree(checkout)


@pytest.mark.parametrize(
    ("key", "value"), [("diff.noprefix", "true"), ("color.ui", "always"), ("diff.external", "true")]
)
def test_the_diff_applies_whatever_the_user_has_set_for_the_eye(checkout, tmp_path, key, value):
    _change(checkout)
    _git(checkout, "config", key, value)
    assert _tree(_applied(checkout, read_commit(checkout), tmp_path / "again")) == _tree(checkout)


def test_neither_results_nor_the_users_own_files_are_in_the_diff(checkout):
    (checkout / "dvc.lock").write_text("stages: {as: DVC rewrites it}\n")
    (checkout / "notes.txt").write_text("mine\n")
    (checkout / "src" / "run.log").write_text("ignored\n")
    assert read_commit(checkout).diff == ""
    assert read_commit(checkout).clean == "true"


def test_gits_own_index_and_objects_stay_as_they_are(checkout):
    def own():
        return {path: path.read_bytes() for path in (checkout / ".git").rglob("*") if path.is_file()}

    _change(checkout)
    _git(checkout, "add", "README.md")
    before = own()
    assert read_commit(checkout).diff
    assert own() == before


def test_a_second_working_tree_of_a_repository_has_a_diff_of_its_own(checkout, tmp_path):
    _change(checkout)
    _git(checkout, "worktree", "add", "-q", str(tmp_path / "second"), "HEAD")
    assert read_commit(tmp_path / "second").clean == "true"
    (tmp_path / "second" / "src" / "module.py").write_text("VALUE = 2\n")
    assert "+VALUE = 2" in read_commit(tmp_path / "second").diff


def test_outside_git_the_commit_is_unknown(tmp_path):
    assert read_commit(tmp_path).sha == "unknown"


def test_the_hash_of_stages_follows_their_outputs(tmp_path):
    lock = tmp_path / "dvc.lock"

    def hash_of(md5: str) -> str:
        outs = [{"path": "data/tracks.parquet", "md5": md5}]
        lock.write_text(yaml.safe_dump({"stages": {"prepare": {"outs": outs}}}))
        return stage_hash(lock, "prepare")

    assert hash_of("a") == hash_of("a") != hash_of("b")
    assert stage_hash(lock, "prepare", "audio_features") == "unknown"
    assert stage_hash(tmp_path / "missing", "prepare") == "unknown"


def test_a_lock_file_is_read_again_only_when_it_has_changed(tmp_path):
    lock = tmp_path / "dvc.lock"
    assert read_lock(lock) == {}
    lock.write_text("")
    assert read_lock(lock) == {}
    lock.write_text("stages: {prepare: {cmd: one}}")
    first = read_lock(lock)
    assert read_lock(lock) is first
    lock.write_text("stages: {prepare: {cmd: two}}")
    assert read_lock(lock) == {"stages": {"prepare": {"cmd": "two"}}}


def test_secrets_beside_the_configuration_are_in_no_difference(checkout):
    for name in ("conf/.env", "conf/key.pem", "src/.netrc", "pipelines/token.txt"):
        (checkout / name).parent.mkdir(exist_ok=True)
        (checkout / name).write_text("PASSWORD=s3cr3t\n")
    (checkout / "conf/tasks").mkdir()
    (checkout / "conf/tasks/mine.yaml").write_text("a: 1\n")
    diff = read_commit(checkout).diff
    assert "s3cr3t" not in diff
    assert "conf/tasks/mine.yaml" in diff
