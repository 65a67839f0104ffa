"""Fixtures of the tests of studies: a small study that is finished, and a PostgreSQL server."""

from __future__ import annotations

import os

import pytest

from tests.studies import postgres
from tests.studies.small_study import run_small, small_laboratory


@pytest.fixture(scope="session")
def laboratory():
    return small_laboratory()


@pytest.fixture(scope="session")
def finished_ledger(tmp_path_factory):
    """A small study after its last trial; tests only read it."""
    return run_small(tmp_path_factory.mktemp("study"))


@pytest.fixture(scope="session")
def database(tmp_path_factory):
    """Address of an empty database on a real PostgreSQL."""
    if postgres.binaries() is None:
        if os.environ.get("CI") == "true":
            pytest.fail("PostgreSQL is not installed, and a run in CI needs it")
        pytest.skip("PostgreSQL is not installed")
    with postgres.server(tmp_path_factory.mktemp("postgres") / "server") as url:
        yield url
