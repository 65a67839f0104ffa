"""A study as runs: exactly one a trial, whoever copies it, however often, whatever was left half-written."""

from __future__ import annotations

import pytest

from mlproject.tracking.runs import Origin
from mlproject.tracking.store import EXPERIMENT, ensure_store
from mlproject.tracking.study_runs import StudyRun, TrialRecord
from mlproject.workspace.git import Commit

pytestmark = pytest.mark.slow
ORIGIN = Origin("demo", 2, "d" * 32, "f" * 32, Commit("c" * 40, "true"))


@pytest.fixture(scope="module")
def uri(tmp_path_factory):
    """One store for all tests; each has a study of its own."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("MLFLOW_TRACKING_URI", "MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID"):
            patch.delenv(name, raising=False)
        yield ensure_store(tmp_path_factory.mktemp("store"))


@pytest.fixture
def open_study(uri, request, monkeypatch, tmp_path):
    """Open the run of the test's own study."""
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return lambda: StudyRun.open(uri, key=request.node.name, name="small", tags={"task": "medium"}, origin=ORIGIN)


@pytest.fixture
def client(uri):
    from mlflow import MlflowClient

    return MlflowClient(uri)


def _record(number=0, state="complete", **changes) -> TrialRecord:
    common = {"started": 1000, "ended": 2500, "params": {"model.latent_dim": 8}, "metrics": {"ami": 0.5, "nmi": None}}
    return TrialRecord(number, state, **(common | {"loss_curve": [3.0, 2.0]} | changes))


def _experiment(client) -> str:
    return client.get_experiment_by_name(EXPERIMENT).experiment_id


def _children(client, study) -> list:
    query = f"tags.mlflow.parentRunId = '{study.run_id}'"
    return client.search_runs([_experiment(client)], query, order_by=["tags.trial"])


def _half_written(client, study, *, status=None, started=1000) -> str:
    tags = {"study_key": study.key, "kind": "trial", "trial": "0", "mlflow.parentRunId": study.run_id}
    run_id = client.create_run(_experiment(client), started, tags).info.run_id
    if status:
        client.set_terminated(run_id, status)
    return run_id


def test_a_trial_is_a_child_with_its_values_times_and_losses(open_study, client):
    study = open_study()
    study.log_trials([_record(tags={"label_use": "label-free"})])
    (run,) = _children(client, study)
    assert (run.info.status, run.info.start_time, run.info.end_time) == ("FINISHED", 1000, 2500)
    assert run.info.run_name == "small trial 0"
    assert run.data.params == {"model.latent_dim": "8"}
    assert run.data.metrics == {"ami": 0.5, "loss": 2.0}
    assert [(point.step, point.value) for point in client.get_metric_history(run.info.run_id, "loss")] == [
        (1, 3.0),
        (2, 2.0),
    ]
    tags = run.data.tags
    assert (tags["kind"], tags["trial"], tags["outcome"], tags["label_use"]) == (
        "trial",
        "0",
        "finished",
        "label-free",
    )
    assert (tags["task"], tags["data_hash"], tags["commit"]) == ("medium", "d" * 32, "c" * 40)


def test_a_trial_that_is_logged_twice_has_one_run(open_study, client):
    study = open_study()
    study.log_trials([_record()])
    study.log_trials([_record(), _record(1)])
    assert [run.data.tags["trial"] for run in _children(client, study)] == ["0", "1"]


def test_two_processes_find_one_parent_and_log_one_run_a_trial(open_study, client):
    one, other = open_study(), open_study()
    one.log_trials([_record(0), _record(1)])
    other.log_trials([_record(0), _record(1), _record(2)])
    assert one.run_id == other.run_id
    assert [run.data.tags["trial"] for run in _children(client, one)] == ["0", "1", "2"]


def test_a_half_written_run_is_completed(open_study, client):
    study = open_study()
    run_id = _half_written(client, study)
    study.log_trials([_record()])
    (run,) = _children(client, study)
    assert run.info.run_id == run_id
    assert (run.info.status, run.data.metrics["ami"], run.data.params["model.latent_dim"]) == ("FINISHED", 0.5, "8")


def test_what_a_killed_process_had_logged_is_not_logged_again_as_something_else(open_study, client):
    study = open_study()
    study.log_trials([_record()])
    (run,) = _children(client, study)
    client.update_run(run.info.run_id, status="RUNNING")  # killed just before the end
    open_study().log_trials([_record()])
    (again,) = _children(client, study)
    assert again.info.status == "FINISHED"
    assert len(client.get_metric_history(run.info.run_id, "loss")) == 2


