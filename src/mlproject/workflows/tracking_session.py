"""One command at work on one checkout and one tracking store, and what its runs come from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from mlproject.config.evaluation import EvaluationConfig
from mlproject.config.overrides import flatten
from mlproject.config.tasks import TaskConfig
from mlproject.passwords import hide_passwords
from mlproject.results.hashes import config_hash, result_hash
from mlproject.tracking.runs import Origin
from mlproject.tracking.store import database_uri, ensure_store
from mlproject.workflows.jobs import Job
from mlproject.workspace.console import log
from mlproject.workspace.dvc import data_hash, features_hash
from mlproject.workspace.dvc_lock import lock_bytes
from mlproject.workspace.facts import corpus_facts
from mlproject.workspace.git import Commit, read_commit
from mlproject.workspace.paths import Workspace
from mlproject.workspace.settings import data_config, features_config
from mlproject.workspace.task_settings import BASELINE, task_config

__all__ = ["TrackingSession"]

PRIVATE = ("data.root", "data.artists", "description")  # the user's own paths, and a line that changes nothing


@dataclass(frozen=True)
class TrackingSession:
    """What every run of a command is logged with."""

    workspace: Workspace
    uri: str  # address of the tracking store
    commit: Commit  # the code that runs, read before DVC rewrites ``dvc.lock``

    @classmethod
    def start(cls, workspace: Workspace) -> TrackingSession:
        """Make sure that there is a store, and read the commit."""
        return cls(workspace, ensure_store(workspace.root, log=log), read_commit(workspace.root))

    @property
    def ui_command(self) -> str:
        """What shows the runs in a browser."""
        if self.uri == database_uri(self.workspace.root):
            return f"make ui, or: mlflow ui --backend-store-uri {self.uri!r}"
        if self.uri.startswith("http"):
            return hide_passwords(self.uri)
        return 'mlflow ui --backend-store-uri "$MLFLOW_TRACKING_URI"'

    @property
    def rejected(self) -> int:
        """Number of tracks that were left out in all or in part."""
        path = self.workspace.rejected
        return len(path.read_text().splitlines()) - 1 if path.exists() else 0

    def params(self, job: Job) -> dict[str, object]:
        """Flatten all that a run is configured by."""
        params = {"task": job.name, **flatten(job.task), **flatten(job.evaluation, "evaluation.")}
        params |= flatten(data_config(self.workspace), "data.") | flatten(features_config(self.workspace), "features.")
        return {key: value for key, value in params.items() if key not in PRIVATE}

    def baseline_hash(self, evaluation: EvaluationConfig) -> str:
        """Hash how PCA + K-Means, which everything is compared with, is configured."""
        return config_hash(flatten(task_config(self.workspace, BASELINE)), flatten(evaluation))

    def config_hash(self, task: TaskConfig, evaluation: EvaluationConfig) -> str:
        """Hash what a task and its evaluation share: all of their configuration but seeds, and data and features."""
        workspace = self.workspace
        came_from = (data_hash(workspace), features_hash(workspace, task.blocks), self.baseline_hash(evaluation))
        return config_hash(flatten(task), flatten(evaluation), came_from=came_from)

    def origin(self, job: Job, result: Path | None = None) -> Origin:
        """Put together what a run came from; `result` is the folder of a task's, a study or an evaluation has none."""
        workspace = self.workspace
        # What was asked for, since the same tracks lower it again.
        task, evaluation = job.asked or (job.task, job.evaluation)
        sections = {"task": task, "evaluation": evaluation, "features": features_config(workspace)}
        config = {name: section.model_dump(mode="json") for name, section in sections.items()}
        return Origin(
            corpus=corpus_facts(workspace).corpus,
            rejected=self.rejected,
            data_hash=data_hash(workspace),
            features_hash=features_hash(workspace, job.task.blocks),
            commit=self.commit,
            config_hash=self.config_hash(job.task, job.evaluation),
            result=result_hash(result) if result else "none",
            baseline_hash=self.baseline_hash(job.evaluation),
            lock=lock_bytes(workspace.lock).decode(),
            config=json.dumps(config, indent=2),
        )
