"""The processes that work on a study: how they are started and ended, and what each of them does."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

from mlproject.config.tasks import TaskConfig
from mlproject.errors import ConfigError, MlprojectError
from mlproject.tuning.shared_study import SharedStudy
from mlproject.tuning.storage import JOURNAL, answering, open_storage
from mlproject.tuning.study_spec import StudySpec, code_hash, library_versions
from mlproject.tuning.trial import Objective
from mlproject.tuning.worker import work
from mlproject.workflows.inputs import load_corpus
from mlproject.workflows.study_settings import STORAGE, StudySettings
from mlproject.workspace.dvc import data_hash, features_hash
from mlproject.workspace.environment import isolated_environment
from mlproject.workspace.paths import Workspace

__all__ = [
    "ONE_THREAD",
    "check_is_here",
    "data_hashes",
    "last_log_line",
    "prepared_objective",
    "started_workers",
    "work_on_study",
]

PATIENCE = 10  # s that a worker gets to give its trial back
# Of all libraries that are loaded after this, torch for one: sums over threads depend on their number.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
CONDUCTOR = "MLPROJECT_CONDUCTOR"  # process that a worker ends with


def work_on_study(workspace: Workspace, name: str, storage: str | None) -> int:
    """Work on a study until it is finished, or until the process that has started this one is gone.

    `storage` is the address of a database; None looks for a journal in this workspace. Returns the number of trials
    that were run here. Raises `ConfigError` if there is no such study, or this checkout has other data, code or
    libraries than it was started with.
    """
    os.environ.update(ONE_THREAD)
    url = storage or os.environ.get(STORAGE)
    check_is_here(workspace, name, url)
    conductor = os.environ.get(CONDUCTOR)
    with answering(url):
        study = SharedStudy.join(open_storage(url, workspace.studies / name), name)
        _check_the_same(workspace, study.spec)
        objective = prepared_objective(workspace, study.spec)
        return work(study, objective, should_continue=lambda: conductor in (None, str(os.getppid())))


def _check_the_same(workspace: Workspace, spec: StudySpec) -> None:
    """Refuse to work with other data, code or libraries than the study was started with: its trials would differ."""
    there = {**spec.data, "code": spec.code, **spec.libraries}
    here = data_hashes(workspace, spec.task) | {"code": code_hash()} | library_versions()
    if differing := [key for key in there if here.get(key) != there[key]]:
        raise ConfigError(
            f"this checkout has another {', '.join(differing)} than the study {spec.name!r}; bring both to the same "
            "commit, data and requirements (git checkout, dvc repro, pip install -r requirements.txt)"
        )


def check_is_here(workspace: Workspace, name: str, url: str | None) -> None:
    """Refuse a study that this machine has not, before a file is made for it."""
    if url is None and not (workspace.studies / name / JOURNAL).exists():
        raise ConfigError(
            f"no study {name!r} on this machine; python -m pipelines.study starts one, storage names another place"
        )


def prepared_objective(workspace: Workspace, spec: StudySpec) -> Objective:
    """Prepare data and common space for trials."""
    return Objective.prepare(spec.task, spec.baseline, spec.evaluation, load_corpus(workspace).inputs)


@contextmanager
def started_workers(
    workspace: Workspace, settings: StudySettings, study: SharedStudy
) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Start workers; when the block ends they have ended too, their trials given back."""
    logs = settings.folder / "workers"
    logs.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pipelines.study", "--worker", "--study", settings.name]
    environment = isolated_environment() | ONE_THREAD | {CONDUCTOR: str(os.getpid())}
    environment |= {STORAGE: settings.storage} if settings.storage else {}
    count = 0 if study.is_finished() else settings.workers
    files: list[IO[bytes]] = [(logs / f"{os.getpid()}-{number}.log").open("wb") for number in range(count)]
    workers = [
        subprocess.Popen(command, cwd=workspace.root, env=environment, stdout=file, stderr=file, start_new_session=True)
        for file in files
    ]
    try:
        yield workers
    finally:
        _end(workers)
        for file in files:
            file.close()
        with suppress(MlprojectError):  # a storage that is gone has nothing to give back
            study.free_abandoned()


def _end(workers: list[subprocess.Popen[bytes]]) -> None:
    for worker in workers:
        if worker.poll() is None:
            worker.terminate()
    for worker in workers:
        try:
            worker.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            worker.kill()


def last_log_line(settings: StudySettings) -> str:
    """Return the last line that a worker of this process has logged."""
    lines = []
    for path in sorted((settings.folder / "workers").glob(f"{os.getpid()}-*.log")):
        lines += path.read_text(errors="replace").strip().splitlines()[-1:]
    return lines[-1] if lines else "they logged nothing"


def data_hashes(workspace: Workspace, task: TaskConfig) -> dict[str, str]:
    """Return DVC's hashes of the present data and of the features that a task reads."""
    return {"data": data_hash(workspace), "features": features_hash(workspace, task.blocks)}
