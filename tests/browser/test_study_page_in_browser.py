"""What a reader of a study's page sees on a telephone."""

from __future__ import annotations

import pytest

from mlproject.reporting.study.page import study_page
from tests.reporting.study.test_study_page import VERDICT, _summary

pytestmark = pytest.mark.browser


class Drawn:
    """What stands for a chart of plotly's, which is as wide as its page at the least."""

    def to_html(self, **_: object) -> str:
        return '<div style="height: 100px; background: grey">chart</div>'


def test_a_narrow_window_scrolls_tables_and_charts_and_not_the_page(open_page):
    charts = [(title, "What it shows.", Drawn()) for title in ("History", "Slices")]
    page = open_page(study_page(_summary(verdict=VERDICT), charts), width=400, wait_for="section")
    assert page.evaluate("document.documentElement.scrollWidth") == 400
    widths = [box.bounding_box()["width"] for box in page.locator("section > div").all()]
    assert widths[0] <= 400 < widths[1]  # one of several panels is read by scrolling
    head = page.locator("th", has_text="trial").first
    assert head.bounding_box()["height"] < 40  # no word is broken
