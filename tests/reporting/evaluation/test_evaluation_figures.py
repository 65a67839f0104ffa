"""Figures of evaluations say what they show, whatever is undefined."""

from __future__ import annotations

import io

import numpy as np
import pytest
from matplotlib.figure import Figure

from mlproject.reporting.comparison.figures import draw_comparison_figures
from mlproject.reporting.comparison.heatmaps import contingency_figure, genre_table
from mlproject.reporting.evaluation.figures import COLOURS, draw_evaluation_figures
from tests.reporting.comparison.compared_runs import compared_run, comparison_of
from tests.results.records import evaluation_record


def words(figure: Figure) -> str:
    """All text of a figure."""
    figure.canvas.draw()
    found = list(figure.texts)
    for axes in figure.axes:
        found += [*axes.texts, axes.title, axes.xaxis.label, axes.yaxis.label, *axes.get_xticklabels()]
        found += axes.get_yticklabels()
    return "\n".join(text.get_text() for text in found)


DIAGNOSTICS = {
    "latent_dim": 3,
    "active_units": 2,
    "active_variance": 0.02,
    "kl": [1.5, 0.2, 0.0],
    "elbo": -3.0,
    "held_out_elbo": -4.0,
    "error": 0.3,
    "held_out_error": 0.5,
    "pca_error": 0.2,
    "pca_held_out_error": 0.4,
}
POINT = {"probes": {"linear": {"accuracy": 0.3, "permuted": 0.1}}, "excess": 0.2, "swap_ratio": 1.7, "cost": 1.4}
POINT |= {"penalty": 0.0, "hsic": 0.1, "hsic_p": 0.5, "error": 0.4, "swapped_error": 0.68, "active_units": 2.0}
CONDITIONING = {
    "latent_dim": 3,
    "n_tracks": 60,
    "by_artist": False,
    "largest_excess": 0.07,
    "smallest_swap_ratio": 1.6,
    "unconditioned": POINT,
    "separating": [40.0],
    "curve": [POINT, POINT | {"penalty": 40.0}],
}


def test_a_plain_evaluation_has_three_figures(record):
    figures = dict(draw_evaluation_figures(record))
    assert list(figures) == ["verdict", "controls", "silhouettes"]
    assert "beats  +0.100" in words(figures["verdict"])
    assert "single tracks, artists are not known" in words(figures["verdict"]).replace("\n", " ")
    assert "demo corpus (synthetic)" in words(figures["verdict"])


def test_a_control_without_a_score_is_said_to_be_undefined(record):
    text = words(dict(draw_evaluation_figures(record))["controls"])
    assert "who has words, alone" in text
    assert "n/a" in text


def test_a_space_in_which_a_partition_has_no_silhouette(record):
    assert "n/a" in words(dict(draw_evaluation_figures(record))["silhouettes"])


@pytest.mark.parametrize("kind", ["label-informed", "label-suspect"])
def test_what_saw_a_label_says_so_on_every_figure(kind):
    for figure in dict(draw_evaluation_figures(evaluation_record(label_use=kind))).values():
        assert kind in words(figure)


def test_a_variational_encoder_and_a_condition_have_figures_of_their_own():
    figures = dict(draw_evaluation_figures(evaluation_record(vae_diagnostics=DIAGNOSTICS, conditioning=CONDITIONING)))
    assert list(figures)[3:] == ["divergence", "conditioning"]
    assert "2 of 3 dimensions are active" in words(figures["divergence"])
    assert "above 0.02" in words(figures["divergence"]).replace("\n", " ")
    text = words(figures["conditioning"]).replace("\n", " ")
    assert all(part in text for part in ("do both: 40", "the dotted line (0.07)", "listens above 1.6"))


def test_the_comparison_shows_claims_of_label_free_tasks_alone(tmp_path):
    runs = [
        compared_run(tmp_path, "umap", evaluation={}),
        compared_run(tmp_path, "hard", "label-informed", evaluation={}),
    ]
    silhouettes = {"umap": {"umap": 0.2, "hard": None}, "true genres": {"umap": -0.1, "hard": 0.9}}
    figures = dict(draw_comparison_figures(comparison_of(*runs), silhouettes))
    assert "umap" in words(figures["verdicts"])
    assert "hard" not in words(figures["verdicts"])
    assert {"umap", "hard", "true genres", "n/a"} <= set(words(figures["silhouettes"]).split("\n"))


def test_the_comparison_of_tasks_that_were_not_evaluated_has_no_verdicts(tmp_path):
    figures = dict(draw_comparison_figures(comparison_of(compared_run(tmp_path, "umap")), {}))
    assert list(figures) == ["metrics", "clusterers", "purity_by_genre", "genres_of_the_best"]


@pytest.mark.filterwarnings("ignore:Glyph .* missing")
@pytest.mark.parametrize(
    ("name", "count"),
    [("x", 1), ("x", 21), ("n" * 80, 2), ("$x_1^$ & <b>", 2), ("ロック", 2)],
    ids=lambda one: str(one)[:5],
)
def test_figures_of_runs_of_any_number_and_name_are_drawn(tmp_path, name, count):
    runs = [compared_run(tmp_path, f"{name}{number}", evaluation={}) for number in range(count)]
    silhouettes = {run.name: {other.name: 0.1 for other in runs} for run in runs}
    figures = [*dict(draw_comparison_figures(comparison_of(*runs), silhouettes)).values()]
    figures += dict(draw_evaluation_figures(evaluation_record(name))).values()
    for figure in figures:
        figure.savefig(io.BytesIO(), format="png")


@pytest.mark.parametrize("kind", ["one cluster", "one per track", "genres of 80 letters", "21 genres"])
def test_a_table_of_genres_and_clusters_is_drawn_for_any_of_them(kind):
    rows = np.arange(42)
    genres = np.array([f"{'g' * 79 if kind == 'genres of 80 letters' else 'genre '}{row % 21}" for row in rows])
    clusters = {"one cluster": np.zeros_like(rows), "one per track": rows}.get(kind, rows % 5)
    for figure in (
        genre_table([], "x", clusters, genres),
        contingency_figure("a", "b", ("x", "y"), (clusters, rows % 3)),
    ):
        figure.savefig(io.BytesIO(), format="png")


def test_each_word_of_a_verdict_has_a_colour():
    assert set(COLOURS) == {"beats", "ties", "loses", "none"}
