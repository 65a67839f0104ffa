"""Tasks and evaluations as runs: computed, drawn, tracked and registered in one process."""

from __future__ import annotations

import json

import pytest

from mlproject.errors import ConfigError, FigureWarning, NotApplicableError, TooFewTracksError
from mlproject.workflows import up_to_date
from mlproject.workflows.compute_task import compute_task
from mlproject.workflows.inputs import load_corpus
from mlproject.workflows.jobs import committed_job, read_jobs
from mlproject.workflows.run_evaluation import run_evaluation
from mlproject.workflows.run_tasks import run_tasks
from pipelines.stages import source
from tests.workflows.conftest import configure, run_data_stages


def of_kind(runs, kind: str) -> list:
    return [run for run in runs() if run.data.tags.get("kind") == kind]


def test_a_task_is_a_run_with_scores_parameters_and_a_version(workspace, runs, capsys):
    run_tasks(workspace, "easy", {"latent_dim": "8"})
    baseline, easy = of_kind(runs, "task")
    assert (baseline.info.run_name, easy.info.run_name) == ("baseline", "easy latent_dim=8")
    assert {run.info.status for run in (baseline, easy)} == {"FINISHED"}
    assert easy.data.params["model.latent_dim"] == "8"
    assert easy.data.params["data.tracks_per_genre"] == "4"
    assert "data.root" not in easy.data.params
    assert easy.data.tags["label_use"] == "label-free"
    metrics = easy.data.metrics
    assert metrics["delta/ami"] == pytest.approx(metrics["ami"] - metrics["baseline/ami"])
    assert metrics["seconds/train"] > 0
    assert not [name for name in metrics if name.startswith("system/")]
    printed = capsys.readouterr()
    assert "easy: 40 tracks of the demo corpus" in printed.out
    assert "version 2 of the model" in printed.out
    assert "no baseline on these data yet" in printed.err
    assert "PCA + K-Means itself" not in printed.out  # no table of the baseline against itself
    best = max((baseline, easy), key=lambda run: run.data.metrics["ami"])
    said = f"the label-free run that does best on these tracks so far: {best.info.run_name}, AMI"
    assert f"{said} {best.data.metrics['ami']:.3f}" in printed.out
    assert not list(workspace.pending.glob("*"))
    assert not workspace.tasks.exists()  # only DVC's own stage writes it


def test_the_run_that_wrote_a_result_does_not_read_it_again(workspace, monkeypatch):
    monkeypatch.setattr("mlproject.results.output.read_record", lambda path, _: pytest.fail(f"{path} is read"))
    run_tasks(workspace, "baseline", {})


def test_figures_and_report_are_among_the_artifacts(workspace, runs):
    from mlflow import MlflowClient

    configure(workspace, "evaluation", figures=True)
    run_tasks(workspace, "baseline", {})
    (run,) = of_kind(runs, "task")
    client = MlflowClient(f"sqlite:///{workspace.root / 'mlflow.db'}")
    names = {file.path for file in client.list_artifacts(run.info.run_id)}
    assert {"figures", "report.html", "scores.json", "latent.npy", "provenance", "tables"} <= names
    figures = {file.path for file in client.list_artifacts(run.info.run_id, "figures")}
    assert {"figures/tsne.png", "figures/umap.png", "figures/methods.png"} <= figures


def test_all_tasks_are_children_of_one_run(workspace, runs, capsys):
    run_tasks(workspace, "all", {"epochs": "3"})
    parent = next(run for run in runs() if run.data.tags["task"] == "all")
    children = [run for run in runs() if run.data.tags.get("mlflow.parentRunId") == parent.info.run_id]
    assert sorted(run.data.tags["task"] for run in children) == ["baseline", "easy", "hard", "statistics"]
    assert "over PCA" in capsys.readouterr().out


def test_a_key_goes_to_the_tasks_that_read_it(workspace):
    jobs = {job.name: job for job in read_jobs(workspace, "all", {"epochs": "3"})}
    assert jobs["easy"].task.model.epochs == 3
    assert jobs["statistics"].changes == {}
    with pytest.raises(ConfigError, match="unknown parameter 'epoch'; did you mean 'epochs'"):
        read_jobs(workspace, "all", {"epoch": "3"})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"latent_dim": "abc"}, "latent_dim='abc' is not allowed; expected an integer"),
        ({"latent_dim": "-1"}, "latent_dim='-1' is not allowed; expected an integer >= 1"),
        ({"latent_dmi": "32"}, "unknown parameter 'latent_dmi' for this task; did you mean 'latent_dim'?"),
    ],
)
def test_a_mistake_is_found_before_anything_is_computed(workspace, changes, expected):
    with pytest.raises(ConfigError) as error:
        run_tasks(workspace, "easy", changes)
    assert expected in str(error.value)
    assert not (workspace.root / "mlflow.db").exists()


