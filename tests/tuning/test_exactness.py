"""The promise of studies: one seed, one table, however many workers, wherever killed, wherever kept."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from optuna.trial import TrialState

from mlproject.tuning.shared_study import SharedStudy
from mlproject.tuning.storage import open_storage
from mlproject.tuning.trial_table import trial_table
from tests.tuning.small_study import run_small

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow


def _start(folder: Path, url: str | None = None) -> subprocess.Popen:
    command = [sys.executable, "-m", "tests.tuning.small_study", str(folder), *([url] if url else [])]
    paths = os.pathsep.join([str(ROOT), str(ROOT / "src")])
    environment = os.environ | {"PYTHONPATH": paths, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def _end(process: subprocess.Popen) -> None:
    output = process.communicate(timeout=300)[0]
    assert process.returncode == 0, output.decode()[-3000:]


def _table(folder: Path, url: str | None = None) -> str:
    storage = open_storage(url, folder)
    shared = SharedStudy.join(storage, "small")
    trials = shared.trials()
    storage.close()
    assert {trial.state for trial in trials} == {TrialState.COMPLETE}
    return trial_table(shared.spec, trials).to_csv()


@pytest.fixture(scope="module")
def expected(tmp_path_factory) -> str:
    """The table of one worker that nobody disturbs."""
    folder = tmp_path_factory.mktemp("undisturbed")
    run_small(folder)
    return _table(folder)


@pytest.mark.parametrize("workers", [1, 2, 4, 8])
def test_any_number_of_worker_processes_gives_the_same_table(tmp_path, expected, workers):
    for process in [_start(tmp_path) for _ in range(workers)]:
        _end(process)
    assert _table(tmp_path) == expected


def test_a_study_that_is_killed_twenty_times_gives_the_same_table(tmp_path, expected):
    moments = random.Random(4)
    first = _start(tmp_path)
    while not (tmp_path / "journal.log").exists():  # imports are no moment of a study
        time.sleep(0.02)
    time.sleep(moments.uniform(0, 0.08))
    first.send_signal(signal.SIGKILL)
    first.communicate()
    for _ in range(19):
        process, size = _start(tmp_path), (tmp_path / "journal.log").stat().st_size
        while (tmp_path / "journal.log").stat().st_size == size and process.poll() is None:
            time.sleep(0.01)
        time.sleep(moments.uniform(0, 0.08))
        process.send_signal(signal.SIGKILL)
        process.communicate()
    shared = SharedStudy.join(open_storage(None, tmp_path), "small")
    assert not shared.is_finished(), "the kills came after the end: let the study be longer"
    _end(_start(tmp_path))
    assert _table(tmp_path) == expected


def test_a_half_written_line_of_the_journal_is_mended(tmp_path, expected):
    process = _start(tmp_path)
    while process.poll() is None and b'"op_code":4' not in _journal(tmp_path):
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    with (tmp_path / "journal.log").open("ab") as file:
        file.write(b'{"op_code":8,"worker_id":"gone","trial_id":0,"user_at')
    _end(_start(tmp_path))
    assert _table(tmp_path) == expected


def test_postgresql_gives_the_same_table_as_the_journal(tmp_path, expected, database):
    for process in [_start(tmp_path, database) for _ in range(3)]:
        _end(process)
    assert _table(tmp_path, database) == expected


def _journal(folder: Path) -> bytes:
    path = folder / "journal.log"
    return path.read_bytes() if path.exists() else b""
