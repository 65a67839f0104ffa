"""Folders of results that have no run yet: gone when their command ends, whatever another command does meanwhile."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from mlproject.workflows.pending import ENTRY, abandoned_folders, pending_folder
from mlproject.workspace.paths import Workspace


def left(workspace):
    return list(workspace.pending.glob("*"))


def test_a_folder_is_gone_when_its_command_ends(tmp_path):
    workspace = Workspace(tmp_path)
    with pending_folder(workspace) as folder:
        assert folder.parent == workspace.pending
        (folder / ENTRY).write_text("{}")
    assert left(workspace) == []


def test_an_error_before_the_result_is_whole_leaves_nothing(tmp_path):
    workspace = Workspace(tmp_path)
    with pytest.raises(KeyboardInterrupt), pending_folder(workspace):
        raise KeyboardInterrupt
    assert left(workspace) == []


def test_a_whole_result_stays_when_its_run_fails(tmp_path, capsys):
    workspace = Workspace(tmp_path)
    with suppress(ConnectionError), pending_folder(workspace) as folder:
        (folder / ENTRY).write_text("{}")
        raise ConnectionError
    assert list(abandoned_folders(workspace)) == [folder]
    assert f"the result is kept in artifacts/pending/{folder.name}" in capsys.readouterr().err


def test_what_a_killed_command_had_begun_is_removed(tmp_path):
    workspace = Workspace(tmp_path)
    (workspace.pending / "half").mkdir(parents=True)
    (workspace.pending / "half" / "scores.json").touch()
    assert list(abandoned_folders(workspace)) == []
    assert left(workspace) == []


def test_no_command_takes_the_folder_of_one_that_is_at_work(tmp_path):
    workspace, done = Workspace(tmp_path), threading.Event()

    def work(_):
        for _ in range(40):
            with pending_folder(workspace) as folder:
                (folder / "result").mkdir()
                (folder / ENTRY).write_text("{}")
                (folder / "result" / "more").touch()

    def look():
        found = []
        while not done.is_set():
            found += abandoned_folders(workspace)
        return found

    with ThreadPoolExecutor(7) as pool:
        looking = pool.submit(look)
        list(pool.map(work, range(6)))
        done.set()
        assert looking.result() == []
    assert left(workspace) == []
