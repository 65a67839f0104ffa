"""Folders of results that have no run yet: gone when their command ends, whatever another command does meanwhile."""

from __future__ import annotations

import pytest

from mlproject.workflows.pending import pending_folder
from mlproject.workspace.paths import Workspace


def test_a_folder_is_gone_when_its_command_ends(tmp_path):
    workspace = Workspace(tmp_path)
    with pending_folder(workspace, "easy") as folder:
        assert folder == workspace.pending / "easy"
        (folder / "scores.json").write_text("{}")
    assert not workspace.pending.exists()


def test_a_folder_of_a_command_that_was_killed_is_emptied(tmp_path):
    workspace = Workspace(tmp_path)
    (workspace.pending / "easy").mkdir(parents=True)
    (workspace.pending / "easy" / "half.npy").touch()
    with pending_folder(workspace, "easy") as folder:
        assert list(folder.iterdir()) == []


def test_a_folder_is_gone_after_an_error_too(tmp_path):
    workspace = Workspace(tmp_path)
    with pytest.raises(KeyboardInterrupt), pending_folder(workspace, "easy"):
        raise KeyboardInterrupt
    assert not workspace.pending.exists()


def test_two_commands_do_not_take_each_others_folder(tmp_path):
    workspace = Workspace(tmp_path)
    with pending_folder(workspace, "easy") as first:
        with pending_folder(workspace, "hard"):
            pass
        assert first.is_dir()
    assert not workspace.pending.exists()


def test_the_last_of_two_commands_may_be_the_second_to_remove_the_place(tmp_path):
    workspace = Workspace(tmp_path)
    with pending_folder(workspace, "easy") as folder:
        folder.rmdir()
        workspace.pending.rmdir()  # as the other command does between our two removals
    assert not workspace.pending.exists()
