"""Arguments and endings of commands."""

from __future__ import annotations

import gc

import pytest

from mlproject.errors import ConfigError
from mlproject.workspace.environment import imports_without_collection
from mlproject.workspace.task_settings import experiment_config
from pipelines._cli import CHECKOUT, key_values, run_command, run_stage


def test_both_spellings_of_an_argument_mean_the_same():
    assert key_values(["task=easy", "--latent_dim", "64", "--seed=3"]) == {
        "task": "easy",
        "latent_dim": "64",
        "seed": "3",
    }


@pytest.mark.parametrize("arguments", [["medium"], ["--task"]])
def test_an_argument_without_a_value_is_refused(arguments):
    with pytest.raises(ConfigError, match="expected key=value"):
        key_values(arguments)


def test_a_password_is_refused_and_not_repeated(monkeypatch):
    monkeypatch.setenv("MLFLOW_RUN_ID", "a" * 32)
    with pytest.raises(ConfigError, match=r"storage=postgresql://me:\*\*\*@host/x has a password in it") as refused:
        key_values(["--storage", "postgresql://me:s3cr3t@host/x"])
    assert "s3cr3t" not in str(refused.value)
    assert f"mlflow runs delete --run-id {'a' * 32}" in str(refused.value)


def test_a_stage_says_which_of_how_many_it_is(monkeypatch, capsys):
    named = []
    for file, task in (("task", "easy"), ("evaluate", "zscores")):
        monkeypatch.setattr("sys.argv", [f"pipelines/stages/{file}.py", task])
        run_stage(lambda _, name: named.append(name))
    assert named == ["easy", "zscores"]
    n_tasks = len(experiment_config(CHECKOUT).tasks)
    last = n_tasks * 2 + 6
    assert capsys.readouterr().err.splitlines() == [
        f"stage {4 + 1 + list(experiment_config(CHECKOUT).tasks).index('easy')} of {last}: task@easy",
        f"stage {last - 2} of {last}: evaluate@zscores",
    ]


def test_a_key_given_twice_is_refused():
    with pytest.raises(ConfigError, match="seed is given twice"):
        key_values(["seed=1", "--seed", "2"])


@pytest.fixture(autouse=True)
def _unfrozen():
    yield
    gc.unfreeze()


def test_an_error_of_the_project_is_one_line_and_status_2(capsys, monkeypatch):
    monkeypatch.delenv("MLFLOW_RUN_ID", raising=False)
    monkeypatch.setattr("sys.argv", ["command"])

    def fail(*_):
        raise ConfigError("what came; what was expected")

    with pytest.raises(SystemExit) as ending:
        run_command(fail)
    assert ending.value.code == 2
    assert capsys.readouterr().err == "error: what came; what was expected\n"


def test_a_store_that_goes_away_is_one_line(capsys, monkeypatch):
    from mlflow.exceptions import MlflowException

    def main(*_):
        raise MlflowException("(sqlite3.OperationalError) database or disk is full")

    monkeypatch.setenv("MLFLOW_TRACKING_URI", "postgresql://me:s3cr3t@host/runs")
    monkeypatch.setattr("gc.freeze", lambda: None)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    with pytest.raises(SystemExit) as ended:
        run_command(main)
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert said.count("\n") == 1
    assert "me:***@host/runs does not serve ((sqlite3.OperationalError) database or disk is full): its disk" in said


def test_an_error_of_another_kind_is_not_hidden(monkeypatch):
    monkeypatch.setattr("sys.argv", ["command"])

    def fail(*_):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_command(fail)


def test_after_imports_garbage_is_looked_for_again_though_not_in_them():
    with imports_without_collection():
        assert not gc.isenabled()
    assert gc.isenabled()
    assert gc.get_freeze_count()


def test_imports_that_fail_do_not_leave_the_collector_off():
    with pytest.raises(ImportError), imports_without_collection():
        raise ImportError
    assert gc.isenabled()
