"""The leaderboard ranks label-free tasks alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mlproject.evaluation.significance import Verdict
from mlproject.reporting.comparison.leaderboard import (
    ablation_rows,
    judge_table,
    leaderboard_markdown,
    leaderboard_rows,
)
from mlproject.results.compared_run import ComparedRun
from mlproject.results.evaluation_record import EvaluationOutput, EvaluationRecord
from mlproject.results.record import NotApplicable
from mlproject.results.task_output import TaskOutput
from tests.results.records import DIFFERENCE, TESTED, VERDICT, evaluation_record, task_record

NOWHERE = Path("nowhere")
MISSING = ComparedRun(
    "medium",
    TaskOutput(NOWHERE, NotApplicable(task="medium", corpus="demo", reason="the corpus has no lyrics")),
)


def _run(
    name: str, ami: float | None, label_use: str = "label-free", evaluation: EvaluationRecord | None = None
) -> ComparedRun:
    scores = {"kmeans": {"ami": ami, "ari": 0.1, "purity": 0.4}}
    record = task_record(name, label_use, n_tracks=100, scores=scores, delta={"ami": 0.05})
    evaluated = None if evaluation is None else EvaluationOutput(NOWHERE, evaluation)
    return ComparedRun(name, TaskOutput(NOWHERE, record), evaluated)


def test_label_free_tasks_come_first_by_falling_ami_whatever_the_others_score():
    rows = leaderboard_rows([_run("hard", 1.0, "label-informed"), _run("a", 0.2), MISSING, _run("b", 0.3)])
    assert [row.name for row in rows] == ["b", "a", "hard", "medium"]


def test_what_saw_a_label_is_not_ranked():
    seen = [_run("z", 0.1, "label-informed"), _run("a", 0.2, "label-informed")]
    assert [row.name for row in leaderboard_rows(seen)] == ["z", "a"]  # as given


def test_a_missing_score_stays_missing():
    row = leaderboard_rows([_run("a", None)])[0]
    assert row.scores["ami"] is None
    assert row.columns()["nmi"] is None
    assert "| a | kmeans | 100 | – |" in leaderboard_markdown([row])


def test_label_informed_tasks_stand_in_a_table_of_their_own():
    text = leaderboard_markdown(leaderboard_rows([_run("hard", 1.0, "label-informed"), _run("a", 0.2), MISSING]))
    free, informed = text.split("## Label-informed")
    assert "| a |" in free
    assert "| hard |" not in free
    assert "| hard |" in informed
    assert "- medium: the corpus has no lyrics" in text


def test_the_demo_is_called_synthetic():
    assert "synthetic" in leaderboard_markdown(leaderboard_rows([_run("a", 0.2)]))


def test_verdicts_are_corrected_over_all_label_free_claims_together():
    weak = dict.fromkeys(TESTED, DIFFERENCE | VERDICT | {"p_value": 0.03})
    alone = judge_table({"umap": evaluation_record(differences={"ami": weak["ami"]})}, level=0.05)
    assert alone["umap", "ami"].p_value == pytest.approx(0.03)
    informed = evaluation_record("hard", "label-informed", differences=weak)
    together = judge_table({"umap": evaluation_record("umap", differences=weak), "hard": informed}, level=0.05)
    assert set(together) == {("umap", metric) for metric in weak}
    assert together["umap", "ami"].p_value == pytest.approx(0.09)


def test_the_baseline_itself_claims_nothing():
    none = {"estimate": 0.0, "standard_error": 0.0, "degrees": 9.0, "p_value": 1.0}
    record = evaluation_record("statistics", differences=dict.fromkeys(("ami", "ari"), VERDICT | none))
    assert judge_table({"statistics": record}, level=0.05) == {}


def test_an_evaluation_finds_out_more_than_a_run(record):
    suspect = evaluation_record("a", "label-suspect")
    rows = leaderboard_rows([_run("a", 0.2, evaluation=suspect), _run("umap", 0.4, evaluation=record)])
    assert [(row.name, row.label_use) for row in rows] == [("umap", "label-free"), ("a", "label-suspect")]
    assert rows[0].verdicts["ami"].word == "beats"
    assert rows[1].verdicts == {}
    words = {"ami": Verdict("ties", -0.1, 0.1, 1.0), "purity": Verdict("loses", -0.2, -0.1, 0.0)}
    mixed = replace(rows[0], verdicts=rows[0].verdicts | words)
    head, _, row = (
        line.split(" | ") for line in leaderboard_markdown([mixed]).replace(" |\n", "\n").splitlines()[8:11]
    )
    cells = dict(zip(head, row, strict=True))
    assert [cells[f"{metric} verdict"] for metric in TESTED] == ["ties", "beats", "loses"]
    text = leaderboard_markdown(rows, ablation_rows(rows, ["a", "missing", "umap"]))
    assert "## Label-suspect" in text
    ablation = text.split("## Ablation by input")[1]
    assert ablation.index("| a |") < ablation.index("| umap |")
