"""`evaluate`: one parent run with its seeds and controls, label-informed shown apart, nothing without labels."""

from __future__ import annotations

import json
from collections import Counter

import pandas as pd
import pytest

pytestmark = [pytest.mark.pipeline, pytest.mark.slow]
LOCAL = ("--env-manager", "local")


def _evaluation(clone, task: str) -> dict:
    return json.loads((clone.folder / "artifacts" / "evaluation" / task / "evaluation.json").read_text())


def test_every_stage_leaves_a_run_with_seeds_and_controls_as_children(finished):
    runs = [run for run in finished.runs() if "kind" in run]
    parents = {run["task"]: run["id"] for run in runs if run["kind"] == "evaluation"}
    assert sorted(parents) == ["baseline", "easy", "hard", "medium"]
    of_medium = [run for run in runs if run.get("mlflow.parentRunId") == parents["medium"]]
    assert Counter(run["kind"] for run in of_medium) == {"seed": 2, "control": 7}
    assert {run["status"] for run in runs} == {"FINISHED"}


def test_the_leaderboard_gives_verdicts_to_label_free_tasks_alone(finished):
    board = pd.read_csv(finished.folder / "artifacts" / "comparison" / "leaderboard.csv", index_col="task")
    assert board.verdict_ami[["easy", "medium"]].isin(["beats", "ties", "loses"]).all()
    assert pd.isna(board.verdict_ami["hard"])
    assert pd.isna(board.verdict_ami["baseline"])  # it is what the others are compared with
    text = (finished.folder / "artifacts" / "comparison" / "leaderboard.md").read_text()
    assert "## Ablation by input" in text


def test_the_audit_finds_out_what_each_task_saw(finished):
    assert _evaluation(finished, "easy")["labels_change_vectors"] is False
    assert _evaluation(finished, "hard")["labels_change_vectors"] is True
    assert _evaluation(finished, "hard")["label_use"] == "label-informed"
    assert {one["verdict"] for one in _evaluation(finished, "hard")["differences"].values()} == {"none"}


def test_lyrics_that_are_the_genre_are_suspect_however_they_are_declared(finished_copy, tmp_path):
    labels = pd.read_parquet(finished_copy.folder / "data" / "labels.parquet")
    leaked = pd.DataFrame({"track_id": labels.track_id, "text": "this is a song of " + labels.genre})
    leaked.to_csv(tmp_path / "lyrics.csv", index=False)
    finished_copy.configure("features", lyrics__source="file", lyrics__file=str(tmp_path / "lyrics.csv"))
    finished_copy.run("dvc", "repro", "evaluate@medium")
    assert _evaluation(finished_copy, "medium")["label_use"] == "label-suspect"
    finished_copy.run("dvc", "repro", "--single-item", "compare")
    board = pd.read_csv(finished_copy.folder / "artifacts" / "comparison" / "leaderboard.csv", index_col="task")
    assert pd.isna(board.verdict_ami["medium"])


def test_mlflow_evaluates_a_task_with_changed_keys(finished_copy):
    before = len(finished_copy.runs())
    output = finished_copy.run(
        "mlflow", "run", ".", "-e", "evaluate", "-P", "task=easy", "-P", "evaluation.control_seeds=2", *LOCAL
    )
    assert "verdict" in output
    parent = next(run for run in finished_copy.runs()[before:] if run.get("kind") == "evaluation")
    assert (parent["status"], parent["outcome"]) == ("FINISHED", "finished")
    assert parent["verdict_alone_ami"] in ("beats", "ties", "loses")
