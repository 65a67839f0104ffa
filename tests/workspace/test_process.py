"""Which process something belongs to."""

import os
import subprocess
import sys

from mlproject.workspace.process import belongs_to_gone, mlflow_run_is_alive, this_process


def test_this_process_is_there():
    assert not belongs_to_gone(this_process())


def test_a_process_that_has_ended_is_gone():
    code = "from mlproject.workspace.process import this_process; print(this_process())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=_environment())
    assert belongs_to_gone(done.stdout.strip())


def test_an_id_that_is_used_again_is_another_process():
    host, pid, _ = this_process().rsplit(" ", 2)
    assert belongs_to_gone(f"{host} {pid} 1")


def test_of_another_machine_nothing_is_known():
    assert not belongs_to_gone("elsewhere 1 1")


def test_mlflow_run_is_seen_while_it_is_at_work():
    command = [sys.executable, "-c", "import sys; print('up', flush=True); sys.stdin.read()", "/bin/mlflow", "run", "."]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        assert mlflow_run_is_alive()
        process.communicate(b"")


def _environment():
    return {**os.environ, "PYTHONPATH": "src"}
