"""The store is made once, whoever comes first."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mlproject.errors import StoreError
from mlproject.tracking.store import EXPERIMENT, RETRIES, ensure_store, open_experiment

ROOT = Path(__file__).resolve().parents[2]
MAKE = """
import sys
from pathlib import Path
from mlproject.tracking.store import ensure_store
ensure_store(Path(sys.argv[1]))
"""


@pytest.fixture(autouse=True)
def _no_store_of_the_user(monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.delenv("MLFLOW_RUN_ID", raising=False)


def _experiments(database: Path) -> list[str]:
    connection = sqlite3.connect(database)
    names = [row[0] for row in connection.execute("SELECT name FROM experiments ORDER BY experiment_id")]
    connection.close()
    return names


@pytest.mark.slow
def test_a_new_store_has_the_experiment_and_no_other(tmp_path):
    folder = tmp_path / "a folder with spaces"
    folder.mkdir()
    uri = ensure_store(folder)
    assert uri == f"sqlite:///{folder / 'mlflow.db'}"
    assert _experiments(folder / "mlflow.db") == [EXPERIMENT]
    assert open_experiment(uri) == "0"


@pytest.mark.slow
def test_views_of_an_earlier_version_are_brought_up_to_date(tmp_path):
    from mlflow import MlflowClient

    client, name = MlflowClient(ensure_store(tmp_path)), "mlflow.sharedViewState.label-free"
    client.set_experiment_tag("0", name, "{}")
    open_experiment(f"sqlite:///{tmp_path / 'mlflow.db'}")
    assert "tags.label_use = 'label-free'" in client.get_experiment("0").tags[name]


@pytest.mark.slow
def test_eight_processes_at_once_make_one_store(tmp_path):
    command = [sys.executable, "-c", MAKE, str(tmp_path)]
    processes = [
        subprocess.Popen(command, env={"PYTHONPATH": str(ROOT / "src"), "PATH": ""}, stderr=subprocess.PIPE)
        for _ in range(8)
    ]
    errors = [process.communicate()[1] for process in processes]
    assert [process.returncode for process in processes] == [0] * 8, errors
    assert _experiments(tmp_path / "mlflow.db") == [EXPERIMENT]


@pytest.mark.slow
def test_a_store_that_was_never_finished_is_moved_aside(tmp_path, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _: None)
    (tmp_path / "mlflow.db").write_bytes(b"")
    said = []
    ensure_store(tmp_path, log=said.append)
    assert _experiments(tmp_path / "mlflow.db") == [EXPERIMENT]
    assert "moved away" in said[0]
    assert len(list(tmp_path.glob("mlflow.db.broken-*"))) == 1


def test_a_file_that_is_no_store_is_left_alone(tmp_path):
    (tmp_path / "mlflow.db").write_bytes(b"not a database, but perhaps of value to somebody")
    with pytest.raises(StoreError, match="does not open"):
        ensure_store(tmp_path)
    assert (tmp_path / "mlflow.db").read_bytes().startswith(b"not a database")


@pytest.mark.slow
def test_a_store_with_other_runs_keeps_its_default_experiment(tmp_path):
    from mlflow import MlflowClient

    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    MlflowClient(uri).create_run("0")
    ensure_store(tmp_path)
    assert _experiments(tmp_path / "mlflow.db") == ["Default"]
    assert open_experiment(uri) != "0"


@pytest.mark.slow
def test_an_address_that_does_not_answer_is_said_to(tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setenv(RETRIES, "2")
    said = []
    with pytest.raises(StoreError, match=r"does not serve .Connection refused.: start it"):
        ensure_store(tmp_path, log=said.append)
    assert said == ["the tracking server does not answer; trying again for half a minute"]
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_server_that_is_started_meanwhile_is_waited_for(tmp_path, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{port}")
    command = [sys.executable, "-m", "mlflow", "server", "--port", str(port), "--workers", "1"]
    store = ["--backend-store-uri", f"sqlite:///{tmp_path / 'served.db'}"]
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(ensure_store, tmp_path)
        time.sleep(1)  # the first attempts are over by then
        with (tmp_path / "log").open("wb") as log:
            server = subprocess.Popen([*command, *store], cwd=tmp_path, stdout=log, stderr=log, start_new_session=True)
        try:
            assert waiting.result(60) == f"http://127.0.0.1:{port}"
        finally:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def test_a_store_that_another_process_holds_is_not_moved(tmp_path, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setattr("mlproject.tracking.store._state", lambda _: "busy")
    (tmp_path / "mlflow.db").write_bytes(b"held")
    with pytest.raises(StoreError, match="is held by another process"):
        ensure_store(tmp_path)
    assert (tmp_path / "mlflow.db").read_bytes() == b"held"