class TestTenTracks:
    @pytest.fixture
    def workspace(self, workspace):
        configure(workspace, "data", tracks_per_genre=1)
        run_data_stages(workspace)
        return workspace

    def test_settings_of_conf_files_are_lowered_and_said(self, workspace, runs, capsys):
        run_tasks(workspace, "statistics", {"seed": "1"})
        printed = capsys.readouterr().err
        for line in (
            "evaluation.n_clusters is lowered from 10 to 5, since there are 10 tracks: at most half of them",
            "model.latent_dim of statistics is lowered from 32 to 10",
            "model.latent_dim of baseline is lowered from 32 to 10",
        ):
            assert printed.count(line) == 1
        baseline, task = of_kind(runs, "task")
        assert (task.data.params["evaluation.n_clusters"], task.data.params["model.latent_dim"]) == ("5", "10")
        assert task.data.tags["baseline_hash"] == baseline.data.tags["baseline_hash"]
        assert baseline.data.params["model.latent_dim"] == "10"

    def test_the_record_says_what_was_lowered_and_the_run_keeps_what_was_asked_for(self, workspace, session):
        job = committed_job(workspace, "statistics")
        output = compute_task(workspace, job, load_corpus(workspace), workspace.root / "result").output
        assert set(job.lowered) <= set(output.record.notes)
        assert json.loads(session.origin(job).config)["task"]["model"]["latent_dim"] == 32

    def test_an_evaluation_is_fitted_alike(self, workspace, runs):
        run_evaluation(workspace, "easy", {})
        parent = next(run for run in of_kind(runs, "evaluation"))
        assert parent.data.params["evaluation.n_clusters"] == "5"

    @pytest.mark.parametrize("command", [run_tasks, run_evaluation])
    def test_what_the_user_gives_is_refused_before_features_are_computed(self, workspace, command, monkeypatch):
        monkeypatch.setattr(up_to_date, "bring_up_to_date", lambda *_, **__: pytest.fail("features are computed"))
        with pytest.raises(ConfigError, match=r"evaluation.n_clusters=6 is too large for 10 tracks: at most 5"):
            command(workspace, "easy", {"evaluation.n_clusters": "6"})

    def test_too_few_tracks_are_found_before_features_are_computed(self, workspace, write_tone, tmp_path, monkeypatch):
        monkeypatch.setattr(up_to_date, "bring_up_to_date", lambda *_, **__: pytest.fail("features are computed"))
        for number in range(3):
            write_tone(tmp_path / f"music/tones/{number}.wav")
        configure(workspace, "data", corpus="folder", root=str(tmp_path / "music"), tracks_per_genre=None)
        with pytest.raises(TooFewTracksError, match="usable tracks: 3, which is too few"):
            run_tasks(workspace, "easy", {})
        with pytest.raises(TooFewTracksError, match="usable tracks: 3, which is too few"):
            source.main([], workspace)


def test_a_task_without_its_inputs_ends_well_and_names_those_that_have_them(workspace, runs, capsys):
    import pandas as pd

    pd.read_parquet(workspace.labels).assign(genre=None).to_parquet(workspace.labels)
    run_tasks(workspace, "hard", {})
    printed = capsys.readouterr().err
    assert "hard is not applicable: the task needs a genre condition" in printed
    assert "tasks that have all they need here: baseline, easy, statistics" in printed
    assert [run.data.tags["task"] for run in of_kind(runs, "task")] == ["baseline"]


def test_a_run_that_fails_says_why_and_leaves_nothing_half_written(workspace, runs, monkeypatch):
    def fail(*_, **__):
        raise NotApplicableError("the model left the finite numbers")

    monkeypatch.setattr("mlproject.workflows.run_job.compute_task", fail)
    with pytest.raises(NotApplicableError):
        run_tasks(workspace, "baseline", {})
    (run,) = runs()
    assert (run.info.status, run.data.tags["outcome"]) == ("FAILED", "failed")
    assert not list(workspace.pending.glob("*"))


def test_a_figure_never_costs_a_result(workspace, runs, monkeypatch):
    def fail(*_, **__):
        raise ZeroDivisionError("no room for the legend")

    configure(workspace, "evaluation", figures=True)
    monkeypatch.setattr("mlproject.workflows.run_job.write_task_figures", fail)
    with pytest.warns(FigureWarning, match="not all figures could be drawn"):
        run_tasks(workspace, "baseline", {})
    (run,) = of_kind(runs, "task")
    assert run.info.status == "FINISHED"


def test_an_evaluation_is_a_run_with_seeds_and_controls_as_children(workspace, runs, capsys):
    run_evaluation(workspace, "easy", {"evaluation.control_seeds": "2"})
    (parent,) = of_kind(runs, "evaluation")
    children = [run for run in runs() if run.data.tags.get("mlflow.parentRunId") == parent.info.run_id]
    assert [run.data.tags["kind"] for run in children].count("seed") == 2
    assert parent.data.tags["verdict_alone_ami"] in ("beats", "ties", "loses")
    assert "verdict" in capsys.readouterr().out


def test_the_run_of_a_task_shows_the_means_of_its_evaluation_at_once(workspace, runs):
    run_tasks(workspace, "easy", {})
    run_tasks(workspace, "easy", {"latent_dim": "8"})
    run_evaluation(workspace, "easy", {})
    (evaluation,) = of_kind(runs, "evaluation")
    _, easy, other = of_kind(runs, "task")
    assert easy.data.metrics["mean/ami"] == evaluation.data.metrics["ami"]
    assert "mean of 2 seeds" in easy.data.tags["mlflow.note.content"]
    assert "mean/ami" not in other.data.metrics  # of another configuration


def test_all_tasks_are_evaluated_by_dvc(workspace):
    with pytest.raises(ConfigError, match="task=all: name one task; dvc repro evaluates all of them"):
        run_evaluation(workspace, "all", {})
    with pytest.raises(ConfigError, match=r"evaluation.subsamples=4 for 9 seeds"):
        run_evaluation(workspace, "easy", {"evaluation.seeds": "9"})
