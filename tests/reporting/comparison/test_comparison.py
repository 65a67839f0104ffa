"""A comparison is made of the folders of runs alone; its best run never saw a label."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import silhouette_score

from mlproject.evaluation.significance import Verdict
from mlproject.reporting.comparison.figures import draw_comparison_figures, verdicts, write_comparison
from mlproject.reporting.comparison.leaderboard import COLUMNS
from mlproject.results.compared_run import ComparedRun
from mlproject.results.task_output import TaskOutput
from tests.reporting.comparison.compared_runs import compared_run, comparison_of, missing_run
from tests.reporting.evaluation.test_evaluation_figures import words
from tests.results.records import SCORES


class TestRows:
    def test_a_run_goes_by_its_name_in_the_comparison(self, tmp_path):
        run = replace(compared_run(tmp_path, "easy", evaluation={}), name="easy seed=7")
        (row,) = comparison_of(run).rows
        assert (row.name, row.task, row.verdicts["ami"].word) == ("easy seed=7", "easy", "beats")
        assert (row.columns()["run"], row.columns()["task"]) == ("easy seed=7", "easy")

    def test_costs_stand_beside_the_scores_where_they_are_known(self, tmp_path):
        known = compared_run(tmp_path, "easy", costs={"seconds": 12.5, "memory_mib": 800.0})
        rows = {row.name: row.columns() for row in comparison_of(known, compared_run(tmp_path, "vae")).rows}
        assert (rows["easy"]["seconds"], rows["easy"]["memory_mib"]) == (12.5, 800.0)
        assert (rows["vae"]["seconds"], rows["vae"]["memory_mib"]) == (None, None)

    def test_improvement_is_a_share_of_what_pca_scores(self, tmp_path):
        alone = compared_run(tmp_path, "easy")
        (row,) = comparison_of(alone).rows
        pca = alone.task.record.baseline["ami"]
        assert row.improvement_percent == pytest.approx(100 * (row.scores["ami"] - pca) / pca)
        (row,) = comparison_of(compared_run(tmp_path, "easy", evaluation={})).rows
        assert row.improvement_percent == pytest.approx(100 * 0.1 / 0.3)  # over seeds: 0.4 against 0.3

    def test_there_is_no_share_of_nothing(self, tmp_path):
        zero = SCORES | {"ami": 0.0}
        evaluated = compared_run(tmp_path, "easy", evaluation={"baseline": zero})
        unlabelled = compared_run(tmp_path, "vae", labelled=False)
        assert [row.improvement_percent for row in comparison_of(evaluated, unlabelled).rows] == [None, None]

    def test_what_was_not_applicable_stands_last_and_is_not_finished(self, tmp_path):
        comparison = comparison_of(missing_run(tmp_path), compared_run(tmp_path, "easy", moved=20))
        assert [row.name for row in comparison.rows] == ["easy", "medium"]
        assert [run.name for run in comparison.finished] == ["easy"]
        assert "- medium: the corpus has no lyrics" in comparison.markdown


class TestBest:
    def test_it_is_the_label_free_run_of_the_highest_score(self, tmp_path):
        runs = [
            compared_run(tmp_path, "hard", "label-informed", moved=0),
            compared_run(tmp_path, "medium", "label-suspect", moved=1),
            compared_run(tmp_path, "easy", moved=6),
            compared_run(tmp_path, "vae", moved=3),
        ]
        comparison = comparison_of(*runs)
        assert comparison.best is runs[3]
        assert [run.name for run in comparison.finished] == ["vae", "easy", "medium", "hard"]

    def test_what_only_the_evaluation_found_out_counts(self, tmp_path):
        suspect = compared_run(tmp_path, "umap", moved=0, evaluation={"label_use": "label-suspect"})
        assert comparison_of(suspect, compared_run(tmp_path, "easy")).best.name == "easy"

    def test_there_is_none_where_every_run_saw_a_label(self, tmp_path):
        comparison = comparison_of(compared_run(tmp_path, "hard", "label-informed"), missing_run(tmp_path))
        assert comparison.best is None
        assert "genres_of_the_best" not in dict(draw_comparison_figures(comparison, {}))


class TestFiles:
    def test_tables_of_all_runs_are_written(self, tmp_path):
        runs = compared_run(tmp_path, "easy", evaluation={}), compared_run(tmp_path, "hard", "label-informed")
        write_comparison(
            comparison_of(*runs, missing_run(tmp_path), ablation=("hard", "easy")), tmp_path, figures=False
        )
        table = pd.read_csv(tmp_path / "leaderboard.csv")
        assert tuple(table.columns) == COLUMNS
        assert table.run.tolist() == ["easy", "hard", "medium"]
        text = (tmp_path / "leaderboard.md").read_text()
        assert text.index("## Label-free") < text.index("## Label-informed") < text.index("## Ablation by input")
        assert list((tmp_path / "figures").iterdir()) == []

    def test_silhouettes_are_those_of_the_tracks_that_all_runs_have(self, tmp_path):
        long, short = compared_run(tmp_path, "easy", moved=3), compared_run(tmp_path, "vae", tracks=15)
        write_comparison(comparison_of(long, short), tmp_path, figures=False)
        table = pd.read_csv(tmp_path / "silhouettes.csv").set_index("partition")
        assert sorted(table.index) == ["easy", "true genres", "vae"]
        for space in (long, short):
            vectors, genres = space.task.latent[:15].astype(float), long.task.genres[:15]
            assert table[space.name]["true genres"] == pytest.approx(silhouette_score(vectors, genres), abs=1e-5)
            own = silhouette_score(vectors, long.task.partition()[:15])
            assert table[space.name]["easy"] == pytest.approx(own, abs=1e-5)

    def test_a_partition_with_noise_has_no_silhouette(self, tmp_path):
        write_comparison(comparison_of(compared_run(tmp_path, "easy", noise=3)), tmp_path, figures=False)
        table = pd.read_csv(tmp_path / "silhouettes.csv").set_index("partition")
        assert np.isnan(table.easy["easy"])
        assert np.isfinite(table.easy["true genres"])

    def test_runs_without_a_track_in_common_have_no_silhouettes(self, tmp_path):
        other = compared_run(tmp_path, "vae")
        renamed = other.task.assignments.reset_index().assign(track_id=[f"other {row}" for row in range(24)])
        renamed.to_parquet(other.task.folder / "assignments.parquet")
        apart = ComparedRun("vae", TaskOutput(other.task.folder))
        write_comparison(comparison_of(compared_run(tmp_path, "easy"), apart), tmp_path, figures=True)
        assert (tmp_path / "silhouettes.csv").read_text().split() == ["partition"]
        assert "silhouettes.png" not in {path.name for path in (tmp_path / "figures").iterdir()}

    def test_nothing_but_what_was_not_applicable_can_be_written_too(self, tmp_path):
        write_comparison(comparison_of(missing_run(tmp_path)), tmp_path, figures=True)
        assert list((tmp_path / "figures").iterdir()) == []

    def test_two_comparisons_of_the_same_runs_are_the_same_bits(self, tmp_path):
        runs = compared_run(tmp_path, "baseline"), compared_run(tmp_path, "easy", evaluation={})
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            write_comparison(comparison_of(*runs, ablation=("baseline", "easy")), tmp_path / name, figures=True)
        files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*.*"))
        assert [file.stem for file in files if file.suffix == ".png"] == [
            "clusterers",
            "components",
            "genres_of_the_best",
            "metrics",
            "purity_by_genre",
            "silhouettes",
            "verdicts",
        ]
        for file in files:
            assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes(), file


class TestFigures:
    def test_components_show_what_each_adds_in_their_order_whatever_the_ranking(self, tmp_path):
        runs = [
            compared_run(tmp_path, "hard", "label-informed", moved=0),
            compared_run(tmp_path, "easy", moved=3, evaluation={}),
            compared_run(tmp_path, "baseline", moved=12),
            compared_run(tmp_path, "umap", moved=1),
        ]
        comparison = comparison_of(*runs, ablation=("baseline", "easy", "hard"))  # as the table of the ablation
        figure = dict(draw_comparison_figures(comparison, {}))["components"]
        labels = [tick.get_text() for tick in figure.axes[0].get_xticklabels()]
        assert labels == ["PCA", "easy", "hard"]
        assert [text.get_text() for text in figure.axes[0].texts][:2] == ["+0.000", "+0.100"]
        hatched = [bar.get_hatch() is not None for bar in figure.axes[0].patches]
        assert hatched == [False, False, True]

    @pytest.mark.parametrize(("low", "answer"), [(0.01, "By AMI: easy"), (-0.1, "By AMI: none")])
    def test_the_figure_of_verdicts_says_who_beats_or_that_none_does(self, tmp_path, low, answer):
        run = compared_run(tmp_path, "easy", evaluation={})
        (row,) = comparison_of(run).rows
        word = "beats" if low > 0 else "ties"
        judged = {metric: Verdict(word, low, 0.2, 0.01) for metric in row.verdicts}
        assert answer in words(verdicts([replace(row, verdicts=judged)]))

    def test_the_bars_are_those_of_the_scores_and_say_who_saw_a_label(self, tmp_path):
        runs = compared_run(tmp_path, "easy"), compared_run(tmp_path, "hard", "label-informed", moved=0)
        axes = dict(draw_comparison_figures(comparison_of(*runs), {}))["metrics"].axes[0]
        assert [tick.get_text() for tick in axes.get_yticklabels()] == ["easy", "hard"]
        assert [bar.get_width() for bar in axes.patches] == pytest.approx(
            [runs[0].task.record.primary_scores["ami"], 1]
        )
        assert [bar.get_hatch() is not None for bar in axes.patches] == [False, True]

    def test_clusterers_of_what_saw_a_label_bear_a_star(self, tmp_path):
        runs = compared_run(tmp_path, "easy"), compared_run(tmp_path, "hard", "label-informed")
        text = words(dict(draw_comparison_figures(comparison_of(*runs), {}))["clusterers"]).split("\n")
        assert {"easy", "hard *", "K-Means", "DBSCAN"} <= set(text)

    def test_runs_without_labels_have_no_figure_that_needs_them(self, tmp_path):
        comparison = comparison_of(compared_run(tmp_path, "easy", labelled=False))
        figures = dict(draw_comparison_figures(comparison, {"easy": {"easy": 0.3}}))
        assert list(figures) == ["clusterers", "silhouettes"]
        assert "Silhouette" in words(figures["clusterers"])

    def test_the_best_may_be_of_a_corpus_without_labels(self, tmp_path):
        runs = compared_run(tmp_path, "easy", labelled=False), compared_run(tmp_path, "hard", "label-informed")
        figures = dict(draw_comparison_figures(comparison_of(*runs), {}))
        assert "metrics" in figures
        assert "genres_of_the_best" not in figures

    def test_the_genres_of_the_best_add_up_to_its_tracks(self, tmp_path):
        figures = dict(draw_comparison_figures(comparison_of(compared_run(tmp_path, "easy", noise=2)), {}))
        axes = figures["genres_of_the_best"].axes[0]
        assert sum(int(text.get_text()) for text in axes.texts) == 24
        assert {"blues", "jazz", "pop", "noise"} <= set(words(figures["genres_of_the_best"]).split("\n"))
