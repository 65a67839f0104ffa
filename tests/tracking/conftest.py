"""The store of `stored_versions`, made once and copied for each test."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing

import pytest

from mlproject.tracking.store import ensure_store, open_experiment
from tests.prediction.trained_tasks import train
from tests.tracking.registry.stored_versions import REASON, VARIABLES, Logged, track


@pytest.fixture(scope="session")
def logged(tmp_path_factory):
    folder = tmp_path_factory.mktemp("store")
    with pytest.MonkeyPatch.context() as patch:
        for name in VARIABLES:
            patch.delenv(name, raising=False)
        patch.chdir(folder)
        uri = ensure_store(folder)
        task, refused = train(folder / "own", name="baseline"), train(folder / "hard", refusal=REASON, name="hard")
        run = track(uri, task, name="baseline", baseline=True)
        track(uri, refused, name="hard", baseline=False)
    return Logged(uri, run, task)


@pytest.fixture
def store(logged, tmp_path, monkeypatch):
    """A copy of the store, for a test that changes it; artifacts are those of the original."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "path", list(sys.path))  # MLflow puts a model's code there
    own, copy = logged.uri.removeprefix("sqlite:///"), tmp_path / "mlflow.db"
    with closing(sqlite3.connect(own)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    uri = f"sqlite:///{copy}"
    open_experiment(uri)
    return logged._replace(uri=uri)
