"""A study -> one MLflow run, its trials as children: exactly one run a trial, whatever died when.

Workers do not write to MLflow. One process at a time copies finished trials from the study's storage, which is the only
truth: a trial that has its run is passed over, a run that was left half-written is completed, one too many is deleted.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlproject.tracking.runs import Origin, finite, log_batches, log_values, name_started_run, origin_tags, tag_reason
from mlproject.tracking.store import open_experiment

__all__ = ["StudyRun", "TrialRecord"]

STATUS = {"complete": "FINISHED", "pruned": "FINISHED", "fail": "FAILED"}
OUTCOME = {"complete": "finished", "pruned": "pruned", "fail": "failed"}


@dataclass(frozen=True)
class TrialRecord:
    """A finished trial as its run shows it.

    Attributes
    ----------
    number : int
    state : {"complete", "pruned", "fail"}
    started, ended : int
        ms since the epoch.
    params : mapping
        The flattened configuration.
    metrics : mapping of str to float or None
    loss_curve : sequence of float
        By epoch.
    reason : str
        Of a trial that failed or was pruned.
    """

    number: int
    state: str
    started: int
    ended: int
    params: Mapping[str, Any]
    metrics: Mapping[str, float | None]
    loss_curve: Sequence[float] = ()
    reason: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


class StudyRun:
    """The run of a study.

    Parameters
    ----------
    uri : str
        Tracking URI.
    key : str
        What tells the study from others of its name.
    name : str
    tags : mapping of str to str
        Of the study and of each trial.
    origin : Origin

    Attributes
    ----------
    run_id : str
    logged : set of int
        Numbers of the trials that are known to have their runs.
    """

    def __init__(self, uri: str, *, key: str, name: str, tags: Mapping[str, str], origin: Origin) -> None:
        from mlflow import MlflowClient, MlflowException

        self._experiment = open_experiment(uri)
        self._client: Any = MlflowClient()
        self._key, self.name = key, name
        self._tags = {**origin_tags(origin), **tags, "study": name, "study_key": key}
        self.run_id = self._find() or self._adopt() or self._create()
        self._client.update_run(self.run_id, status="RUNNING")
        self._client.set_tag(self.run_id, "outcome", "running")
        with suppress(MlflowException):  # there is none of a run that has not failed before
            self._client.delete_tag(self.run_id, "reason")
        self.logged: set[int] = set()

    def log_trials(self, records: Sequence[TrialRecord]) -> None:
        """Give each finished trial its run; to be called by one process at a time."""
        new = [record for record in records if record.number not in self.logged]
        if not new:
            return
        found = self._children()
        for record in new:
            self._log_trial(record, found.get(record.number, []))
            self.logged.add(record.number)

    def finish(
        self,
        *,
        metrics: Mapping[str, float],
        params: Mapping[str, Any],
        note: str,
        folder: Path,
        status: str = "FINISHED",
    ) -> None:
        """Write down what came of the study, with its files, and end its run."""
        tags = {"outcome": "finished" if status == "FINISHED" else "failed", "mlflow.note.content": note}
        log_values(self.run_id, metrics=metrics, params=params, tags=tags)
        for path in sorted(folder.iterdir()):
            if path.name.startswith(".") or path.suffix == ".log" or path.name == "workers":
                continue
            log = self._client.log_artifacts if path.is_dir() else self._client.log_artifact
            log(self.run_id, str(path), *([path.name] if path.is_dir() else []))
        self._client.set_terminated(self.run_id, status)

    def interrupt(self) -> None:
        """Say that the study waits to be gone on with."""
        self._client.set_tag(self.run_id, "outcome", "interrupted")
        self._client.set_terminated(self.run_id, "KILLED")

    def fail(self, reason: str) -> None:
        """Say why the study ended before its last trial."""
        tag_reason(self.run_id, "failed", reason)
        self._client.set_terminated(self.run_id, "FAILED")

    def _find(self) -> str | None:
        runs = self._client.search_runs(
            [self._experiment],
            f"tags.study_key = '{self._key}' and tags.kind = 'study'",
            order_by=["attributes.start_time ASC"],
            max_results=1,
        )
        if not runs:
            return None
        run_id = str(runs[0].info.run_id)
        if os.environ.get("MLFLOW_RUN_ID") not in (None, run_id):
            name_started_run(
                f"{self.name} (continued)", {"kind": "continuation", "study": self.name, "study_run": run_id}
            )
        return run_id

    def _adopt(self) -> str | None:
        """Take the run that `mlflow run` has started."""
        run_id = os.environ.get("MLFLOW_RUN_ID")
        if run_id:
            name_started_run(self.name, {**self._tags, "kind": "study", "outcome": "running"})
        return run_id

    def _create(self) -> str:
        tags = {**self._tags, "kind": "study", "outcome": "running"}
        run = self._client.create_run(self._experiment, start_time=_now(), tags=tags, run_name=self.name)
        return str(run.info.run_id)

    def _children(self) -> dict[int, list[Any]]:
        """Return the runs that trials have, by the number of the trial, oldest first."""
        found: dict[int, list[Any]] = {}
        token = None
        while True:
            page = self._client.search_runs(
                [self._experiment],
                f"tags.study_key = '{self._key}' and tags.kind = 'trial'",
                order_by=["attributes.start_time ASC"],
                max_results=1000,
                page_token=token,
            )
            for run in page:
                found.setdefault(int(run.data.tags["trial"]), []).append(run)
            token = page.token
            if not token:
                return found

    def _log_trial(self, record: TrialRecord, runs: Sequence[Any]) -> None:
        for surplus in runs[1:]:
            self._client.delete_run(surplus.info.run_id)
        run = runs[0] if runs else None
        if run is not None and run.info.status == STATUS[record.state]:
            return
        tags = {
            **self._tags,
            "kind": "trial",
            "trial": str(record.number),
            "mlflow.parentRunId": self.run_id,
            "outcome": OUTCOME[record.state],
            **({"reason": record.reason[:5000]} if record.reason else {}),
            **record.tags,
        }
        if run is None:
            run = self._client.create_run(
                self._experiment, start_time=record.started, tags=tags, run_name=f"{self.name} trial {record.number}"
            )
        points = [(name, value, 0) for name, value in finite(record.metrics).items()]
        points += [("loss", float(loss), epoch) for epoch, loss in enumerate(record.loss_curve, start=1)]
        log_batches(self._client, run.info.run_id, points, record.params, {}, record.ended)
        self._client.set_terminated(run.info.run_id, STATUS[record.state], record.ended)


def _now() -> int:
    return int(time.time() * 1000)
