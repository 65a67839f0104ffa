"""Runs of the store, found again."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

import pytest

from mlproject.errors import ConfigError
from mlproject.tracking import search as catalogue
from mlproject.tracking.runs import log_values, open_run
from mlproject.tracking.store import ensure_store

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A store with two runs of easy, one of medium, evaluations, a failed run and a child; ids by what they are."""
    import mlflow

    folder = tmp_path_factory.mktemp("store")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("MLFLOW_TRACKING_URI", "MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID"):
            patch.delenv(name, raising=False)
        patch.chdir(folder)
        uri, ids = ensure_store(folder), dict[str, str]()

        def add(key, name, task, **tags):
            given = {"kind": "task", "outcome": "finished", "data_hash": "aa" * 16, "config_hash": f"of {task}"}
            given |= {"schema_version": "1"} | tags
            with open_run(uri, name, task=task) as run:
                log_values(run.run_id, metrics={}, params={"task": task}, tags=given)
                mlflow.log_dict({"of": key}, "scores.json")
                mlflow.log_dict({"of": key}, "model/recipe.json")
            ids[key] = run.run_id

        add("old easy", "easy", "easy")
        add("new easy", "easy", "easy", data_hash="ab" * 16)
        add("medium", "medium latent_dim=64", "medium")
        add("outdated", "vae", "vae", schema_version="0")
        add("not applicable", "hard", "hard", outcome="not applicable")
        add("evaluation", "evaluate easy", "easy", kind="evaluation")
        add("newer evaluation", "evaluate easy", "easy", kind="evaluation")
        add("outdated evaluation", "evaluate easy", "easy", kind="evaluation", schema_version="0")
        add("seed", "easy seed 1", "easy", kind="seed")
        log_values(ids["medium"], metrics={"seconds/train": 2.5, "memory/peak_mib": 512.0}, params={}, tags={})
        with suppress(ZeroDivisionError), open_run(uri, "failed", task="easy") as run:
            log_values(run.run_id, metrics={}, params={}, tags={"kind": "task", "data_hash": "aa" * 16})
            raise ZeroDivisionError
        ids["failed"] = run.run_id
        yield uri, ids


@pytest.fixture
def store(filled):
    import mlflow

    mlflow.set_tracking_uri(filled[0])
    return filled


def _ids(found):
    return [run.run_id for run in found]


def test_finished_tasks_are_found_the_newest_first(store):
    uri, ids = store
    assert _ids(catalogue.finished_tasks(uri)) == [ids["medium"], ids["new easy"], ids["old easy"]]


def test_runs_of_an_earlier_version_are_left_out_and_counted(store):
    uri, _ = store
    lines = []
    assert catalogue.finished_tasks(uri, task="vae", log=lines.append) == []
    catalogue.finished_tasks(uri, task="easy", log=lines.append)
    assert lines == ["runs of an earlier version that are left out: 1; run their tasks again to compare them"]


def test_they_can_be_chosen_by_task_data_and_time(store):
    uri, ids = store
    assert _ids(catalogue.finished_tasks(uri, task="easy")) == [ids["new easy"], ids["old easy"]]
    assert _ids(catalogue.finished_tasks(uri, data="abab")) == [ids["new easy"]]
    assert _ids(catalogue.finished_tasks(uri, data="a", task="medium")) == [ids["medium"]]
    newest = catalogue.finished_tasks(uri)[0].started
    assert _ids(catalogue.finished_tasks(uri, since=newest)) == [ids["medium"]]
    assert catalogue.finished_tasks(uri, since=datetime.now().astimezone() + timedelta(minutes=1)) == []
    assert catalogue.finished_tasks(uri, task="vae") == []


def test_a_run_knows_what_it_cost_and_was_given_where_that_is_known(store):
    uri, _ = store
    medium, easy, _ = catalogue.finished_tasks(uri)
    assert (medium.name, medium.task, medium.params["task"]) == ("medium latent_dim=64", "medium", "medium")
    assert medium.costs == {"seconds": 2.5, "memory_mib": 512.0}
    assert easy.costs == {}
    assert easy.started.tzinfo is not None


