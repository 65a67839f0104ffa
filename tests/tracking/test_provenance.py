"""Where results come from: commit and DVC's hashes."""

from __future__ import annotations

import subprocess

import yaml

from mlproject.tracking.provenance import read_commit, stage_hash


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
