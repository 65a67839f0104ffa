"""What happens while DVC is at work."""

from __future__ import annotations

import json
import re
import threading

import pytest
import yaml

from mlproject.errors import StageError
from mlproject.workspace import dvc
from mlproject.workspace.paths import Workspace


@pytest.fixture
def workspace(tmp_path):
    (tmp_path / ".git").mkdir()
    return Workspace(tmp_path)


@pytest.fixture
def command(monkeypatch):
    """Stands for DVC: waits until `begun` is set, and ends as `ending` says."""
    begun, ending = threading.Event(), [0, ""]
    monkeypatch.setattr(dvc, "run_dvc", lambda *_: (begun.wait(30), *ending)[1:])
    return begun, ending


def test_what_can_be_prepared_meanwhile_is_done_when_dvc_is(command, workspace):
    begun, _ = command
    done = []

    def prepare():
        begun.set()
        done.append("libraries")

    dvc.bring_up_to_date(workspace, "audio_features", meanwhile=prepare)
    assert done == ["libraries"]


def test_what_fails_meanwhile_is_left_to_where_it_is_needed(command, workspace):
    begun, _ = command

    def fail():
        begun.set()
        raise ImportError

    dvc.bring_up_to_date(workspace, "audio_features", meanwhile=fail)


def test_the_reason_of_a_stage_is_passed_on_whatever_happened_meanwhile(command, workspace):
    begun, ending = command
    begun.set()
    ending[:] = [1, "error: the root is gone\n"]
    with pytest.raises(StageError, match="the root is gone"):
        dvc.bring_up_to_date(workspace, "prepare")


def test_another_dvc_command_is_waited_for(monkeypatch, workspace):
    endings = iter([(1, "ERROR: Unable to acquire lock"), (1, "it is busy, it is being blocked by:"), (0, "")])
    monkeypatch.setattr(dvc, "run_dvc", lambda *_: next(endings))
    monkeypatch.setattr(dvc, "PAUSE", 0)
    dvc.bring_up_to_date(workspace, "prepare")
    assert next(endings, None) is None


def test_who_is_at_work_is_said_at_once(monkeypatch, workspace, capsys):
    rwlock = workspace.root / ".dvc" / "tmp" / "rwlock"
    rwlock.parent.mkdir(parents=True)
    busy = {"pid": 999_999, "cmd": "/usr/bin/dvc repro"}
    rwlock.write_text(json.dumps({"write": {"/data": busy}, "read": {"/conf": [{"pid": 1 << 30, "cmd": "gone"}]}}))
    monkeypatch.setattr(dvc, "run_dvc", lambda *_: (0, ""))
    monkeypatch.setattr(dvc, "_runs_dvc", lambda pid: pid == 999_999)
    monkeypatch.setattr("time.sleep", lambda _: rwlock.write_text("{}"))
    dvc.bring_up_to_date(workspace, "prepare")
    said = "dvc (process 999999) is at work on this checkout; waiting for it to finish\n"
    assert capsys.readouterr().err == said


def test_a_process_that_has_got_the_id_of_dvc_is_not_waited_for(monkeypatch, workspace, capsys):
    rwlock = workspace.root / ".dvc" / "tmp" / "rwlock"
    rwlock.parent.mkdir(parents=True)
    init = {"pid": 1, "cmd": "/usr/bin/dvc repro"}
    rwlock.write_text(json.dumps({"write": {"/data": init}}))
    monkeypatch.setattr(dvc, "run_dvc", lambda *_: (0, ""))
    dvc.bring_up_to_date(workspace, "prepare")
    assert capsys.readouterr().err == ""


def test_a_downloaded_archive_is_told_what_git_needs(tmp_path):
    with pytest.raises(StageError, match=r"no git repository, such as a downloaded ZIP.*git init"):
        dvc.bring_up_to_date(Workspace(tmp_path), "prepare")


@pytest.mark.parametrize("name", ["dvc.lock", "dvc.yaml"])
def test_marks_of_a_merge_are_named(workspace, name):
    (workspace.root / name).write_text("a: 1\n<<<<<<< HEAD\nb: 2\n=======\nb: 3\n>>>>>>> other\n")
    with pytest.raises(StageError, match=rf"{name} has the marks of a merge conflict; .*git checkout --ours {name}"):
        dvc.bring_up_to_date(workspace, "prepare")


@pytest.mark.parametrize(
    ("printed", "reason"),
    [
        ("ERROR: failed to reproduce 'prepare': exit status 2\n", "failed to reproduce 'prepare': exit status 2"),
        ("error: no root\nERROR: failed to reproduce 'prepare'\n", "no root"),
        ("", "dvc repro prepare failed; run it to see why"),
    ],
)
def test_the_reason_is_the_projects_own_line_or_else_dvcs(command, workspace, printed, reason):
    begun, ending = command
    begun.set()
    ending[:] = [1, printed]
    with pytest.raises(StageError, match=re.escape(reason)):
        dvc.bring_up_to_date(workspace, "prepare")


def test_other_bits_than_the_committed_ones_are_said(monkeypatch, workspace, capsys):
    def lock(md5, dep="same"):
        stage = {"cmd": "python", "deps": [{"path": "x", "md5": dep}], "outs": [{"path": "data", "md5": md5}]}
        return yaml.safe_dump({"stages": {"prepare": stage}})

    def run(md5, dep="same"):
        monkeypatch.setattr(dvc, "run_dvc", lambda *_: (0, workspace.lock.write_text(lock(md5, dep)) and ""))
        dvc.bring_up_to_date(workspace, "prepare")
        return capsys.readouterr().err

    monkeypatch.setattr(dvc, "committed_lock", lambda _: lock("committed").encode())
    assert run("committed") == ""
    assert "other bits than the committed dvc.lock has (prepare)" in run("ours")
    assert run("ours") == ""  # said once, when it changes
    assert run("others", dep="changed") == ""  # other inputs
