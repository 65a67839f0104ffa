"""The command and stage `compare`: results become runs and versions, runs become a leaderboard."""

from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest
from mlflow import MlflowClient

pytestmark = [pytest.mark.pipeline, pytest.mark.slow]
TASKS = ["baseline", "easy", "hard", "medium"]
COMPARE = ("python", "-m", "pipelines.compare")


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
    assert medium.tags["representation"] == "label-free"
    assert medium.tags["verdict"] in ("beats", "ties", "loses")
    assert "against PCA + K-Means" in medium.description
    hard = next(version for version in versions if version.tags["task"] == "hard")
    assert (hard.tags["representation"], hard.tags["verdict"]) == ("label-informed", "no claim")
    assert "which nobody knows of new music" in hard.description
    comparison = next(run for run in finished.runs() if run.get("kind") == "comparison")
    assert comparison["status"] == "FINISHED"
    assert "## Label-informed" in comparison["mlflow.note.content"]


def test_the_stage_says_where_its_report_is_if_there_is_one(finished_copy):
    written = finished_copy.folder / "artifacts" / "comparison" / "report.html"
    assert str(written) not in finished_copy.run(*COMPARE, "stage=compare")
    places = {name: np.arange(40.0) for name in ("umap_x", "umap_y", "tsne_x", "tsne_y")}
    pd.DataFrame(places).to_parquet(finished_copy.folder / "artifacts" / "tasks" / "easy" / "maps.parquet")
    assert f"in a browser: {written}" in finished_copy.run(*COMPARE, "stage=compare").replace("\n", "")
    assert written.is_file()


def test_results_without_a_run_in_the_store_get_theirs(finished_copy):
    (finished_copy.folder / "mlflow.db").unlink()
    shutil.rmtree(finished_copy.folder / "mlruns")
    output = finished_copy.run(*COMPARE)
    assert output.count("had no run in this store and has one now") == 4
    assert "not promoted: " in output
    assert "baseline (" not in output
    assert "report.html are among its artifacts" in output
    assert sorted(version.tags["task"] for version in _versions(finished_copy)) == TASKS
    assert _alias(finished_copy, "baseline").tags["task"] == "baseline"
    kinds = [run["kind"] for run in finished_copy.runs() if "mlflow.parentRunId" not in run]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {"task": 4, "evaluation": 4, "comparison": 1}
    again = finished_copy.run(*COMPARE)
    assert "had no run" not in again
    assert len(_versions(finished_copy)) == 4


def test_filters_choose_runs_and_wrong_ones_are_one_line(finished_copy):
    output = finished_copy.run(*COMPARE, "task=easy")
    assert "easy" in output
    assert "medium" not in output
    nothing = finished_copy.run(*COMPARE, "since=2999-01-01", status=2)
    assert "there is no finished run of a task" in nothing
    assert "is no date" in finished_copy.run(*COMPARE, "since=soon", status=2)
    assert "did you mean 'task'" in finished_copy.run(*COMPARE, "tsk=easy", status=2)
    assert "is no finished run of a task" in finished_copy.run(*COMPARE, "medium", "nothing", status=2)


def test_two_runs_side_by_side(finished_copy):
    finished_copy.run("python", "-m", "pipelines.task", "task=easy", "latent_dim=8")
    output = finished_copy.run(*COMPARE, "easy latent_dim=8", "easy")
    assert "model.latent_dim" in output
    assert "40 tracks in common" in output
    assert "both names mean the run 'easy'" in finished_copy.run(*COMPARE, "easy", "easy", status=2)
    run = next(run for run in finished_copy.runs() if run["name"].startswith("compare easy latent"))
    assert (run["name"], run["kind"]) == ("compare easy latent_dim=8 with easy", "comparison")
    files = {file.path for file in _client(finished_copy).list_artifacts(run["id"], "figures")}
    assert "figures/contingency.png" in files


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


def test_no_champion_without_a_win_and_nothing_to_take_back(finished_copy):
    assert not [version for version in _versions(finished_copy) if "champion" in version.aliases]
    assert "there is no champion to take back" in finished_copy.run(*COMPARE, "undo=champion", status=2)
    hard = next(version for version in _versions(finished_copy) if version.tags["task"] == "hard")
    refused = finished_copy.run(*COMPARE, f"promote={hard.version}", status=2)
    assert "label-informed: what saw a label is never promoted" in refused


def test_the_stage_writes_a_leaderboard_without_times(finished):
    rows = pd.read_csv(finished.folder / "artifacts" / "comparison" / "leaderboard.csv")
    assert sorted(rows.task) == TASKS
    assert rows.seconds.isna().all()
    assert rows.improvement_percent.notna().any()
