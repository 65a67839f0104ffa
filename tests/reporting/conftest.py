"""Fixtures of what is reported."""

from __future__ import annotations

import pytest

from mlproject.results.evaluation_record import EvaluationRecord
from tests.results.records import evaluation_record


@pytest.fixture
def record() -> EvaluationRecord:
    return evaluation_record()
