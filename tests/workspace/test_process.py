"""Which process something belongs to."""

import subprocess
import sys

from mlproject.workspace.process import belongs_to_gone, inherited_by_any, this_process


def test_this_process_is_there():
    assert not belongs_to_gone(this_process())


def test_a_process_that_has_ended_is_gone():
    code = "from mlproject.workspace.process import this_process; print(this_process())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=_environment())
    assert belongs_to_gone(done.stdout.strip())


def test_an_id_that_is_used_again_is_another_process():
    host, pid, _ = this_process().rsplit(" ", 2)
    assert belongs_to_gone(f"{host} {pid} 1.00")


def test_of_another_machine_nothing_is_known():
    assert not belongs_to_gone("elsewhere 1 1.00")


def test_a_variable_is_found_in_the_environment_of_a_living_process():
    sleeper = [sys.executable, "-c", "import sys; print('up', flush=True); sys.stdin.read()"]
    environment = _environment() | {"OUR_TEST_VARIABLE": "a value of ours"}
    with subprocess.Popen(sleeper, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        process.stdout.readline()
        assert inherited_by_any("OUR_TEST_VARIABLE", "a value of ours")
        process.communicate(b"")
    assert not inherited_by_any("OUR_TEST_VARIABLE", "a value of ours")


def _environment():
    import os

    return {**os.environ, "PYTHONPATH": "src"}
