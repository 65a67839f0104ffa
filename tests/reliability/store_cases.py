"""Tracking stores, DVC, commands that were killed, and passwords: every ordinary bad state."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from functools import cache
from pathlib import Path

import pytest

from mlproject.errors import MlprojectError
from mlproject.files import UNFINISHED, remove_unfinished
from mlproject.passwords import hide_passwords
from mlproject.tracking import store
from mlproject.tracking.abandoned_runs import end_abandoned_runs
from mlproject.tracking.runs import OWNER, check_started_run, tag_reason
from mlproject.tracking.store_failures import failed_store
from mlproject.workflows.pending import ENTRY, abandoned_folders, pending_folder
from mlproject.workspace import dvc, dvc_leftovers
from mlproject.workspace.git import read_commit
from mlproject.workspace.paths import Workspace
from mlproject.workspace.process import this_process
from pipelines._cli import key_values
from tests.reliability.outcomes import ANEW, LINE, SAID, USED, Case, Outcome

VARIABLES = ("MLFLOW_TRACKING_URI", "MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID")
SECRET = "s3cr3t"
DEAD = f"{this_process().rsplit(' ', 2)[0]} 1 1"  # process 1 did not begin then


@cache
def _template() -> Path:
    """Make one store for all cases."""
    folder = Path(tempfile.mkdtemp(prefix="reliability-store-"))
    with pytest.MonkeyPatch.context() as patch:
        _clear(patch)
        patch.chdir(folder)
        store.ensure_store(folder)
    return folder / "mlflow.db"


def _clear(patch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        patch.delenv(name, raising=False)


def opened(
    folder: Path,
    prepare: Callable[[Path], object] = lambda _: None,
    *,
    address: str | None = None,
    then: Callable[[str], object] = lambda _: None,
    name: str = "checkout",
) -> Outcome:
    """Open the store of a checkout, as each command does first."""
    root, said = folder / name, list[str]()
    root.mkdir(exist_ok=True)
    shutil.copy(_template(), root / "mlflow.db")
    with pytest.MonkeyPatch.context() as patch:
        _clear(patch)
        patch.setattr(store, "PATIENCE", 0.3)
        patch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
        if address is not None:
            patch.setenv("MLFLOW_TRACKING_URI", address)
        prepare(root)
        uri = store.ensure_store(root, log=said.append)
        store.open_experiment(uri)
        then(uri)
    return Outcome(SAID if said else USED, "; ".join(said) or "opened")


def _sql(*statements: str) -> Callable[[Path], None]:
    def run(root: Path) -> None:
        with closing(sqlite3.connect(root / "mlflow.db")) as connection, connection:
            for statement in statements:
                connection.execute(statement)

    return run


def stores() -> Iterator[Case]:
    def case(what: str, prepare: Callable[[Path], object] = lambda _: None, **options: object) -> Case:
        return Case("Tracking store", what, lambda folder: opened(folder, prepare, **options))  # type: ignore[arg-type]

    yield case("a good store")
    yield case("an address of blanks in MLFLOW_TRACKING_URI", address="  ")
    yield case("the experiment was deleted in the UI", _sql("UPDATE experiments SET lifecycle_stage = 'deleted'"))
    yield case("a file: address", address="file:///music/mlruns")
    yield case("a folder for an address", address="./mlruns")
    yield case("the schema of an older MLflow", _sql("UPDATE alembic_version SET version_num = 'cc1f77228345'"))
    yield case("the schema of a newer MLflow", _sql("UPDATE alembic_version SET version_num = 'ffffffffffff'"))
    yield case("an address of an unknown kind", address="ftp://host/runs")
    yield case("a database whose driver is not installed", address=f"mysql://me:{SECRET}@127.0.0.1:9/runs")
    yield case("PostgreSQL that is not there", address=f"postgresql://me:{SECRET}@127.0.0.1:9/runs")
    yield case("a tracking server that is not there", address="http://127.0.0.1:9")
    yield case("a store in memory", address="sqlite://")
    yield case("a store that another process holds", _hold)
    yield case("a store of zeros", lambda root: (root / "mlflow.db").write_bytes(bytes(5000)))
    yield case("a text where the store belongs", lambda root: (root / "mlflow.db").write_text("my notes " * 100))
    yield case("a folder where the store belongs", _folder)
    yield case("a checkout in a folder with a question mark", name="what is this?")
    yield case("a checkout in a folder with a percent sign", name="100%")
    yield case("a checkout in a folder with blanks and umlauts", name="Müllers Musik 2")
    yield case("a checkout that was moved", lambda root: _moved(root, artifacts=True))
    yield case("a store that was copied without its artifacts", lambda root: _moved(root, artifacts=False))
    yield case("MLFLOW_RUN_ID of a run that never was", _run_id("a" * 32), then=check_started_run)
    yield case("MLFLOW_RUN_ID of a run that has ended", _ended_run, then=check_started_run)
    yield Case("Tracking store", "an experiment that DVC runs in a clone of its own", _isolated)
    for what, reason in (
        ("a database that is locked while a run is logged", "(sqlite3.OperationalError) database is locked"),
        ("a disk that is full while a run is logged", "(sqlite3.OperationalError) database or disk is full"),
        ("a store that cannot be written", "(sqlite3.OperationalError) attempt to write a readonly database"),
        ("a server that refuses the user", "API request failed with error code 401: Unauthorized"),
    ):
        yield Case("Tracking store", what, lambda _, reason=reason: _failing(reason))  # type: ignore[misc]


def _hold(root: Path) -> None:
    connection = sqlite3.connect(root / "mlflow.db", isolation_level=None, check_same_thread=False)
    connection.execute("BEGIN EXCLUSIVE")
    threading.Timer(5, connection.close).start()


def _folder(root: Path) -> None:
    (root / "mlflow.db").unlink()
    (root / "mlflow.db").mkdir()


def _moved(root: Path, *, artifacts: bool) -> None:
    _sql("UPDATE experiments SET artifact_location = '/before/mlruns/0'")(root)
    _sql(
        "INSERT INTO runs (run_uuid, status, artifact_uri, experiment_id) VALUES ('b', 'FINISHED', '/before/mlruns/0/b', 0)"
    )(root)
    (root / "dvc.yaml").touch()
    if artifacts:
        (root / "mlruns" / "0").mkdir(parents=True)


def _run_id(run_id: str) -> Callable[[Path], None]:
    return lambda _: os.environ.__setitem__("MLFLOW_RUN_ID", run_id)


def _ended_run(root: Path) -> None:
    client = store.store_client(f"sqlite:///{root / 'mlflow.db'}")
    run_id = client.create_run("0").info.run_id
    client.set_terminated(run_id)
    os.environ["MLFLOW_RUN_ID"] = run_id


def _isolated(folder: Path) -> Outcome:
    clone = folder / "music" / ".dvc" / "tmp" / "exps" / "standalone" / "tmpclone"
    return Outcome(USED, f"its runs go to {store.database_uri(clone)}")


def _failing(reason: str) -> Outcome:
    from mlflow.exceptions import MlflowException

    raise failed_store(MlflowException(reason), "sqlite:////music/mlflow.db")


def killed() -> Iterator[Case]:
    yield Case("Killed commands", "a command that was killed while it computed", lambda folder: _pending(folder))
    yield Case("Killed commands", "a result whose run was not logged", lambda folder: _pending(folder, whole=True))
    yield Case(
        "Killed commands", "a command that is at work", lambda folder: _pending(folder, at_work=True, whole=True)
    )
    yield Case("Killed commands", "a store that goes away while a run is logged", _gone_away)
    yield Case("Killed commands", "an open run whose process was killed", lambda folder: _open_run(folder, DEAD))
    yield Case("Killed commands", "an open run whose process lives", lambda folder: _open_run(folder, this_process()))
    yield Case("Killed commands", "an open run of another machine", lambda folder: _open_run(folder, "elsewhere 1 1"))
    yield Case(
        "Killed commands", "an open run of mlflow, killed before it began", lambda folder: _open_run(folder, None)
    )
    yield Case("Killed commands", "a file that was half-written", lambda folder: _half_written(folder, 1 << 30))
    yield Case("Killed commands", "a file that is being written", lambda folder: _half_written(folder, os.getpid()))


def _pending(folder: Path, *, whole: bool = False, at_work: bool = False) -> Outcome:
    workspace = Workspace(folder)
    with ExitStack() as stack:
        if at_work:
            place = stack.enter_context(pending_folder(workspace))
        else:
            place = workspace.pending / "run"
            place.mkdir(parents=True)
        if whole:
            (place / ENTRY).write_text("{}")
        found = list(abandoned_folders(workspace))
        if found:
            return Outcome(SAID, f"{len(found)} result gets its run")
        return Outcome(USED, "left alone") if place.exists() else Outcome(ANEW, "removed")


def _gone_away(folder: Path) -> Outcome:
    with suppress(ConnectionError), pending_folder(Workspace(folder)) as place:
        (place / ENTRY).write_text("{}")
        raise ConnectionError
    return Outcome(SAID, f"kept: {', '.join(sorted(path.name for path in place.iterdir()))}")


def _open_run(folder: Path, owner: str | None) -> Outcome:
    shutil.copy(_template(), folder / "mlflow.db")
    uri = f"sqlite:///{folder / 'mlflow.db'}"
    tags = {"mlflow.project.entryPoint": "main"} if owner is None else {OWNER: owner}
    with pytest.MonkeyPatch.context() as patch:
        _clear(patch)
        patch.setattr("mlproject.tracking.abandoned_runs.mlflow_run_is_alive", lambda: False)  # another test's
        client = store.store_client(uri)
        run = client.create_run("0", run_name="medium", tags=tags, start_time=1).info.run_id
        ended = end_abandoned_runs(uri)
        status = client.get_run(run).info.status
    return Outcome(SAID if ended else USED, f"its status is {status}")


def _half_written(folder: Path, pid: int) -> Outcome:
    (folder / f"{UNFINISHED}{pid}.tracks.parquet").touch()
    remove_unfinished(folder)
    return Outcome(USED, "left alone") if list(folder.iterdir()) else Outcome(ANEW, "removed")


def repositories() -> Iterator[Case]:
    def case(what: str, run: Callable[[Path], Outcome]) -> Case:
        return Case("DVC", what, run)

    yield case("a downloaded ZIP, without git", lambda folder: _repro(folder, git=False))
    yield case("marks of a merge in dvc.lock", lambda folder: _repro(folder, lock="<<<<<<< HEAD\na\n=======\nb\n"))
    yield case("a dvc repro that is at work", _busy)
    yield case("a stage that ends with its own line", lambda folder: _repro(folder, ends="error: root is missing"))
    yield case(
        "a stage that is killed",
        lambda folder: _repro(folder, ends="ERROR: failed to reproduce 'prepare': exited with -9"),
    )
    yield case(
        "dvc.lock of another processor", lambda folder: _repro(folder, lock=_lock("ours"), committed=_lock("theirs"))
    )
    yield case(
        "dvc.lock of the same processor", lambda folder: _repro(folder, lock=_lock("ours"), committed=_lock("ours"))
    )
    yield case("a file of locks that a killed DVC left half-written", lambda folder: _left(folder, rwlock='{"read": '))
    yield case("a dvc.lock that a killed DVC left half-written", lambda folder: _left(folder, lock="stages:\n  pre"))
    yield case("a dvc.lock that a killed DVC left empty", lambda folder: _left(folder, lock=""))


def _left(folder: Path, *, rwlock: str = "{}", lock: str | None = None) -> Outcome:
    workspace, said = Workspace(folder), list[str]()
    (folder / ".dvc" / "tmp").mkdir(parents=True)
    workspace.lock.write_text(_lock("whole") + "\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dvc_leftovers, "log", said.append)
        dvc_leftovers.mend_leftovers(workspace)  # as the command before did
        (folder / ".dvc" / "tmp" / "rwlock").write_text(rwlock)
        if lock is not None:
            workspace.lock.write_text(lock)
        dvc_leftovers.mend_leftovers(workspace)
    assert "whole" in workspace.lock.read_text()
    return Outcome(SAID, "; ".join(said))


def locales() -> Iterator[Case]:
    for value in ("C", "POSIX", "C.UTF-8", "xx_XX.unknown"):
        yield Case("Locales", f"names with umlauts under LC_ALL={value}", lambda folder, v=value: _listed(folder, v))  # type: ignore[misc]


def _listed(folder: Path, locale: str) -> Outcome:
    (folder / "Größe").mkdir()
    for name in ("Müller – ø.wav", "Рок.wav"):
        (folder / "Größe" / name).write_bytes(b"RIFF")
    code = (
        "import sys; from mlproject.config.data import DataConfig; from mlproject.corpus.opening import open_corpus\n"
        "for track in open_corpus(DataConfig(corpus='folder', root=sys.argv[1])).tracks(): print(track.track_id)"
    )
    environment = {**os.environ, "LC_ALL": locale, "PYTHONPATH": os.pathsep.join(sys.path)}
    environment = {name: text for name, text in environment.items() if name not in ("PYTHONUTF8", "PYTHONIOENCODING")}
    command = [sys.executable, "-c", code, str(folder)]
    done = subprocess.run(command, env=environment, capture_output=True, check=True)
    return Outcome(USED, done.stdout.decode().strip().replace("\n", ", "))


def _lock(md5: str) -> str:
    return json.dumps({"stages": {"prepare": {"cmd": "python", "outs": [{"path": "data", "md5": md5}]}}})


def _repro(folder: Path, *, git: bool = True, lock: str = "", committed: str = "", ends: str = "") -> Outcome:
    workspace, said = Workspace(folder), list[str]()
    if git:
        (folder / ".git").mkdir()
    if lock.startswith("<"):
        workspace.lock.write_text(lock)

    def run(*_: object) -> tuple[int, str]:
        if lock:
            workspace.lock.write_text(lock)
        return (1 if ends else 0), ends

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dvc, "run_dvc", run)
        patch.setattr(dvc, "committed_lock", lambda _: committed.encode())
        patch.setattr(dvc, "log", said.append)
        dvc.bring_up_to_date(workspace, "prepare")
    return Outcome(SAID if said else USED, "; ".join(said) or "up to date")


def _busy(folder: Path) -> Outcome:
    rwlock = folder / ".dvc" / "tmp" / "rwlock"
    rwlock.parent.mkdir(parents=True)
    rwlock.write_text(json.dumps({"write": {"/data": {"pid": 999_999, "cmd": "/usr/bin/dvc repro"}}}))
    threading.Timer(0.1, lambda: rwlock.write_text("{}")).start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dvc, "_runs_dvc", lambda pid: pid == 999_999)
        return _repro(folder)


def secrets() -> Iterator[Case]:
    for what, address in (
        ("a password in an address", f"postgresql://me:{SECRET}@host/runs"),
        ("a password with a colon and an @", f"postgresql://me:{SECRET}:a@b@host/runs"),
        ("a password in the query of an address", f"postgresql://host/runs?user=me&password={SECRET}"),
        ("a password in what a driver says", f"connection failed: host=host password={SECRET} user=me"),
        ("a token in an address", f"http://host/?access_token={SECRET}"),
    ):
        yield Case("Secrets", what, lambda _, text=address: _hidden(hide_passwords(text)))  # type: ignore[misc]
    yield Case("Secrets", "a password in -P storage=...", lambda _: _given(f"storage=postgresql://me:{SECRET}@host/x"))
    yield Case("Secrets", "the same, with mlflow run", lambda _: _given("--storage", f"postgresql://me:{SECRET}@h/x"))
    yield Case("Secrets", "a password in the reason of a failure", _reason_tag)
    yield Case("Secrets", "conf/.env and a key beside the configuration", _beside)


def _hidden(text: str) -> Outcome:
    assert SECRET not in text
    return Outcome(USED, text)


def _given(*arguments: str) -> Outcome:
    with pytest.MonkeyPatch.context() as patch:
        _clear(patch)
        if len(arguments) > 1:
            patch.setenv("MLFLOW_RUN_ID", "RUN")
        with pytest.raises(MlprojectError) as refused:
            key_values(arguments)
    return Outcome(LINE, _hidden(str(refused.value)).sees)


def _reason_tag(folder: Path) -> Outcome:
    shutil.copy(_template(), folder / "mlflow.db")
    with pytest.MonkeyPatch.context() as patch:
        _clear(patch)
        store.open_experiment(f"sqlite:///{folder / 'mlflow.db'}")
        client = store.store_client()
        run = client.create_run("0").info.run_id
        tag_reason(run, "failed", f"postgresql://me:{SECRET}@host/x is gone")
        return _hidden(client.get_run(run).data.tags["reason"])


def _beside(folder: Path) -> Outcome:
    identity = ["-c", "user.name=test", "-c", "user.email=test@localhost"]

    def git(*arguments: str) -> None:
        subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True)

    (folder / "conf").mkdir()
    git("init", "-q")
    git("commit", "-q", "--allow-empty", "-m", "first")
    for name in (".env", "server.key", "mine.yaml"):
        (folder / "conf" / name).write_text(f"value: {SECRET if name != 'mine.yaml' else 1}\n")
    diff = read_commit(folder).diff
    assert SECRET not in diff
    return Outcome(USED, f"in the run's diff: {', '.join(line[6:] for line in diff.splitlines() if line[:3] == '+++')}")


def cases() -> Iterator[Case]:
    """Yield every case of this module."""
    for group in (stores, killed, repositories, locales, secrets):
        yield from group()
