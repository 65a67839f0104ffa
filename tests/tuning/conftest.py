"""Fixtures of the tests of studies: a small study that is finished."""

from __future__ import annotations

import pytest

from tests.tuning.small_study import run_small, small_objective


@pytest.fixture(scope="session")
def objective():
    return small_objective()


@pytest.fixture(scope="session")
def finished_study(tmp_path_factory):
    """A small study after its last trial; tests only read it."""
    return run_small(tmp_path_factory.mktemp("study"))


@pytest.fixture(scope="session")
def oracle_study(tmp_path_factory):
    """A small study by AMI, which sees half of the genres."""
    return run_small(tmp_path_factory.mktemp("oracle"), objective=("ami",), trials=8)
