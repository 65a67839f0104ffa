"""A small workspace of the demo corpus, its stages run in this process: no clone, no git, no DVC, no subprocess."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mlproject.workflows import up_to_date
from mlproject.workflows.inputs import LoadedCorpus, load_corpus
from mlproject.workflows.tracking_session import TrackingSession
from mlproject.workspace.paths import Workspace
from pipelines.stages import audio_features, lyrics_features, prepare, source
from tests import confs

ROOT = Path(__file__).resolve().parents[2]
TASKS = ("baseline", "easy", "hard", "statistics")


def configure(workspace: Workspace, file: str, **changes: object) -> None:
    """Change keys of a conf file; a double underscore goes one level down."""
    confs.configure(workspace.conf, file, **changes)


def keep_tasks(workspace: Workspace, *names: str) -> None:
    """Leave all other tasks out."""
    confs.keep_tasks(workspace.conf, *names)
    configure(workspace, "evaluation", ablation=[name for name in ("baseline", "easy", "hard") if name in names])


def empty_workspace(root: Path) -> Workspace:
    """Return a workspace with the committed conf files and nothing else, in a quick configuration."""
    shutil.copytree(ROOT / "conf", root / "conf")
    shutil.copy2(ROOT / "requirements.txt", root)
    workspace = Workspace(root)
    configure(workspace, "evaluation", figures=False, seeds=2, subsamples=4, control_seeds=1, n_init=2)
    return workspace


def run_data_stages(workspace: Workspace) -> None:
    """Run all stages before the tasks."""
    for stage in (source, prepare, audio_features, lyrics_features):
        stage.main([], workspace)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory) -> Workspace:
    """A workspace with data and features of 40 demo tracks; tests that change it work on a copy."""
    workspace = empty_workspace(tmp_path_factory.mktemp("prepared") / "a workspace")
    configure(workspace, "data", tracks_per_genre=4)
    configure(workspace, "tasks/easy", model__epochs=5)
    configure(workspace, "tasks/hard", model__epochs=5)
    keep_tasks(workspace, *TASKS)
    run_data_stages(workspace)
    return workspace


@pytest.fixture(scope="session")
def corpus(prepared) -> LoadedCorpus:
    return load_corpus(prepared)


@pytest.fixture
def workspace(prepared, tmp_path, monkeypatch) -> Workspace:
    """A copy of the prepared workspace with a store of its own; DVC stands still."""
    shutil.copytree(prepared.root, tmp_path / "a copy")
    for variable in ("MLFLOW_TRACKING_URI", "MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(up_to_date, "bring_up_to_date", lambda *_, meanwhile=lambda: None, **__: meanwhile())
    return Workspace(tmp_path / "a copy")


@pytest.fixture
def session(workspace) -> TrackingSession:
    return TrackingSession.start(workspace)


@pytest.fixture
def runs(workspace) -> Callable[[], list]:
    """Return all runs of the workspace's store, oldest first."""
    from mlflow import MlflowClient

    def read() -> list:
        client = MlflowClient(f"sqlite:///{workspace.root / 'mlflow.db'}")
        return list(client.search_runs(["0"], order_by=["attributes.start_time ASC"], max_results=1000))

    return read