def test_a_surplus_run_is_deleted(open_study, client):
    study = open_study()
    first = _half_written(client, study)
    _half_written(client, study, status="FINISHED", started=1001)
    study.log_trials([_record()])
    (run,) = _children(client, study)
    assert (run.info.run_id, run.info.status) == (first, "FINISHED")


@pytest.mark.parametrize(
    ("state", "status", "outcome"), [("fail", "FAILED", "failed"), ("pruned", "FINISHED", "pruned")]
)
def test_failed_and_pruned_trials_say_why(open_study, client, state, status, outcome):
    study = open_study()
    study.log_trials([_record(state=state, metrics={}, loss_curve=(), reason="r" * 6000)])
    (run,) = _children(client, study)
    assert (run.info.status, run.data.tags["outcome"], run.data.tags["reason"]) == (status, outcome, "r" * 5000)
    assert run.data.metrics == {}


def test_the_runs_of_another_study_of_the_same_name_are_not_touched(open_study, client, uri):
    study = open_study()
    study.log_trials([_record()])
    other = StudyRun.open(uri, key="another storage", name="small", tags={}, origin=ORIGIN)
    other.log_trials([_record(), _record(1)])
    assert other.run_id != study.run_id
    assert len(_children(client, study)) == 1


def test_more_metrics_and_parameters_than_mlflow_takes_at_once(open_study, client):
    study = open_study()
    params = {f"model.key_{number}": number for number in range(230)}
    study.log_trials([_record(params=params, loss_curve=[float(number) for number in range(1205)])])
    (run,) = _children(client, study)
    assert len(run.data.params) == 230
    assert [point.step for point in client.get_metric_history(run.info.run_id, "loss")] == list(range(1, 1206))


def test_the_run_that_mlflow_run_has_started_becomes_the_parent(open_study, client, monkeypatch):
    started = client.create_run(_experiment(client)).info.run_id
    monkeypatch.setenv("MLFLOW_RUN_ID", started)
    study = open_study()
    run = client.get_run(started)
    assert study.run_id == started
    assert (run.info.run_name, run.data.tags["kind"], run.data.tags["outcome"]) == ("small", "study", "running")


def test_a_second_mlflow_run_goes_on_with_the_first_and_says_so(open_study, client, monkeypatch):
    study = open_study()
    second = client.create_run(_experiment(client)).info.run_id
    monkeypatch.setenv("MLFLOW_RUN_ID", second)
    assert open_study().run_id == study.run_id
    run = client.get_run(second)
    assert run.info.run_name == "small (continued)"
    assert (run.data.tags["kind"], run.data.tags["study_run"]) == ("continuation", study.run_id)


def test_an_interrupted_study_waits_and_goes_on_as_the_same_run(open_study, client):
    study = open_study()
    study.interrupt()
    run = client.get_run(study.run_id)
    assert (run.info.status, run.data.tags["outcome"]) == ("KILLED", "interrupted")
    again = open_study()
    assert again.run_id == study.run_id
    assert client.get_run(study.run_id).info.status == "RUNNING"


def test_a_failed_study_says_why(open_study, client):
    study = open_study()
    study.fail("its workers have ended")
    run = client.get_run(study.run_id)
    assert (run.info.status, run.data.tags["outcome"]) == ("FAILED", "failed")
    assert run.data.tags["reason"] == "its workers have ended"


def test_a_finished_study_keeps_its_files_but_not_its_journal(open_study, client, tmp_path):
    for name in ("best.yaml", "journal.log", ".leases", "figures"):
        (tmp_path / name).mkdir() if name in (".leases", "figures") else (tmp_path / name).write_text("x")
    (tmp_path / "figures" / "slice.png").write_bytes(b"x")
    (tmp_path / ".leases" / "0").touch()
    study = open_study()
    for _ in range(2):  # a second process ends it as well
        study.finish(metrics={"best/ami": 0.5}, params={"study.seed": 0}, note="**note**", folder=tmp_path)
    run = client.get_run(study.run_id)
    assert (run.info.status, run.data.tags["outcome"]) == ("FINISHED", "finished")
    assert (run.data.metrics["best/ami"], run.data.params["study.seed"]) == (0.5, "0")
    assert run.data.tags["mlflow.note.content"] == "**note**"
    assert [file.path for file in client.list_artifacts(study.run_id)] == ["best.yaml", "figures"]
    assert [file.path for file in client.list_artifacts(study.run_id, "figures")] == ["figures/slice.png"]
