"""Runs of the store, found again: finished tasks, their evaluations, and the files that they logged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from mlproject.errors import ConfigError, did_you_mean
from mlproject.results.record import SCHEMA_VERSION
from mlproject.tracking.registry.versions import find_version
from mlproject.tracking.store import find_runs, open_experiment, store_client

if TYPE_CHECKING:
    from mlflow.entities import Run

__all__ = [
    "FinishedTask",
    "all_runs",
    "best_label_free",
    "evaluations_by_config",
    "files_of",
    "find_task",
    "finished_tasks",
]

COSTS = {"seconds": "seconds/train", "memory_mib": "memory/peak_mib"}


@dataclass(frozen=True)
class FinishedTask:
    """A run of a task."""

    run_id: str
    name: str
    task: str
    tags: dict[str, str]
    params: dict[str, str]
    costs: dict[str, float]  # ``seconds`` of the training, ``memory_mib`` of the process at its end
    started: datetime  # with a time zone

    @classmethod
    def of(cls, run: Run) -> FinishedTask:
        """Read a run of MLflow's."""
        costs = {name: run.data.metrics[key] for name, key in COSTS.items() if key in run.data.metrics}
        started = datetime.fromtimestamp(run.info.start_time / 1000).astimezone()
        tags = run.data.tags
        return cls(run.info.run_id, run.info.run_name, tags["task"], tags, run.data.params, costs, started)


def finished_tasks(
    uri: str,
    *,
    task: str | None = None,
    data: str | None = None,
    since: datetime | None = None,
    log: Callable[[str], None] | None = None,
) -> list[FinishedTask]:
    """List finished runs of tasks, the newest first; those that an earlier version has logged are left out.

    Only those of `task`, on data whose hash begins with `data`, started at `since` (with a time zone) or later; `log`
    gets one line that counts the runs that were left out, if there are any.
    """
    runs = [
        run
        for run in map(FinishedTask.of, _search(uri, "task"))
        if (task is None or run.task == task)
        and (data is None or run.tags.get("data_hash", "").startswith(data))
        and (since is None or run.started >= since)
    ]
    current = [run for run in runs if _is_current(run.tags)]
    if log is not None and (n_outdated := len(runs) - len(current)):
        log(f"runs of an earlier version that are left out: {n_outdated}; run their tasks again to compare them")
    return current


def best_label_free(uri: str, data: str) -> tuple[str, float] | None:
    """Return name and AMI of the best label-free run on data of a hash, means over seeds where it was evaluated."""
    wanted = {"data_hash": data, "label_use": "label-free", "schema_version": str(SCHEMA_VERSION)}.items()
    free = [run for run in _search(uri, "task") if wanted <= run.data.tags.items()]
    amis = [(run.data.metrics.get("mean/ami", run.data.metrics.get("ami")), run.info.run_name) for run in free]
    ami, name = max(((ami, name) for ami, name in amis if ami is not None), default=(None, ""))
    return None if ami is None else (name, ami)


def evaluations_by_config(uri: str) -> dict[str, str]:
    """Map each config hash to the id of its best evaluation: most seeds and subsamples, the newest of equals."""
    best: dict[str, tuple[int, str]] = {}
    for run in _search(uri, "evaluation"):
        params, config_hash = run.data.params, run.data.tags.get("config_hash", "unknown")
        # Evaluations, newest first: the first of equals stays.
        budget = int(params.get("evaluation.seeds", 0)) * int(params.get("evaluation.subsamples", 0))
        if _is_current(run.data.tags) and budget > best.get(config_hash, (-1, ""))[0]:
            best[config_hash] = (budget, run.info.run_id)
    return {config_hash: run_id for config_hash, (_, run_id) in best.items()}


def _is_current(tags: dict[str, str]) -> bool:
    """Whether the files of a run have the present schema."""
    return tags.get("schema_version") == str(SCHEMA_VERSION)


def find_task(uri: str, reference: str) -> FinishedTask:
    """Return a run by its id, its name (the newest of that name), or a version or alias of the registered model.

    Raises `ConfigError` if there is none.
    """
    everything = [FinishedTask.of(run) for run in _search(uri, "task")]
    runs = [run for run in everything if _is_current(run.tags)]
    for run in runs:
        if reference in (run.run_id, run.name):
            return run
    if any(reference in (run.run_id, run.name) for run in everything):
        raise ConfigError(f"{reference!r} was logged by an earlier version of this project; run its task again")
    try:
        version = find_version(reference)
    except ConfigError:
        names = dict.fromkeys(run.name for run in runs)  # newest first, each once
        hint = did_you_mean(reference, list(names)[:20]) if names else "there is none; run a task first"
        raise ConfigError(f"{reference!r} is no finished run of a task, no version and no alias; {hint}") from None
    logged = next((run for run in runs if run.run_id == version.run_id), None)
    if logged is None:
        raise ConfigError(f"version {version.version} is of a run that is not there, did not finish or is outdated")
    return logged


def all_runs(uri: str) -> list[Run]:
    """Return every run of the experiment, of whatever kind and however it ended, the newest first."""
    return find_runs(store_client(uri), open_experiment(uri), "")


def files_of(run_id: str, needed: Sequence[str], folder: Path) -> Path:
    """Return a folder that has files that a run logged; those in a local store are used where they lie.

    Others are loaded into `folder`; one of the `needed` that the run did not log is left out.
    """
    from mlflow.artifacts import download_artifacts
    from mlflow.utils.file_utils import local_file_uri_to_path

    client = store_client()
    address = client.get_run(run_id).info.artifact_uri
    if address.startswith(("/", "file:")):
        return Path(local_file_uri_to_path(address))  # type: ignore[no-untyped-call]
    there = {file.path for file in client.list_artifacts(run_id)}
    for name in needed:
        if name in there:
            download_artifacts(run_id=run_id, artifact_path=name, dst_path=str(folder))
    return folder


def _search(uri: str, kind: str) -> list[Run]:
    query = f"attributes.status = 'FINISHED' and tags.kind = '{kind}' and tags.outcome = 'finished'"
    return find_runs(store_client(uri), open_experiment(uri), query)
