"""Leases end with their holder, one process at a time, addresses without passwords."""

from __future__ import annotations

import threading

import pytest
from optuna.trial import TrialState

from mlproject.errors import ConfigError, StoreError
from mlproject.tuning.shared_study import SharedStudy
from mlproject.tuning.storage import open_storage
from tests.tuning.small_study import small_spec


@pytest.mark.parametrize("url", ["sqlite:///study.db", "mysql://user:secret@host/db", "study.log"])
def test_another_kind_of_address_is_refused(tmp_path, url):
    with pytest.raises(ConfigError, match="postgresql://") as caught:
        open_storage(url, tmp_path)
    assert "secret" not in str(caught.value)


def test_a_database_that_does_not_answer_is_one_clear_line(tmp_path):
    with pytest.raises(StoreError, match="does not answer") as caught:
        open_storage("postgresql://user:secret@127.0.0.1:1/db", tmp_path)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


class StorageContract:
    """What a study needs of a storage."""

    @pytest.fixture
    def shared(self, storage, request):
        shared = SharedStudy.start(storage, small_spec(name=request.node.name))
        shared.advance()
        return shared

    def test_a_trial_whose_holder_is_alive_is_not_taken(self, shared):
        with shared.claim() as trial:
            shared.advance()
            assert shared.trials()[trial.number].state == TrialState.RUNNING

    def test_two_claims_get_two_trials(self, shared):
        with shared.claim() as one, shared.claim() as other:
            assert one.number != other.number

    def test_only_one_process_at_a_time_proposes(self, shared):
        order = []

        def second() -> None:
            with shared.storage.exclusive(shared.spec.name):
                order.append("second")

        with shared.storage.exclusive(shared.spec.name):
            thread = threading.Thread(target=second)
            thread.start()
            thread.join(0.3)
            order.append("first")
        thread.join()
        assert order == ["first", "second"]

    def test_other_purposes_do_not_wait(self, shared):
        with shared.storage.exclusive(shared.spec.name), shared.storage.exclusive(shared.spec.name, "runs"):
            pass


class TestJournal(StorageContract):
    @pytest.fixture
    def storage(self, tmp_path):
        return open_storage(None, tmp_path)

    def test_a_trial_without_a_holder_waits_again(self, shared):
        trial = shared.trials()[0]
        shared.storage.optuna.set_trial_state_values(trial._trial_id, TrialState.RUNNING)  # and its process dies
        shared.advance()
        assert shared.trials()[0].state == TrialState.WAITING


@pytest.mark.slow
class TestPostgres(StorageContract):
    @pytest.fixture
    def storage(self, tmp_path, database):
        storage = open_storage(database, tmp_path)
        yield storage
        storage.close()

    def test_a_trial_without_signs_of_life_waits_again(self, shared, monkeypatch):
        trial = shared.trials()[0]
        shared.storage.optuna.record_heartbeat(trial._trial_id)
        shared.storage.optuna.set_trial_state_values(trial._trial_id, TrialState.RUNNING)  # and its process dies
        shared.advance()
        assert shared.trials()[0].state == TrialState.RUNNING  # its last sign is fresh
        monkeypatch.setattr(shared.storage._tables, "grace_period", -1)
        shared.advance()
        assert shared.trials()[0].state == TrialState.WAITING
