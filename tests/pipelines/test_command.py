"""Arguments and endings of commands."""

from __future__ import annotations

import gc

import pytest

from mlproject.errors import ConfigError
from mlproject.workspace.environment import imports_without_collection
from pipelines._cli import key_values, run_command, words_and_values


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


@pytest.mark.parametrize(
    ("argument", "command"),
    [
        ("promote=3", "python -m pipelines.promote VERSION"),
        ("undo=champion", "python -m pipelines.promote --undo"),
        ("stage=easy", "dvc repro task@NAME"),
    ],
)
def test_a_key_that_is_gone_names_the_command_that_took_its_place(argument, command):
    with pytest.raises(ConfigError, match=f"any more; use {command}"):
        words_and_values([argument])


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
