"""One number, one meaning: whatever shows a score of a run shows the same one, and names the single training so."""

from __future__ import annotations

import io

import numpy as np
import pytest
from rich.console import Console

from mlproject.evaluation.metrics import TESTED, metric_label
from mlproject.prediction.package import KnownTracks, Recipe
from mlproject.reporting.comparison.figures import draw_comparison_figures
from mlproject.reporting.comparison.leaderboard import leaderboard_markdown
from mlproject.reporting.explorer.page_data import page_record
from mlproject.reporting.formatting import number
from mlproject.reporting.model_card import model_card, run_note
from mlproject.reporting.terminal import leaderboard_tables
from mlproject.results.compared_run import ComparedRun
from mlproject.tracking.evaluation_runs import evaluation_metrics
from mlproject.tracking.task_runs import mean_metrics, run_metrics
from tests.reporting.comparison.compared_runs import compared_run, comparison_of, with_projections

SHOWN = ("ami", "ari", "nmi", "purity", "silhouette")


@pytest.fixture(params=[True, False], ids=["evaluated", "one run"])
def run(request, tmp_path) -> ComparedRun:
    run = with_projections(compared_run(tmp_path, "easy", evaluation={} if request.param else None))
    nothing = np.empty(0)
    package = Recipe(task="easy"), KnownTracks([], nothing, nothing, nothing, [])
    vars(run.task).update(package=package, clusters=[], assignments=run.task.assignments.assign(distance=0.0))
    return run


def _expected(run: ComparedRun) -> dict[str, tuple[float | None, float | None]]:
    """Score and score of PCA by metric, read here from the records themselves."""
    source = run.task.record if run.evaluation is None else run.evaluation.record
    scores = run.task.record.scores["kmeans"] if run.evaluation is None else source.scores
    return {metric: (scores.get(metric), source.baseline.get(metric)) for metric in SHOWN}


def _printed(*things: object) -> str:
    console = Console(width=80, file=io.StringIO())
    console.print(*things)
    return console.file.getvalue()


def test_the_two_sources_differ_so_that_a_wrong_choice_shows(run):
    if run.evaluation is not None:
        own, mean = run.task.record.primary_scores, run.evaluation.record.scores
        assert all(number(own[metric]) != number(mean[metric]) for metric in TESTED)


def test_the_leaderboard_has_it_in_every_form(run):
    comparison, expected = comparison_of(run), _expected(run)
    (row,) = comparison.rows
    columns = row.columns()
    text, terminal = leaderboard_markdown([row]), _printed(*leaderboard_tables([row]))
    bars = dict(draw_comparison_figures(comparison, {}))["metrics"].axes
    for axes, metric in zip(bars, TESTED, strict=True):
        score, baseline = expected[metric]
        assert columns[metric] == score == axes.patches[0].get_width()
        assert columns[f"delta_{metric}"] == pytest.approx(score - baseline)
        assert columns[f"this_run_{metric}"] == run.task.record.primary_scores[metric]
        assert f"| {number(score)} " in text
        assert number(score) in terminal
    assert ("this run: ami" in text) == (run.evaluation is not None)


def test_explorer_card_and_note_have_it(run):
    rows = {row["metric"]: row for row in page_record([run])["runs"][0]["scores"]}
    card = model_card(run, address="models:/genre-clusters/1", verdicts={})
    note = run_note(run, report="#/report", verdicts={})
    for metric, (score, baseline) in _expected(run).items():
        own = run.task.record.primary_scores.get(metric)
        row = rows[metric_label(metric)]
        assert row["values"][:2] == [round(score, 3), round(baseline, 3)]
        assert row["own"][:1] == ([] if run.evaluation is None else [round(own, 3)])
        for text in (card, note):
            cells = next(line for line in text.splitlines() if line.startswith(f"| {metric} |")).split(" | ")
            assert cells[1:3] == [number(score), number(baseline)]
            assert run.evaluation is None or cells[-1] == f"{number(own)} |"


def test_metrics_of_mlflow_have_it(run):
    own = run_metrics(run.task.record)
    assert {metric: own[metric] for metric in SHOWN} == {
        metric: run.task.record.primary_scores[metric] for metric in SHOWN
    }
    if run.evaluation is None:
        assert mean_metrics(run) == {}
        return
    logged, means = evaluation_metrics(run.evaluation.record), mean_metrics(run)
    for metric in TESTED:
        score, baseline = _expected(run)[metric]
        assert logged[metric] == means[f"mean/{metric}"] == score
        assert logged[f"baseline/{metric}"] == baseline
        assert logged[f"delta/{metric}"] == pytest.approx(score - baseline)
    assert means["mean/delta/ami"] == logged["delta/ami"]


def test_a_run_has_at_most_thirty_metrics(run):
    record = run.task.record
    four = dict.fromkeys(("kmeans", "agglomerative", "spectral", "dbscan"), record.primary_scores)
    fullest = record.model_copy(update={"scores": four, "lyrics_coverage": 0.5})
    own, costs_and_loss, means = run_metrics(fullest), 3, 4
    assert len(own) + costs_and_loss + means <= 30
    assert own["agglomerative/ami"] == record.primary_scores["ami"]
    if run.evaluation is not None:
        assert len(evaluation_metrics(run.evaluation.record)) <= 30
