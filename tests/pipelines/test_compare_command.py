"""The stages `compare` and `track`: results become runs and versions, runs become a leaderboard."""

from __future__ import annotations

import pandas as pd
import pytest
from mlflow import MlflowClient

pytestmark = [pytest.mark.pipeline, pytest.mark.slow]
TASKS = ["baseline", "easy", "hard", "medium"]


def _client(clone) -> MlflowClient:
    uri = f"sqlite:///{clone.folder / 'mlflow.db'}"
    return MlflowClient(uri, registry_uri=uri)


def _versions(clone) -> list:
    return list(_client(clone).search_model_versions("name = 'genre-clusters'"))


def _alias(clone, name: str):
    return _client(clone).get_model_version_by_alias("genre-clusters", name)


def test_the_stage_gives_every_task_a_version_with_its_card_and_verdict(finished):
    versions = _versions(finished)
    assert sorted(version.tags["task"] for version in versions) == TASKS
    assert _alias(finished, "baseline").tags["task"] == "baseline"
    medium = next(version for version in versions if version.tags["task"] == "medium")
    assert medium.tags["label_use"] == "label-free"
    assert medium.tags["verdict"] in ("beats", "ties", "loses")
    assert "against PCA + K-Means" in medium.description
    hard = next(version for version in versions if version.tags["task"] == "hard")
    assert (hard.tags["label_use"], hard.tags["verdict"]) == ("label-informed", "none")
    assert "which nobody knows of new music" in hard.description
    comparison = next(run for run in finished.runs() if run.get("kind") == "comparison")
    assert comparison["status"] == "FINISHED"
    assert "## Label-informed" in comparison["mlflow.note.content"]


def test_a_run_on_other_data_gets_its_own_baseline_first(finished_copy):
    before = _alias(finished_copy, "baseline")
    finished_copy.configure("data", tracks_per_genre=5)
    output = finished_copy.run("python", "-m", "pipelines.task", "task=easy")
    assert "no baseline on these data yet" in output
    after = _alias(finished_copy, "baseline")
    assert after.tags["data_hash"] != before.tags["data_hash"]
    easy, baseline = _versions(finished_copy)[:2]
    assert (easy.tags["task"], baseline.tags["task"]) == ("easy", "baseline")
    assert easy.tags["data_hash"] == baseline.tags["data_hash"]
    finished_copy.configure("data", tracks_per_genre=4)
    finished_copy.run("python", "-m", "pipelines.task", "task=easy")
    assert _alias(finished_copy, "baseline").version == before.version


def test_the_stage_writes_a_leaderboard_without_times(finished):
    rows = pd.read_csv(finished.folder / "artifacts" / "comparison" / "leaderboard.csv")
    assert sorted(rows.task) == TASKS
    assert rows.seconds.isna().all()
    assert rows.improvement_percent.notna().any()
