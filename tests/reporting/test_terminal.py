"""What a command prints at its end fits a terminal of 80 columns and says in words what came out."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from mlproject.reporting.terminal import evaluation_tables, leaderboard_tables, task_table
from mlproject.results.evaluation_record import EvaluationOutput
from mlproject.results.task_output import TaskOutput
from tests.reporting.comparison.compared_runs import compared_run, comparison_of
from tests.results.records import LOWER, SCORES, evaluation_record, task_record

NOWHERE = Path("nowhere")
LONG = "medium_balanced model.learning_rate=0.01 seed=7"


def printed(*things: object) -> str:
    console = Console(width=80, file=io.StringIO())
    for thing in things:
        console.print(thing)
    return console.file.getvalue()


def of_task(*arguments: str, **changes: object) -> str:
    return printed(task_table(TaskOutput(NOWHERE, task_record(*arguments, **changes))))


class TestTask:
    def test_it_has_five_rows_beside_pca(self):
        text = of_task()
        rows = [line.split() for line in text.splitlines() if line.split()[:1] != [] and line.split()[-1][0] in "+-"]
        assert [row[0] for row in rows] == ["AMI", "ARI", "purity"]  # the record has no other difference
        assert [line.split()[0] for line in text.splitlines()[4:9]] == ["AMI", "ARI", "NMI", "purity", "silhouette"]

    @pytest.mark.parametrize(
        ("gain", "words"),
        [(0.05, "better than PCA + K-Means by 0.050 AMI"), (-0.05, "worse than"), (0.0, "as good as")],
    )
    def test_it_ends_with_a_sentence_about_this_one_run(self, gain, words):
        text = " ".join(of_task("medium", delta={"ami": gain}).split())
        assert f"medium is {words}" in text
        assert "in this one run, on the demo corpus; `evaluate` tells whether that is more than chance." in text

    @pytest.mark.parametrize("label_use", ["label-informed", "label-suspect"])
    def test_what_saw_a_label_is_called_no_better(self, label_use):
        text = " ".join(of_task("hard", label_use).split())
        assert "the difference proves nothing" in text
        assert "better" not in text

    def test_the_baseline_is_not_compared_with_itself(self):
        text = of_task("baseline", is_baseline=True)
        assert "difference" not in text
        assert "is PCA + K-Means itself" in text

    def test_without_genres_nothing_is_better(self):
        silhouette = {"silhouette": 0.2}
        text = of_task(scores={"kmeans": silhouette}, baseline=silhouette, delta={}, chance={})
        assert "cannot be said without genres" in text


def test_the_leaderboard_fits_a_terminal_and_breaks_no_name(tmp_path):
    (tmp_path / "b").mkdir()
    evaluated = compared_run(tmp_path, LONG, evaluation={})
    text = printed(*leaderboard_tables(comparison_of(evaluated, compared_run(tmp_path / "b", "easy")).rows))
    lines = text.splitlines()
    assert max(map(len, lines)) <= 80
    (row,) = (line for line in lines if line.startswith("medium_"))
    assert row.startswith("medium_bala….01 seed=7 ")
    assert row.split()[-7:] == ["+0.100", "+0.05", "to", "+0.15", "beats", "0.300", "0.500"]
    (other,) = (line for line in lines if line.startswith("easy"))
    assert "none" in other


def test_an_evaluation_fits_a_terminal():
    scores = {"scores": SCORES, "baseline": LOWER}
    text = printed(*evaluation_tables(EvaluationOutput(NOWHERE, evaluation_record("medium_balanced", **scores))))
    assert max(map(len, text.splitlines())) <= 80
    (row,) = (line for line in text.splitlines() if line.startswith("AMI"))
    assert row.split() == ["AMI", "0.400", "0.300", "0.050", "+0.100", "+0.04", "to", "+0.16", "beats"]
    (row,) = (line for line in text.splitlines() if line.startswith("AUC"))
    assert row.split() == ["AUC", "0.810", "0.710", "0.500", "+0.100", "+0.04", "to", "+0.16", "beats"]
    assert "among tracks of other artists" in " ".join(text.split())
