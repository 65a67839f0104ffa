"""What happens while DVC is at work."""

from __future__ import annotations

import threading

import pytest

from mlproject.errors import StageError
from pipelines import _workspace as workspace


@pytest.fixture
def dvc(monkeypatch, tmp_path):
    """Stands for DVC: waits until `begun` is set, and ends as it is told."""
    begun, ending = threading.Event(), [0, ""]
    monkeypatch.setattr(workspace, "CACHE", tmp_path)
    monkeypatch.setattr(workspace, "_dvc", lambda *_: (begun.wait(30), *ending)[1:])
    return begun, ending


def test_what_can_be_got_ready_meanwhile_is_done_when_dvc_is(dvc):
    begun, _ = dvc
    done = []

    def get_ready():
        begun.set()
        done.append("libraries")

    workspace.bring_up_to_date("audio_features", meanwhile=get_ready)
    assert done == ["libraries"]


def test_what_fails_meanwhile_is_left_to_where_it_is_needed(dvc):
    begun, _ = dvc

    def fail():
        begun.set()
        raise ImportError

    workspace.bring_up_to_date("audio_features", meanwhile=fail)


def test_the_reason_of_a_stage_is_told_whatever_went_on_meanwhile(dvc):
    begun, ending = dvc
    begun.set()
    ending[:] = [1, "error: the root is gone\n"]
    with pytest.raises(StageError, match="the root is gone"):
        workspace.bring_up_to_date("prepare")
