"""Two runs beside each other: what differs, what agrees, and figures of both."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from mlproject.reporting.comparison.pair import agreement, differing, draw_pair, paired_scores, shared_partitions
from mlproject.results.compared_run import ComparedRun
from mlproject.results.task_output import TaskOutput
from tests.reporting.comparison.compared_runs import compared_run, with_projections
from tests.reporting.evaluation.test_evaluation_figures import words

settings = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["1", "2", "–"]))


def renamed(run: ComparedRun, names: list[str]) -> ComparedRun:
    table = run.task.assignments.reset_index().assign(track_id=names)
    table.to_parquet(run.task.folder / "assignments.parquet")
    return ComparedRun(run.name, TaskOutput(run.task.folder))


def test_only_parameters_that_differ_are_listed():
    first, second = {"model.latent_dim": "32", "seed": "42"}, {"model.latent_dim": "8", "seed": "42", "beta": "0.1"}
    assert differing(first, second) == [("beta", "–", "0.1"), ("model.latent_dim", "32", "8")]


@given(first=settings, second=settings)
def test_the_other_way_round_the_same_parameters_differ(first, second):
    assert [(name, other, own) for name, own, other in differing(first, second)] == differing(second, first)
    assert differing(first, first) == []


def test_scores_of_both_stand_beside_each_other(tmp_path):
    first, second = compared_run(tmp_path, "easy"), compared_run(tmp_path, "vae", labelled=False)
    pairs = {name: (own, other) for name, own, other in paired_scores(first, second)}
    assert pairs["ami"] == (first.task.record.primary_scores["ami"], None)
    assert pairs["silhouette"][1] == second.task.record.primary_scores["silhouette"]


def test_partitions_are_those_of_the_tracks_that_both_have_in_one_order(tmp_path, rng):
    first, second = compared_run(tmp_path, "easy"), compared_run(tmp_path, "vae", moved=9, tracks=15)
    order = rng.permutation(15)
    second.task.assignments.iloc[order].reset_index().to_parquet(second.task.folder / "assignments.parquet")
    shuffled = ComparedRun("vae", TaskOutput(second.task.folder))
    for pair in ((first, second), (first, shuffled)):
        own, other = shared_partitions(*pair)
        np.testing.assert_array_equal(own, first.task.partition()[:15])
        np.testing.assert_array_equal(other, second.task.partition())
    expected = adjusted_rand_score(first.task.partition()[:15], second.task.partition())
    assert agreement(first, shuffled) == (15, pytest.approx(expected))


def test_a_run_agrees_with_itself_and_with_no_other_music(tmp_path):
    run, other = compared_run(tmp_path, "easy"), compared_run(tmp_path, "vae")
    apart = renamed(other, [f"other {row}" for row in range(24)])
    assert agreement(run, run) == (24, 1.0)
    assert agreement(run, apart) == (0, None)


class TestFigures:
    def test_maps_and_contingency_name_both_runs(self, tmp_path):
        first = with_projections(compared_run(tmp_path, "easy", noise=2))
        second = with_projections(compared_run(tmp_path, "vae beta=4"))
        figures = dict(draw_pair(first, second))
        assert list(figures) == ["projections", "contingency"]
        for figure in figures.values():
            assert "easy" in words(figure)
            assert "vae beta=4" in words(figure)
        assert "24 tracks that both have" in words(figures["contingency"])

    def test_the_contingency_counts_the_shared_tracks(self, tmp_path):
        pair = compared_run(tmp_path, "easy"), compared_run(tmp_path, "vae", tracks=15)
        axes = dict(draw_pair(*pair))["contingency"].axes[0]
        assert (axes.get_ylabel(), axes.get_xlabel()) == ("cluster of easy", "cluster of vae")
        own, other = shared_partitions(*pair)
        numbers = np.array([int(text.get_text()) for text in axes.texts]).reshape(3, 3)
        expected = [[((own == row) & (other == column)).sum() for column in range(3)] for row in range(3)]
        np.testing.assert_array_equal(numbers, expected)

    def test_each_map_shows_every_track_once(self, tmp_path):
        pair = (
            with_projections(compared_run(tmp_path, "easy", noise=2)),
            with_projections(compared_run(tmp_path, "vae", tracks=15)),
        )
        figure = dict(draw_pair(*pair))["projections"]
        points = [sum(len(marks.get_offsets()) for marks in axes.collections) for axes in figure.axes]
        assert points == [24, 24, 15, 15]

    def test_what_is_not_there_is_not_drawn(self, tmp_path):
        drawn, bare = with_projections(compared_run(tmp_path, "easy")), compared_run(tmp_path, "vae")
        assert list(dict(draw_pair(drawn, bare))) == ["contingency"]
        apart = renamed(with_projections(bare), [f"other {row}" for row in range(24)])
        assert list(dict(draw_pair(drawn, apart))) == ["projections"]
