"""Every input of docs/reliability.md, tried: what the page says is what happens."""

from __future__ import annotations

import pytest

from tests.reliability.outcomes import seen
from tests.reliability.page import PAGE, all_cases, row, table_rows

CASES = all_cases()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.area}: {case.what}")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_an_input_has_the_outcome_that_the_page_shows(case, tmp_path):
    assert row(case, seen(case, tmp_path)) in table_rows(), "run: python -m tests.reliability.page"


def test_the_page_has_every_case_and_no_other():
    assert len({(case.area, case.what) for case in CASES}) == len(CASES) >= 120
    assert len(table_rows()) == len(CASES)


def test_no_row_is_a_traceback():
    assert "Traceback" not in PAGE.read_text()
