"""Where a study's trials are kept, and how processes share them: a journal file, or PostgreSQL for many machines.

Both give the same three things: one process at a time where that is needed (`exclusive`), a lease on a trial that ends
with its holder (`lease`), and trials whose holder is gone waiting again (`free_abandoned`).
"""

import hashlib
import threading
import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import optuna
from filelock import FileLock, Timeout
from optuna.exceptions import StorageInternalError, UpdateFinishedTrialError
from optuna.storages import BaseStorage, JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, TrialState

from mlproject.errors import ConfigError, StoreError
from mlproject.passwords import hide_passwords

__all__ = ["JOURNAL", "Storage", "answering", "open_storage"]

JOURNAL = "journal.log"
HEARTBEAT, GRACE = 2, 10  # s: PostgreSQL's sign of life of a trial, and how old the last one may be
CONNECT_TIMEOUT = 10  # s


class Storage(ABC):
    """Trials of studies that several processes work on."""

    optuna: BaseStorage

    @abstractmethod
    def exclusive(self, study_name: str, purpose: str = "proposals") -> AbstractContextManager[None]:
        """Let one process at a time do what must be done once: propose a batch, log runs, write the report."""

    @abstractmethod
    def lease(self, trial: FrozenTrial) -> AbstractContextManager[bool]:
        """Hold a trial while it is worked on; whether it could be had. The lease ends with its holder."""

    @abstractmethod
    def free_abandoned(self, study_id: int, trials: Sequence[FrozenTrial]) -> None:
        """Let running trials wait again that nobody works on any more; to be called in `exclusive`."""

    def close(self) -> None:  # noqa: B027 - a file has nothing to close
        """Give connections back."""

    def _let_wait(self, trial: FrozenTrial) -> None:
        with suppress(UpdateFinishedTrialError):  # its worker may record its result at this very moment
            if self.optuna.get_trial(trial._trial_id).state == TrialState.RUNNING:
                self.optuna.set_trial_state_values(trial._trial_id, TrialState.WAITING)


def open_storage(url: str | None, folder: Path) -> Storage:
    """Open the storage of a study: ``postgresql://user:password@host/database``, or None for a file in its folder.

    Raises `ConfigError` if it is another kind of address, `StoreError` if nothing answers there.
    """
    if url is None:
        return _Journal(folder)
    if not url.startswith(("postgresql://", "postgresql+psycopg://")):
        raise ConfigError(
            f"storage={hide_passwords(url)!r} is no address that a study can use; give "
            "postgresql://user:password@host/database, or leave it out for a file on this machine"
        )
    return _Postgres(url)


@contextmanager
def answering(url: str | None) -> Iterator[None]:
    """Turn what a database says that is gone in the middle of a study into a `StoreError`."""
    try:
        yield
    except Exception as error:
        if isinstance(error, _gone()):
            raise _no_answer(url or "", error) from error
        raise


def _gone() -> tuple[type[Exception], ...]:
    import sqlalchemy

    return (sqlalchemy.exc.SQLAlchemyError, StorageInternalError)


def _no_answer(url: str, error: Exception) -> StoreError:
    cause = error.__cause__ if isinstance(error, StorageInternalError) else error
    reason = " ".join(str(getattr(cause, "orig", None) or cause or error).strip().splitlines()[:1])
    said = f"the study storage {url} does not answer ({reason}); correct storage, or try again"
    return StoreError(hide_passwords(said))


class _Journal(Storage):
    """A file of one machine; locks of the operating system, which go with the process that holds them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / JOURNAL
        lock = _JournalLock(path)
        self.optuna = JournalStorage(JournalFileBackend(str(path), lock_obj=lock))  # type: ignore[arg-type]

    @contextmanager
    def exclusive(self, study_name: str, purpose: str = "proposals") -> Iterator[None]:  # noqa: ARG002 - one per folder
        with FileLock(self._folder / f".{purpose}.lock"):
            yield

    @contextmanager
    def lease(self, trial: FrozenTrial) -> Iterator[bool]:
        folder = self._folder / ".leases"
        folder.mkdir(exist_ok=True)
        lock = FileLock(folder / str(trial.number))
        try:
            lock.acquire(timeout=0)
        except Timeout:
            yield False
            return
        try:
            yield True
        finally:
            lock.release()

    def free_abandoned(self, study_id: int, trials: Sequence[FrozenTrial]) -> None:  # noqa: ARG002
        for trial in trials:
            if trial.state == TrialState.RUNNING:
                with self.lease(trial) as had:  # held until it waits again, so that nobody has taken it meanwhile
                    if had:
                        self._let_wait(trial)


class _JournalLock:
    """The journal's lock, which goes with its holder, where Optuna's own would stay for half a minute."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = FileLock(path.with_name(f".{path.name}.lock"))

    def acquire(self) -> bool:
        self._lock.acquire()
        _cut_half_line(self._path)  # what a killed process has left half-written
        return True

    def release(self) -> None:
        self._lock.release()


def _cut_half_line(path: Path) -> None:
    """Cut what follows the last end of a line."""
    if not path.exists() or not path.stat().st_size:
        return
    with path.open("rb+") as file:
        file.seek(-1, 2)
        if file.read(1) == b"\n":
            return
        file.seek(0)
        file.truncate(file.read().rfind(b"\n") + 1)


class _Postgres(Storage):
    """A database of many machines; heartbeats show which trials are alive, advisory locks who may propose."""

    def __init__(self, url: str) -> None:
        import sqlalchemy

        self._url = url.replace("postgresql://", "postgresql+psycopg://", 1)
        patience = {"connect_timeout": CONNECT_TIMEOUT}
        try:
            self._engine = sqlalchemy.create_engine(self._url, poolclass=sqlalchemy.NullPool, connect_args=patience)
            with self.exclusive(""), warnings.catch_warnings():  # tables that are made twice at once break
                warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
                self._tables = RDBStorage(
                    self._url, {"connect_args": patience}, heartbeat_interval=HEARTBEAT, grace_period=GRACE
                )
                self.optuna = optuna.storages.get_storage(self._tables)  # reads finished trials once
        except Exception as error:
            if isinstance(error, (*_gone(), ImportError, ValueError)):
                raise _no_answer(url, error) from error
            raise

    @contextmanager
    def exclusive(self, study_name: str, purpose: str = "proposals") -> Iterator[None]:
        import sqlalchemy

        digest = hashlib.sha256(f"mlproject {purpose} {study_name}".encode()).digest()
        key = int.from_bytes(digest[:8], "big", signed=True)
        with self._engine.connect() as connection:
            connection.execute(sqlalchemy.text("SELECT pg_advisory_lock(:key)"), {"key": key})
            yield  # closing the connection gives the lock back

    @contextmanager
    def lease(self, trial: FrozenTrial) -> Iterator[bool]:
        self._tables.record_heartbeat(trial._trial_id)  # before it runs: without one it would never count as abandoned
        stop = threading.Event()

        def beat() -> None:
            while not stop.wait(HEARTBEAT):
                with suppress(*_gone()):  # the next beat may come through, and the trial is recorded in any case
                    self._tables.record_heartbeat(trial._trial_id)

        thread = threading.Thread(target=beat, daemon=True)
        thread.start()
        try:
            yield True
        finally:
            stop.set()
            thread.join()

    def free_abandoned(self, study_id: int, trials: Sequence[FrozenTrial]) -> None:
        stale = set(self._tables._get_stale_trial_ids(study_id))
        for trial in trials:
            if trial._trial_id in stale:
                self._let_wait(trial)

    def close(self) -> None:
        self._tables.remove_session()
        self._tables.engine.dispose()
