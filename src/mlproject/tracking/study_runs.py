"""A study -> one MLflow run, its trials as children: exactly one run per trial, whatever died when.

Workers do not write to MLflow. One process at a time copies finished trials from the study's storage, which is the only
truth: a trial that has its run is passed over, a run that was left half-written is completed, one too many is deleted.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from mlproject.passwords import hide_passwords
from mlproject.tracking.runs import OWNER, Origin, finite, log_values, name_started_run, origin_tags, tag_reason
from mlproject.tracking.store import find_runs, open_experiment, store_client
from mlproject.workspace.process import this_process

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

__all__ = ["StudyRun", "TrialRecord"]

STATUS = {"complete": "FINISHED", "pruned": "FINISHED", "fail": "FAILED"}
OUTCOME = {"complete": "finished", "pruned": "pruned", "fail": "failed"}


@dataclass(frozen=True)
class TrialRecord:
    """A finished trial as its run shows it."""

    number: int
    state: str  # complete, pruned or fail
    started: int  # ms since the epoch, as `ended`
    ended: int
    params: Mapping[str, Any]  # the flattened configuration
    metrics: Mapping[str, float | None]
    loss_curve: Sequence[float] = ()  # by epoch
    reason: str = ""  # of a trial that failed or was pruned
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass
class StudyRun:
    """The run of a study; `open` finds or makes it."""

    client: MlflowClient
    experiment: str  # id
    key: str  # what distinguishes the study from others of its name
    name: str
    tags: Mapping[str, str]  # of the study and of each trial
    run_id: str = ""
    logged: set[int] = field(default_factory=set)  # numbers of the trials that are known to have their runs

    @classmethod
    def open(cls, uri: str, *, key: str, name: str, tags: Mapping[str, str], origin: Origin) -> Self:
        """Find the run of a study, take the one that `mlflow run` has started, or make one, and mark it as running."""
        from mlflow import MlflowException

        experiment = open_experiment(uri)
        # Tags of the study and of each of its trials.
        known = {**origin_tags(origin), **tags, "study": name, "study_key": key}
        run = cls(store_client(), experiment, key, name, known)
        run.run_id = run._find() or run._start()  # a study that was started before keeps its run
        run.client.update_run(run.run_id, status="RUNNING")
        run.client.set_tag(run.run_id, "outcome", "running")
        run.client.set_tag(run.run_id, OWNER, this_process())
        with suppress(MlflowException):  # there is none of a run that has not failed before
            run.client.delete_tag(run.run_id, "reason")
        return run

    def log_trials(self, records: Sequence[TrialRecord]) -> None:
        """Give each finished trial its run; to be called by one process at a time."""
        new = [record for record in records if record.number not in self.logged]
        if not new:
            return
        children: dict[int, list[Run]] = {}  # the runs that trials have, by the number of the trial, oldest first
        for run in self._runs("trial"):
            children.setdefault(int(run.data.tags["trial"]), []).append(run)
        for record in new:
            self._log_trial(record, children.get(record.number, []))
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
            log = self.client.log_artifacts if path.is_dir() else self.client.log_artifact
            log(self.run_id, str(path), *([path.name] if path.is_dir() else []))
        self.client.set_terminated(self.run_id, status)

    def interrupt(self) -> None:
        """Say that the study waits to be continued."""
        self.client.set_tag(self.run_id, "outcome", "interrupted")
        self.client.set_terminated(self.run_id, "KILLED")

    def fail(self, reason: str) -> None:
        """Say why the study ended before its last trial."""
        tag_reason(self.run_id, "failed", reason)
        self.client.set_terminated(self.run_id, "FAILED")

    def _find(self) -> str | None:
        runs = self._runs("study")
        if not runs:
            return None
        run_id = str(runs[0].info.run_id)
        if os.environ.get("MLFLOW_RUN_ID") not in (None, run_id):
            tags = {"kind": "continuation", "study": self.name, "study_run": run_id}
            name_started_run(f"{self.name} (continued)", tags)
        return run_id

    def _start(self) -> str:
        """Take the run that `mlflow run` has started, or make one."""
        tags = {**self.tags, "kind": "study", "outcome": "running"}
        if run_id := os.environ.get("MLFLOW_RUN_ID"):
            name_started_run(self.name, tags)
            return run_id
        return str(self.client.create_run(self.experiment, tags=tags, run_name=self.name).info.run_id)

    def _runs(self, kind: str) -> list[Run]:
        query = f"tags.study_key = '{self.key}' and tags.kind = '{kind}'"
        return find_runs(self.client, self.experiment, query, oldest_first=True)

    def _log_trial(self, record: TrialRecord, runs: Sequence[Run]) -> None:
        for surplus in runs[1:]:
            self.client.delete_run(surplus.info.run_id)
        run = runs[0] if runs else None
        if run is not None and run.info.status == STATUS[record.state]:
            return
        tags = {
            **self.tags,
            OWNER: this_process(),
            "kind": "trial",
            "trial": str(record.number),
            "mlflow.parentRunId": self.run_id,
            "outcome": OUTCOME[record.state],
            **({"reason": hide_passwords(record.reason)[:5000]} if record.reason else {}),
            **record.tags,
        }
        if run is None:
            name = f"{self.name} trial {record.number}"
            run = self.client.create_run(self.experiment, start_time=record.started, tags=tags, run_name=name)
        run_id, metrics = run.info.run_id, finite(record.metrics)
        log_values(run_id, metrics=metrics, loss_curve=record.loss_curve, params=record.params, at=record.ended)
        self.client.set_terminated(run_id, STATUS[record.state], record.ended)
