"""The leaderboard ranks label-free tasks alone."""

from __future__ import annotations

import pytest

from mlproject.reporting.comparison.leaderboard import (
    ablation_rows,
    judge_table,
    leaderboard_markdown,
    leaderboard_rows,
)
from tests.results.evaluation_records import evaluation_record


def _scores(task: str, ami: float | None, representation: str = "label-free") -> dict:
    own = {"ami": ami, "ari": 0.1, "purity": 0.4}
    return {
        "status": "finished",
        "task": task,
        "corpus": "demo",
        "tracks": 100,
        "representation": representation,
        "primary_clusterer": "kmeans",
        "scores": {"kmeans": own},
        "delta": {"ami": 0.05},
    }


MISSING = {"status": "not applicable", "task": "medium", "corpus": "demo", "reason": "the corpus has no lyrics"}


def test_label_free_tasks_come_first_by_falling_ami_whatever_the_others_score():
    rows = leaderboard_rows([_scores("hard", 1.0, "label-informed"), _scores("a", 0.2), MISSING, _scores("b", 0.3)])
    assert [row["task"] for row in rows] == ["b", "a", "hard", "medium"]


def test_a_missing_score_stays_missing():
    row = leaderboard_rows([_scores("a", None)])[0]
    assert row["ami"] is None
    assert row["nmi"] is None
    assert "| a | kmeans | 100 | – |" in leaderboard_markdown([row])


def test_label_informed_tasks_stand_in_a_table_of_their_own():
    text = leaderboard_markdown(leaderboard_rows([_scores("hard", 1.0, "label-informed"), _scores("a", 0.2), MISSING]))
    free, informed = text.split("## Label-informed")
    assert "| a |" in free
    assert "| hard |" not in free
    assert "| hard |" in informed
    assert "- medium: the corpus has no lyrics" in text


def test_the_demo_is_called_synthetic():
    assert "synthetic" in leaderboard_markdown(leaderboard_rows([_scores("a", 0.2)]))


def test_verdicts_are_corrected_over_all_label_free_claims_together(record):
    weak = {name: found | {"p_value": 0.03} for name, found in record["differences"].items()}
    alone = judge_table([record | {"differences": {"ami": weak["ami"]}}], level=0.05)
    assert alone["deep", "ami"].p_value == pytest.approx(0.03)
    informed = evaluation_record("hard", "label-informed", differences=weak)
    together = judge_table([evaluation_record("deep", differences=weak), informed], level=0.05)
    assert set(together) == {("deep", name) for name in weak}
    assert together["deep", "ami"].p_value == pytest.approx(0.09)


def test_the_reference_itself_claims_nothing():
    none = {name: {"estimate": 0.0, "standard_error": 0.0, "degrees": 9.0, "p_value": 1.0} for name in ("ami", "ari")}
    assert judge_table([evaluation_record("statistics", differences=none)], level=0.05) == {}


def test_an_evaluation_finds_out_more_than_a_run(record):
    suspect = evaluation_record("a", "label-suspect")
    rows = leaderboard_rows([_scores("a", 0.2), _scores("deep", 0.4)], [suspect, record])
    assert [(row["task"], row["representation"]) for row in rows] == [("deep", "label-free"), ("a", "label-suspect")]
    assert rows[0]["verdict_ami"] == "beats"
    assert rows[1]["verdict_ami"] is None
    mixed = rows[0] | {"verdict_ami": "ties", "verdict_purity": "loses"}
    head, _, row = (line.split(" | ") for line in leaderboard_markdown([mixed]).replace(" |\n", "\n").splitlines()[6:9])
    cells = dict(zip(head, row, strict=True))
    assert [cells[f"{name} verdict"] for name in ("ami", "ari", "purity")] == ["ties", "beats", "loses"]
    text = leaderboard_markdown(rows, ablation_rows(rows, ["a", "missing", "deep"]))
    assert "## Label-suspect" in text
    ablation = text.split("## Ablation by input")[1]
    assert ablation.index("| a |") < ablation.index("| deep |")