def test_an_evaluation_belongs_to_every_run_of_its_configuration(store):
    uri, ids = store
    assert catalogue.evaluations_by_config(uri) == {"of easy": ids["newer evaluation"]}


def test_the_best_label_free_run_is_that_of_the_best_means(store):
    uri, ids = store
    free = {"label_use": "label-free"}
    assert catalogue.best_label_free(uri, "ac" * 16) is None
    for key, metrics, tags in (
        ("old easy", {"ami": 0.9, "mean/ami": 0.2}, free),
        ("medium", {"ami": 0.3}, free),
        ("new easy", {"ami": 0.8}, free),  # of other data
        ("outdated", {"ami": 0.7}, free),
        ("evaluation", {"ami": 0.6}, free),
    ):
        log_values(ids[key], metrics=metrics, params={}, tags=tags)
    assert catalogue.best_label_free(uri, "aa" * 16) == ("medium latent_dim=64", 0.3)
    log_values(ids["medium"], metrics={}, params={}, tags={"label_use": "label-informed"})
    assert catalogue.best_label_free(uri, "aa" * 16) == ("easy", 0.2)


def test_a_task_is_found_by_id_and_by_name_the_newest_of_it(store):
    uri, ids = store
    assert catalogue.find_task(uri, ids["old easy"]).run_id == ids["old easy"]
    assert catalogue.find_task(uri, "easy").run_id == ids["new easy"]
    assert catalogue.find_task(uri, "medium latent_dim=64").run_id == ids["medium"]


def test_a_task_is_found_by_a_version_and_its_alias(store):
    from mlflow import MlflowClient

    uri, ids = store
    client = MlflowClient()
    client.create_registered_model("genre-clusters")
    client.create_model_version("genre-clusters", "file:///nowhere", ids["old easy"])
    client.set_registered_model_alias("genre-clusters", "champion", "1")
    for reference in ("1", "champion", "models:/genre-clusters/1"):
        assert catalogue.find_task(uri, reference).run_id == ids["old easy"]
    client.delete_registered_model("genre-clusters")


def test_what_is_no_task_says_what_there_is(store):
    uri, ids = store
    with pytest.raises(ConfigError, match=r"'eazy' is no finished run of a task.*did you mean 'easy'"):
        catalogue.find_task(uri, "eazy")
    with pytest.raises(ConfigError, match="is no finished run"):
        catalogue.find_task(uri, ids["failed"])


def test_all_runs_are_of_whatever_kind_and_however_they_ended(store):
    uri, ids = store
    assert {run.info.run_id for run in catalogue.all_runs(uri)} == set(ids.values())


def test_files_in_a_local_store_are_used_where_they_lie(store, tmp_path):
    _, ids = store
    folder = catalogue.files_of(ids["medium"], ["scores.json", "missing.csv"], tmp_path)
    assert (folder / "scores.json").read_text().strip().endswith('"medium"\n}')
    assert list(tmp_path.iterdir()) == []


def test_files_of_a_store_elsewhere_are_fetched_but_those_that_it_lacks(store, tmp_path, monkeypatch):
    """A store elsewhere is played by one whose addresses are none of this machine's folders."""
    from mlflow import MlflowClient

    _, ids = store
    plain = MlflowClient.get_run

    def elsewhere(self, run_id):
        found = plain(self, run_id)
        found.info._artifact_uri = f"mlflow-artifacts:/0/{run_id}/artifacts"
        return found

    monkeypatch.setattr(MlflowClient, "get_run", elsewhere)
    folder = catalogue.files_of(ids["medium"], ["scores.json", "model", "missing.csv"], tmp_path)
    assert folder == tmp_path
    assert sorted(path.name for path in tmp_path.rglob("*.*")) == ["recipe.json", "scores.json"]


def test_an_empty_store_says_what_to_do_first(tmp_path, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(tmp_path)
    uri = ensure_store(tmp_path)
    assert catalogue.finished_tasks(uri) == []
    with pytest.raises(ConfigError, match="there is none; run a task first"):
        catalogue.find_task(uri, "easy")
