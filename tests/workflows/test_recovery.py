"""What commands left that were killed, or whose store went away."""

from __future__ import annotations

from importlib import import_module

import pytest

from mlproject.tracking.runs import OWNER
from mlproject.workflows.pending import PendingRun
from mlproject.workflows.recovery import recover
from mlproject.workflows.run_evaluation import run_evaluation
from mlproject.workflows.run_tasks import run_tasks
from mlproject.workflows.tracking_session import TrackingSession
from mlproject.workspace.process import this_process

pytestmark = pytest.mark.slow
GONE = f"{this_process().rsplit(' ', 2)[0]} 1 1"  # process 1 did not begin then


class StoreIsGoneError(Exception):
    """What stands for any error of a store."""


def break_off_after(patch, place):
    """Let a function of a module do its work, and the store go away then."""
    module, _, name = place.rpartition(".")
    function = getattr(import_module(module), name)

    def run(*arguments, **options):
        function(*arguments, **options)
        raise StoreIsGoneError

    patch.setattr(place, run)


@pytest.mark.parametrize("where", ["mlproject.workflows.track_task.log_task", "mlproject.workflows.run_job.track_task"])
def test_a_result_that_was_logged_in_part_gets_its_run_once(workspace, runs, monkeypatch, capsys, where):
    run_tasks(workspace, "baseline", {})
    with monkeypatch.context() as patch:
        break_off_after(patch, where)
        with pytest.raises(StoreIsGoneError):
            run_tasks(workspace, "easy", {"latent_dim": "8"})
    assert "the result is kept in artifacts/pending/" in capsys.readouterr().err
    run_id = _pending(workspace).run_id
    recover(TrackingSession.start(workspace))
    assert "easy latent_dim=8: its result was kept in artifacts/pending and has its run now" in capsys.readouterr().err
    baseline, easy = runs()
    assert (easy.info.run_id, easy.info.status) == (run_id, "FINISHED")
    assert easy.data.tags["outcome"] == "finished"
    assert easy.data.metrics.keys() >= baseline.data.metrics.keys() - {"purity"}
    assert easy.data.params["model.latent_dim"] == "8"
    assert _versions_of(workspace, easy.info.run_id) == 1
    assert len(_history(workspace, easy.info.run_id, "loss")) == 5  # one point per epoch, logged twice
    assert list(workspace.pending.iterdir()) == []
    assert "reason" not in easy.data.tags


def _pending(workspace):
    (folder,) = workspace.pending.iterdir()
    return PendingRun.read(folder)


def _client(workspace):
    from mlflow import MlflowClient

    return MlflowClient(f"sqlite:///{workspace.root / 'mlflow.db'}")


def _versions_of(workspace, run_id):
    return len(_client(workspace).search_model_versions(f"run_id = '{run_id}'"))


def _history(workspace, run_id, metric):
    return _client(workspace).get_metric_history(run_id, metric)


def test_a_result_whose_run_is_in_no_store_gets_a_new_one(workspace, runs, monkeypatch):
    with monkeypatch.context() as patch:
        break_off_after(patch, "mlproject.workflows.run_job.track_task")
        with pytest.raises(StoreIsGoneError):
            run_tasks(workspace, "baseline", {})
    run_id = _pending(workspace).run_id
    _client(workspace).delete_run(run_id)
    recover(TrackingSession.start(workspace))
    (run,) = runs()
    assert (run.info.run_name, run.info.status) == ("baseline", "FINISHED")
    assert run.info.run_id != run_id


def test_an_evaluation_that_was_logged_in_part_gets_its_children_once(workspace, runs, monkeypatch):
    with monkeypatch.context() as patch:
        break_off_after(patch, "mlproject.tracking.evaluation_runs.log_evaluation")
        with pytest.raises(StoreIsGoneError):
            run_evaluation(workspace, "easy", {})
    before = _names(runs())
    recover(TrackingSession.start(workspace))
    assert _names(runs()) == before
    assert {run.info.status for run in runs()} == {"FINISHED"}


def _names(runs):
    return sorted(run.info.run_name for run in runs)


def test_a_damaged_result_is_said_and_left(workspace, capsys):
    folder = workspace.pending / "half"
    folder.mkdir(parents=True)
    (folder / "run.json").write_text("{")
    recover(TrackingSession.start(workspace))
    assert "artifacts/pending/half is no whole result and gets no run" in capsys.readouterr().err
    assert folder.exists()


def test_an_open_run_of_a_killed_command_is_ended(workspace, session, runs, capsys):
    _client(workspace).create_run("0", run_name="medium", tags={OWNER: GONE})
    recover(session)
    (run,) = runs()
    assert run.info.status == "KILLED"
    assert "runs of commands that were killed are called so now: medium" in capsys.readouterr().err
