"""The measured part of docs/studies.md: between its marks, made from records alone."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

from benchmarks.studies_page import BEGIN, END, PARTS, page_with_tables
from mlproject.config.study import StudyConfig

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = f"# Studies\n\nBefore.\n\n{BEGIN}\nstale\n{END}\n\nAfter.\n"


@pytest.fixture
def records():
    """Those that are committed; a test changes its own copy."""
    return {part: json.loads((DOCS / "studies" / f"{part}.json").read_text()) for part in PARTS}


def test_the_text_around_the_marks_stays_and_what_was_between_goes(records):
    page = page_with_tables(PAGE, records)
    assert page.startswith(f"# Studies\n\nBefore.\n\n{BEGIN}\n")
    assert page.endswith(f"{END}\n\nAfter.\n")
    assert "stale" not in page


def test_making_it_again_changes_nothing(records):
    page = page_with_tables(PAGE, records)
    assert page_with_tables(page, records) == page


def test_the_committed_page_is_that_of_the_committed_records(records):
    page = (DOCS / "studies.md").read_text()
    assert page_with_tables(page, records) == page


def test_the_default_objective_is_the_one_that_the_page_names():
    (default,) = StudyConfig.model_fields["objective"].default
    assert f"The highest mean is that of `{default}`" in (DOCS / "studies.md").read_text()


def test_criteria_are_ordered_by_their_mean_and_the_best_is_named(records):
    parts = [part for part in PARTS if part.startswith("random_")]
    for part in parts:
        records[part]["criteria"] = {"common_silhouette": 0.1, "neighbours": -0.5, "reconstruction": 0.8}
    page = page_with_tables(PAGE, records)
    rows = [line for line in page.splitlines() if line.startswith(("| `common", "| `neighbours", "| `reconstruction"))]
    assert [row.split("`")[1] for row in rows] == ["reconstruction", "common_silhouette", "neighbours"]
    assert rows[0] == "| `reconstruction` |" + " +0.80 |" * (len(parts) + 1)
    assert "The highest mean is that of `reconstruction`" in page


def test_a_correlation_that_is_unknown_is_no_zero(records):
    parts = [part for part in PARTS if part.startswith("random_")]
    for part in parts:
        records[part]["criteria"] = {"silhouette": 0.4, "neighbours": 0.5}
    records[parts[0]]["criteria"]["silhouette"] = None
    page = page_with_tables(PAGE, records)
    assert "| `silhouette` | – |" + " +0.40 |" * len(parts) in page


def test_a_changed_record_changes_its_own_sentences_alone(records):
    changed = copy.deepcopy(records)
    changed["oracle_vae"]["optimism"]["chosen"]["held_out"] += 0.5
    before, after = (page_with_tables(PAGE, one).splitlines() for one in (records, changed))
    differing = [line for line, other in zip(after, before, strict=True) if line != other]
    assert len(differing) == 2  # the row and the sentence
    assert all("0." in line for line in differing)
