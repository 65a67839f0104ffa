"""An evaluation as a parent run with children."""

from __future__ import annotations

import pandas as pd
import pytest

from mlproject.results.evaluation_record import EvaluationOutput
from mlproject.tracking.evaluation_runs import evaluation_metrics, log_evaluation
from mlproject.tracking.runs import Origin, open_run
from mlproject.tracking.store import ensure_store
from mlproject.workspace.git import Commit
from tests.results.records import evaluation_record

ORIGIN = Origin("demo", 2, "d" * 32, "f" * 32, Commit("c" * 40, "true"))


def test_metrics_leave_out_what_is_undefined():
    metrics = evaluation_metrics(evaluation_record())
    assert metrics["delta/ami"] == pytest.approx(0.1)
    assert (metrics["delta/ami/low"], metrics["delta/ami/high"]) == (0.04, 0.16)
    assert metrics["chance_upper/ami"] == 0.05
    assert "accuracy" not in metrics


@pytest.mark.slow
def test_seeds_and_controls_are_children(tmp_path, monkeypatch):
    from mlflow import MlflowClient

    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    uri = ensure_store(tmp_path)
    folder = tmp_path / "evaluation"
    folder.mkdir()
    seeds = {"seed": [0, 1], "task_ami": [0.4, 0.41], "baseline_ami": [0.3, 0.3]}
    pd.DataFrame(seeds).to_csv(folder / "seeds.csv", index=False)
    figures = tmp_path / "drawn"
    figures.mkdir()
    (figures / "verdict.png").touch()
    output = EvaluationOutput(folder, evaluation_record(label_use="label-suspect"))
    with open_run(uri, "evaluate umap", task="umap") as run:
        log_evaluation(run, output, params={"task": "umap"}, origin=ORIGIN, figures=figures)
    client = MlflowClient(uri)
    parent = client.get_run(run.run_id)
    assert (parent.info.status, parent.data.tags["kind"]) == ("FINISHED", "evaluation")
    assert (parent.data.tags["label_use"], parent.data.tags["schema_version"]) == ("label-suspect", "1")
    assert [file.path for file in client.list_artifacts(run.run_id, "figures")] == ["figures/verdict.png"]
    note = parent.data.tags["mlflow.note.content"]
    assert "proves nothing" in note
    assert "| ami | 0.400 | 0.300 |" in note
    assert f"/runs/{run.run_id}/artifacts/figures/verdict.png" in note
    children = client.search_runs(
        [parent.info.experiment_id], f"tags.`mlflow.parentRunId` = '{run.run_id}'", order_by=["attribute.run_name"]
    )
    assert sorted(child.data.tags["kind"] for child in children) == ["control", "control", "seed", "seed"]
    assert {child.info.status for child in children} == {"FINISHED"}
    second = next(child for child in children if child.info.run_name == "umap seed 1")
    assert second.data.metrics == {"ami": 0.41, "baseline/ami": 0.3}
