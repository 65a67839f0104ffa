"""What happens while DVC is at work."""

from __future__ import annotations

import threading

import pytest

from mlproject.errors import StageError
from mlproject.workspace import dvc
from mlproject.workspace.paths import Workspace


@pytest.fixture
def workspace(tmp_path):
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


def test_another_dvc_command_is_waited_for(monkeypatch, workspace, capsys):
    endings = iter([(1, "ERROR: Unable to acquire lock"), (1, "it is busy"), (0, "")])
    monkeypatch.setattr(dvc, "run_dvc", lambda *_: next(endings))
    monkeypatch.setattr(dvc, "PAUSE", 0)
    dvc.bring_up_to_date(workspace, "prepare")
    assert capsys.readouterr().err.count("another dvc command is at work") == 1
