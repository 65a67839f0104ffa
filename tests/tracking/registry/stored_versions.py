"""A store with versions of small tasks, and more of them as a test needs."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pytest

from mlproject.config.overrides import flatten
from mlproject.results.hashes import result_hash
from mlproject.tracking.registry import versions as registry
from mlproject.tracking.registry.register import register_task
from mlproject.tracking.runs import Origin, TaskRun, open_run
from mlproject.tracking.task_runs import log_task
from mlproject.workspace.git import Commit
from tests.prediction.trained_tasks import SOUND, Trained

MARKS = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Operation with range is deprecated"),  # MLflow's own use of pandas
]
REQUIREMENTS = Path(__file__).resolve().parents[3] / "requirements.txt"
REASON = "hard was trained with the genre (genre), which nobody knows of new music; take a label-free model"
DATA, OTHER_DATA, PCA = "d" * 32, "e" * 32, "p" * 32
VARIABLES = ("MLFLOW_TRACKING_URI", "MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID")


class Logged(NamedTuple):
    """A store with two versions: 1 is the PCA baseline, 2 a task that refuses new music."""

    uri: str
    run: TaskRun
    task: Trained


def track(uri: str, task: Trained, *, name: str, baseline: bool, run_id: str | None = None) -> TaskRun:
    """Log and register a task."""
    origin = Origin(
        "demo",
        2,
        DATA,
        "f" * 32,
        Commit("c" * 40, "true"),
        config_hash="5" * 32,
        baseline_hash=PCA,
        result=result_hash(task.output.folder),
    )
    with open_run(uri, name, task=name, run_id=run_id) as run:
        log_task(run, task.output, params=flatten(SOUND), origin=origin, figures=None)
        register_task(run, task.output, origin=origin, requirements=REQUIREMENTS, is_baseline=baseline)
    return run


def add_version(store: Logged, **tags: str) -> Any:
    """Make a further version of the logged run, label-free and better by 0.1 AMI unless the tags say otherwise."""
    from mlflow import MlflowClient

    given = {
        "task": "deep",
        "label_use": "label-free",
        "data_hash": DATA,
        "baseline_hash": PCA,
        "evaluation_budget": "full",
        "difference_ami": "0.1",
    } | tags
    version = MlflowClient().create_model_version(registry.MODEL, "file:///nowhere", store.run.run_id, tags=given)
    return registry.find_version(str(version.version))


def again(version: Any) -> Any:
    return registry.find_version(str(version.version))
