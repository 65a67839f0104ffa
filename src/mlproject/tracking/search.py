"""Runs of the store, found again: finished tasks, their evaluations, and the files that they logged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from mlproject.errors import ConfigError, did_you_mean
from mlproject.tracking.registry.versions import find_version
from mlproject.tracking.store import open_experiment

__all__ = [
    "FinishedTask",
    "all_runs",
    "evaluations_by_setting",
    "files_of",
    "find_task",
    "finished_tasks",
]


COSTS = {"seconds": "seconds/train", "memory_mib": "memory/peak_mib"}


@dataclass(frozen=True)
class FinishedTask:
    """A run of a task.

    Attributes
    ----------
    run_id, name, task : str
    tags, params : dict of str to str
    costs : dict of str to float
        ``seconds`` of the training, ``memory_mib`` of the process at its end.
    started : datetime
        With a time zone.
    """

    run_id: str
    name: str
    task: str
    tags: dict[str, str]
    params: dict[str, str]
    costs: dict[str, float]
    started: datetime

    @classmethod
    def of(cls, run: Any) -> FinishedTask:
        """Read a run of MLflow's."""
        measured = {
            "seconds": run.data.metrics.get("seconds/train"),
            "memory_mib": run.data.metrics.get("memory/peak_mib"),
        }
        costs = {name: value for name, value in measured.items() if value is not None}
        started = datetime.fromtimestamp(run.info.start_time / 1000).astimezone()
        tags = run.data.tags
        return cls(run.info.run_id, run.info.run_name, tags["task"], tags, run.data.params, costs, started)


def finished_tasks(
    uri: str, *, task: str | None = None, data: str | None = None, since: datetime | None = None
) -> list[FinishedTask]:
    """List finished runs of tasks, the newest first.

    Parameters
    ----------
    uri : str
        Tracking store.
    task : str, optional
        Only this one's.
    data : str, optional
        Only those on data whose hash begins so.
    since : datetime, optional
        Only those that started then or later; with a time zone.
    """
    runs = [FinishedTask.of(run) for run in _search(uri, "task")]
    return [
        run
        for run in runs
        if (task is None or run.task == task)
        and (data is None or run.tags.get("data_hash", "").startswith(data))
        and (since is None or run.started >= since)
    ]


def evaluations_by_setting(uri: str) -> dict[str, str]:
    """Map each setting to the id of its best evaluation: most seeds and subsamples, the newest of equals."""
    best: dict[str, tuple[int, str]] = {}
    for run in _search(uri, "evaluation"):
        params, setting = run.data.params, run.data.tags.get("setting", "unknown")
        effort = int(params.get("evaluation.seeds", 0)) * int(params.get("evaluation.subsamples", 0))
        if effort > best.get(setting, (-1, ""))[0]:
            best[setting] = (effort, run.info.run_id)
    return {setting: run_id for setting, (_, run_id) in best.items()}


def find_task(uri: str, reference: str) -> FinishedTask:
    """Return a run by its id, its name (the newest of that name), or a version or alias of the registered model.

    Raises
    ------
    ConfigError
        If there is none.
    """
    runs = finished_tasks(uri)
    for run in runs:
        if reference in (run.run_id, run.name):
            return run
    try:
        version = find_version(reference)
    except ConfigError:
        names = dict.fromkeys(run.name for run in runs)
        hint = did_you_mean(reference, list(names)[:20]) if names else "there is none; run a task first"
        raise ConfigError(f"{reference!r} is no finished run of a task, no version and no alias; {hint}") from None
    found = next((run for run in runs if run.run_id == version.run_id), None)
    if found is None:
        raise ConfigError(f"version {version.version} is of a run that is not there or did not finish")
    return found


def all_runs(uri: str) -> list[Any]:
    """Return every run of the experiment, of whatever kind and however it ended, the newest first."""
    return _pages(uri, "")


def files_of(run_id: str, needed: Sequence[str], folder: Path) -> Path:
    """Return a folder that has files that a run logged; those in a local store are used where they lie.

    Parameters
    ----------
    run_id : str
    needed : sequence of str
        Names of files; one that the run did not log is left out.
    folder : Path
        Gets them where the store is elsewhere.
    """
    from mlflow import MlflowClient
    from mlflow.artifacts import download_artifacts
    from mlflow.utils.file_utils import local_file_uri_to_path

    client = MlflowClient()
    address = client.get_run(run_id).info.artifact_uri
    if address.startswith(("/", "file:")):
        return Path(local_file_uri_to_path(address))  # type: ignore[no-untyped-call]
    there = {file.path for file in client.list_artifacts(run_id)}
    for name in needed:
        if name in there:
            download_artifacts(run_id=run_id, artifact_path=name, dst_path=str(folder))
    return folder


def _search(uri: str, kind: str) -> list[Any]:
    return _pages(uri, f"attributes.status = 'FINISHED' and tags.kind = '{kind}' and tags.outcome = 'finished'")


def _pages(uri: str, wanted: str) -> list[Any]:
    from mlflow import MlflowClient

    client, found, token = MlflowClient(uri), list[Any](), None
    experiment = open_experiment(uri)
    while True:
        page = client.search_runs(
            [experiment], wanted, order_by=["attributes.start_time DESC"], max_results=1000, page_token=token
        )
        found += list(page)
        token = page.token
        if not token:
            return found
