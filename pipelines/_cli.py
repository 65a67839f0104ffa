"""A function -> a command: its arguments, one line and status 2 for an error."""

import errno
import gc
import os
import re
import signal
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from mlproject.errors import ConfigError, MlprojectError, StoreError, did_you_mean
from mlproject.passwords import has_password, hide_passwords
from mlproject.workspace.console import log
from mlproject.workspace.paths import Workspace
from mlproject.workspace.task_settings import experiment_config

__all__ = ["CHECKOUT", "check_keys", "key_values", "run_command", "run_stage", "wants_help", "words_and_values"]

CHECKOUT = Workspace(Path(__file__).resolve().parent.parent)
# What the machine lacks, and no code can mend.
MACHINE = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.EPIPE}
MACHINE |= {errno.ENAMETOOLONG, errno.EISDIR, errno.ENOTDIR, errno.EEXIST, errno.EMFILE, errno.ENOMEM}


def run_command(main: Callable[[list[str], Workspace], None]) -> None:
    """Run `main` on the command line's arguments and this checkout, and end the process as a command should."""
    gc.freeze()  # what is imported by now stays; looking through it for garbage would take a second
    signal.signal(signal.SIGTERM, _end)  # so that an open run is marked as ended, as with Ctrl-C
    try:
        main(sys.argv[1:], CHECKOUT)
        if sys.stdout is not None:
            sys.stdout.flush()  # here, where a full disk can be told
    except MlprojectError as error:
        _end_by(error)
    except OSError as error:
        if error.errno not in MACHINE:
            _end_by(_failed_store(error))
        _end_by_the_machine(error)
    except Exception as error:
        _end_by(_failed_store(error))
    except KeyboardInterrupt:
        print("interrupted; nothing half-written is left behind, run the same command again", file=sys.stderr)
        sys.exit(130)


def _end_by(error: MlprojectError) -> None:
    print(hide_passwords(f"error: {error}"), file=sys.stderr)
    if "MLFLOW_RUN_ID" in os.environ and not isinstance(error, StoreError):
        from mlproject.tracking.runs import tag_started_run
        from mlproject.tracking.store_failures import store_failures

        with suppress(*store_failures()):  # a store that is gone takes no reason either
            tag_started_run("rejected" if isinstance(error, ConfigError) else "failed", str(error))
    sys.exit(2)


def _failed_store(error: Exception) -> StoreError:
    """Return what a store that went away in the middle raised as the project's own error; raise all others again."""
    if "mlflow" not in sys.modules:
        raise error
    from mlproject.tracking.store_failures import failed_store, store_failures

    if not isinstance(error, store_failures()):
        raise error
    return failed_store(error)


def _end_by_the_machine(error: OSError) -> None:
    """End with one line for what the machine lacks, such as room on a disk or a reader of the output."""
    if error.errno == errno.EPIPE:
        # Nobody reads on, as with `| head`: the interpreter would write the rest at its end, and fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(128 + signal.SIGPIPE)
    place = f": {error.filename}" if error.filename else ""
    print(f"error: {error.strerror}{place}; mend that and run the same command again", file=sys.stderr)
    with suppress(OSError, AttributeError):
        sys.stdout.close()  # a full disk below it would fail again at the end
    sys.exit(2)


def run_stage(stage: Callable[[Workspace, str], None]) -> None:
    """Run a stage of dvc.yaml that is there once for each task; its one argument is the task's name."""

    def main(arguments: list[str], workspace: Workspace) -> None:
        if len(arguments) != 1:
            raise ConfigError(f"a stage takes the name of one task, not {len(arguments)}; dvc repro runs the stages")
        name, stages = f"{Path(sys.argv[0]).stem}@{arguments[0]}", _stages(workspace)
        if name in stages:
            log(f"stage {stages.index(name) + 1} of {len(stages)}: {name}")
        stage(workspace, arguments[0])

    run_command(main)


def _stages(workspace: Workspace) -> list[str]:
    """Name the stages of dvc.yaml in their order, which is DVC's; a regular expression, since YAML takes .3 s."""
    found = re.findall(r"^  (\w+):\n(    foreach:)?", (workspace.root / "dvc.yaml").read_text(), re.MULTILINE)
    tasks = experiment_config(workspace).tasks
    return [name for stage, each in found for name in ([f"{stage}@{task}" for task in tasks] if each else [stage])]


def _end(*_: object) -> None:
    sys.exit(128 + signal.SIGTERM)


def key_values(arguments: Iterable[str]) -> dict[str, str]:
    """Read ``key=value`` and ``--key value`` alike, as `python -m` and `mlflow run -P` give them."""
    words, values = list(arguments), dict[str, str]()
    while words:
        word = words.pop(0)
        key, equals, value = word.removeprefix("--").partition("=")
        if not equals:
            if not word.startswith("--") or not words:
                raise ConfigError(
                    f"argument {word!r} has no value; expected key=value, such as task=easy or latent_dim=64"
                )
            value = words.pop(0)
        if key in values:
            raise ConfigError(f"{key} is given twice ({values[key]!r}, {value!r}); give it once")
        if has_password(f"{key}={value}"):
            raise ConfigError(_password_given(key, value))
        values[key] = value
    return values


def _password_given(key: str, value: str) -> str:
    """Say where passwords belong: others see a command line, and `mlflow run` has stored it before our code ran."""
    advice = "others can read a command line, so give passwords in PGPASSWORD, ~/.pgpass or MLPROJECT_STUDY_STORAGE"
    if run_id := os.environ.get("MLFLOW_RUN_ID"):
        advice += (
            "; mlflow has stored this one, so delete its run and change the password: "
            f"mlflow runs delete --run-id {run_id}, then mlflow gc --run-ids {run_id} --backend-store-uri STORE"
        )
    return f"{hide_passwords(f'{key}={value}')} has a password in it; {advice}"


def words_and_values(arguments: Iterable[str]) -> tuple[list[str], dict[str, str]]:
    """Read plain words, and ``key=value`` or ``--key value``, in any order."""
    rest, words, pairs = list(arguments), list[str](), list[str]()
    while rest:
        word = rest.pop(0)
        if word.startswith("--") and "=" not in word:
            pairs += [word, *rest[:1]]
            rest = rest[1:]
        else:
            # The name of a run may hold an equals sign, a key holds no blank.
            (pairs if "=" in word and " " not in word.split("=")[0] else words).append(word)
    return words, key_values(pairs)


def check_keys(values: Iterable[str], known: Iterable[str], command: str) -> None:
    """Raise `ConfigError` for the first key that a command does not take."""
    known = list(known)
    for key in values:
        if key not in known:
            raise ConfigError(f"unknown key {key!r} of {command}; {did_you_mean(key, known)}")


def wants_help(arguments: Iterable[str]) -> bool:
    """Whether the user asks what a command takes."""
    return not {"-h", "--help", "help"}.isdisjoint(arguments)
