"""Fixtures of what is reported."""

from __future__ import annotations

from typing import Any

import pytest

from tests.results.evaluation_records import evaluation_record


@pytest.fixture
def record() -> dict[str, Any]:
    return evaluation_record()
