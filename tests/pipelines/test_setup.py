"""`make ui`: the address that is printed is the one that is served, in the mode that shows models."""

from __future__ import annotations

import socket

import pytest

from mlproject.workspace.paths import Workspace
from pipelines import _setup


@pytest.fixture
def started(tmp_path, monkeypatch):
    """What the command would turn into; the store is in a folder of its own."""
    commands: list[list[str]] = []
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("os.execvp", lambda _, command: commands.append(command))
    return commands


def test_a_port_in_use_is_passed_over_before_an_address_is_printed(started, tmp_path, monkeypatch, capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setattr(_setup, "PORT", port)
        _setup.main(["--ui"], Workspace(tmp_path))
    (command,) = started
    served = command[command.index("--port") + 1]
    assert int(served) > port
    runs, models = capsys.readouterr().out.splitlines()
    for line in (runs, models):
        assert f"http://127.0.0.1:{served}/#" in line
        assert "workflowType=machine_learning" in line
    assert "viewStateShareKey=label-free" in runs
    assert "/models/genre-clusters" in models


def test_without_ui_nothing_is_served(started, tmp_path):
    _setup.main([], Workspace(tmp_path))
    assert started == []
    assert (tmp_path / "mlflow.db").exists()
