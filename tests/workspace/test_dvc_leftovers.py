"""What a DVC that was killed has left half-written."""

import json
import subprocess

import pytest

from mlproject.workspace.dvc_leftovers import mend_leftovers
from mlproject.workspace.paths import Workspace

LOCK = "schema: '2.0'\nstages:\n  prepare:\n    cmd: python\n    outs:\n    - path: data\n      md5: {}\n"


@pytest.fixture
def workspace(tmp_path):
    (tmp_path / ".dvc" / "tmp").mkdir(parents=True)
    (tmp_path / "dvc.lock").write_text(LOCK.format("committed"))
    for command in (["init", "-q"], ["add", "dvc.lock"], ["commit", "-q", "-m", "start"]):
        identity = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
        subprocess.run(["git", *identity, *command], cwd=tmp_path, check=True)
    return Workspace(tmp_path)


@pytest.mark.parametrize("left", ["", '{"write": {"/da', "[]"])
def test_a_half_written_file_of_locks_is_removed(workspace, capsys, left):
    rwlock = workspace.root / ".dvc" / "tmp" / "rwlock"
    rwlock.write_text(left)
    mend_leftovers(workspace)
    assert not rwlock.exists()
    assert "file of locks half-written; removed" in capsys.readouterr().err


def test_a_whole_file_of_locks_is_left_alone(workspace, capsys):
    rwlock = workspace.root / ".dvc" / "tmp" / "rwlock"
    rwlock.write_text(json.dumps({"write": {}}))
    mend_leftovers(workspace)
    assert rwlock.exists()
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("length", [0, 10, 25, 55])
def test_half_a_lock_file_becomes_that_of_the_command_before(workspace, capsys, length):
    workspace.lock.write_text(LOCK.format("computed"))
    mend_leftovers(workspace)  # as each command does first
    workspace.lock.write_text(LOCK.format("computed again")[:length])
    mend_leftovers(workspace)
    assert workspace.lock.read_text() == LOCK.format("computed")
    assert "dvc.lock half-written" in capsys.readouterr().err


def test_half_a_lock_file_of_the_first_command_becomes_the_committed_one(workspace):
    workspace.lock.write_text(LOCK[:30])
    mend_leftovers(workspace)
    assert workspace.lock.read_text().strip() == LOCK.format("committed").strip()


def test_the_marks_of_a_merge_are_the_users_to_settle(workspace):
    marked = f"<<<<<<< HEAD\n{LOCK}=======\n{LOCK}>>>>>>> other\n"
    workspace.lock.write_text(marked)
    mend_leftovers(workspace)
    assert workspace.lock.read_text() == marked


def test_where_dvc_has_never_run_nothing_is_made(tmp_path):
    mend_leftovers(Workspace(tmp_path))
    assert list(tmp_path.iterdir()) == []
