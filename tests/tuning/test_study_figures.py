"""Figures of a study: there for whatever a study may be, and not empty."""

from __future__ import annotations

import matplotlib
import matplotlib.pyplot as plt
import pytest
from matplotlib.image import imread

from mlproject.tuning.figures import draw_pictures, interactive_figures
from tests.tuning.small_study import SPACE, run_small
from tests.tuning.unlucky import unlucky_study

pytestmark = pytest.mark.slow
ONE = {"optimization_history", "param_importances", "slice", "contour", "parallel_coordinate", "timeline"}
EACH = ONE - {"timeline"}
LATENT = {"model.latent_dim": SPACE["model.latent_dim"]}


def _of(*objectives: str) -> set[str]:
    return {f"{name}_{one}" for one in objectives for name in EACH} | {"pareto_front", "timeline"}


CASES = {
    "one objective": ({}, ONE),
    "two objectives": (
        {"objective": ("reconstruction", "neighbours")},
        _of("reconstruction", "neighbours"),
    ),
    "three objectives": (
        {"objective": ("reconstruction", "neighbours", "latent_size")},
        _of("reconstruction", "neighbours", "latent_size"),
    ),
    "one parameter": ({"space": LATENT}, ONE - {"contour"}),
    "a condition": (
        {"space": LATENT | {"model.hidden": SPACE["model.hidden"] | {"when": {"model.latent_dim": [2, 3, 4, 5, 6]}}}},
        ONE,
    ),
    "an objective that does not vary": (
        {"space": {"model.learning_rate": {"float": [0.001, 0.01]}}, "objective": ("neighbours", "latent_size")},
        _of("neighbours", "latent_size")
        - {"contour_neighbours", "contour_latent_size", "param_importances_latent_size"},
    ),
}


def _look(shared, folder, names):
    written = draw_pictures(shared, folder)
    assert {path.stem for path in written} == names
    for path in written:
        assert imread(path)[..., :3].std() > 0.03, path.name
    figures = list(interactive_figures(shared))
    assert len(figures) == len(names)
    for title, meaning, figure in figures:
        assert title
        assert meaning
        assert figure.data, title


@pytest.mark.parametrize("case", CASES)
def test_figures_of_each_kind_of_study(case, tmp_path):
    changes, names = CASES[case]
    _look(run_small(tmp_path, **({"trials": 8} | changes)), tmp_path / "figures", names)


def test_figures_of_a_study_with_failed_trials(tmp_path):
    _look(unlucky_study(tmp_path), tmp_path / "figures", ONE)


def test_a_list_is_shown_as_a_task_file_has_it(finished_study):
    shown = {title: figure.to_json() for title, _, figure in interactive_figures(finished_study)}
    assert "[16, 8]" in shown["Parallel coordinates"]
    assert not [title for title, content in shown.items() if "list:" in content]


def test_a_study_with_one_result_has_no_figures(tmp_path):
    shared = run_small(tmp_path, trials=1)
    assert draw_pictures(shared, tmp_path / "figures") == []
    assert list(interactive_figures(shared)) == []


def test_drawing_leaves_the_style_of_other_figures_alone_and_no_figure_open(finished_study, tmp_path):
    plt.switch_backend("agg")  # Sets `backend_fallback`, which is no style.
    before = dict(matplotlib.rcParams)
    draw_pictures(finished_study, tmp_path)
    assert dict(matplotlib.rcParams) == before
    assert plt.get_fignums() == []
