"""The processes that work on a study: how they are started and ended, and what each of them does."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, Any

from mlproject.config import TaskConfig
from mlproject.errors import ConfigError, MlprojectError
from mlproject.tracking.provenance import stage_hash
from mlproject.tracking.runs import isolated_environment
from pipelines import _workspace as workspace
from pipelines._inputs import load_inputs
from pipelines._study_settings import STORAGE, Settings

__all__ = ["ONE_THREAD", "check_is_here", "data_hashes", "laboratory", "last_words", "started_workers", "work_on"]

PATIENCE = 10  # s that a worker gets to give its trial back
# Of all libraries that are loaded after this, torch for one: sums over threads depend on their number.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
CONDUCTOR = "MLPROJECT_CONDUCTOR"  # process that a worker ends with


def work_on(name: str, url: str | None) -> int:
    """Work on a study until it is finished, or until the process that has started this one is gone."""
    from mlproject.tuning.shared_study import Ledger
    from mlproject.tuning.storage import answering, open_storage
    from mlproject.tuning.worker import work

    os.environ.update(ONE_THREAD)
    url = url or os.environ.get(STORAGE)
    check_is_here(name, url)
    conductor = os.environ.get(CONDUCTOR)
    with answering(url):
        ledger = Ledger.join(open_storage(url, workspace.STUDIES / name), name)
        _check_the_same(ledger.plan)
        return work(ledger, laboratory(ledger.plan), wanted=lambda: conductor in (None, str(os.getppid())))


def _check_the_same(plan: Any) -> None:
    """Refuse to work with other data, code or libraries than the study was started with: its trials would differ."""
    from mlproject.tuning.study_spec import code_hash, library_versions

    there = {**plan.data, "code": plan.code, **plan.libraries}
    here = data_hashes(plan.task) | {"code": code_hash()} | library_versions()
    if differing := [key for key in there if here.get(key) != there[key]]:
        raise ConfigError(
            f"this checkout has another {', '.join(differing)} than the study {plan.name!r}; bring both to the same "
            "commit, data and requirements (git checkout, dvc repro, pip install -r requirements.txt)"
        )


def check_is_here(name: str, url: str | None) -> None:
    """Refuse a study that this machine has not, before a file is made for it."""
    from mlproject.tuning.storage import JOURNAL

    if url is None and not (workspace.STUDIES / name / JOURNAL).exists():
        raise ConfigError(
            f"no study {name!r} on this machine; python -m pipelines.study starts one, storage names another place"
        )


def laboratory(plan: Any) -> Any:
    """Prepare data and common space for trials."""
    from mlproject.tuning.trial import Laboratory

    return Laboratory(plan.task, plan.baseline, plan.evaluation, load_inputs()[1])


@contextmanager
def started_workers(settings: Settings, ledger: Any) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Start workers; when the block ends they have ended too, their trials given back."""
    logs = settings.folder / "workers"
    logs.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pipelines.study", "--worker", "--study", settings.name]
    environment = isolated_environment() | ONE_THREAD | {CONDUCTOR: str(os.getpid())}
    environment |= {STORAGE: settings.storage} if settings.storage else {}
    count = 0 if ledger.is_finished() else settings.workers
    files: list[IO[bytes]] = [(logs / f"{os.getpid()}-{number}.log").open("wb") for number in range(count)]
    workers = [
        subprocess.Popen(command, cwd=workspace.ROOT, env=environment, stdout=file, stderr=file, start_new_session=True)
        for file in files
    ]
    try:
        yield workers
    finally:
        for worker in workers:
            if worker.poll() is None:
                worker.terminate()
        for worker in workers:
            try:
                worker.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                worker.kill()
        for file in files:
            file.close()
        with suppress(MlprojectError):  # a storage that is gone has nothing to give back
            ledger.free_abandoned()


def last_words(settings: Settings) -> str:
    """Return the last line that a worker of this process has said."""
    said = []
    for path in sorted((settings.folder / "workers").glob(f"{os.getpid()}-*.log")):
        said += path.read_text(errors="replace").strip().splitlines()[-1:]
    return said[-1] if said else "they said nothing"


def data_hashes(task: TaskConfig) -> dict[str, str]:
    """Return DVC's hashes of the present data and of the features that a task reads."""
    stages = workspace.feature_stages(task.blocks)
    return {"data": workspace.data_hash(), "features": stage_hash(workspace.LOCK, *stages)}
