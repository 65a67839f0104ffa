"""Figures of a result are kept as long as the result and the drawing code are the same."""

from __future__ import annotations

import pytest

from mlproject.errors import FigureWarning
from mlproject.files import write_json
from mlproject.workflows import drawing as module
from mlproject.workflows.drawing import EVALUATION, TASK, drawing, kept_figures


@pytest.fixture
def result(tmp_path):
    """The folder of a result, as far as a hash of it looks."""
    folder = tmp_path / "easy"
    (folder / "model").mkdir(parents=True)
    for name in ("scores.json", "projections.parquet", "examples.npz", "model/arrays.npz"):
        (folder / name).write_bytes(name.encode())
    return folder


@pytest.fixture
def comparison(tmp_path, result):
    """The folder of a comparison that has drawn the result."""
    folder = tmp_path / "comparison"
    drawn = folder / TASK.format("easy")
    drawn.mkdir(parents=True)
    (drawn / "loss.png").touch()
    write_json(folder / "figures.json", {"figures/tasks/easy": module._figures_key(result)})
    return folder


def kept(comparison, result, place=TASK):
    return kept_figures(comparison, place.format("easy"), result)


def test_figures_of_the_same_result_are_kept(comparison, result):
    assert kept(comparison, result) == comparison / "figures" / "tasks" / "easy"


@pytest.mark.parametrize("name", ["scores.json", "projections.parquet", "examples.npz", "new.parquet"])
def test_whatever_figures_show_makes_them_stale(comparison, result, name):
    (result / name).write_bytes(b"changed")
    assert kept(comparison, result) is None


def test_a_file_that_is_gone_makes_them_stale(comparison, result):
    (result / "examples.npz").unlink()
    assert kept(comparison, result) is None


def test_weights_are_not_drawn(comparison, result):
    (result / "model" / "arrays.npz").write_bytes(b"changed")
    assert kept(comparison, result) is not None


def test_other_drawing_code_makes_them_stale(comparison, result, monkeypatch):
    monkeypatch.setattr(module, "_drawing_code", lambda: "another colour")
    assert kept(comparison, result) is None


def test_figures_that_failed_are_drawn_again(comparison, result):
    (comparison / TASK.format("easy") / "figures.log").touch()
    assert kept(comparison, result) is None


def test_figures_that_were_never_drawn_are_not_kept(comparison, result, tmp_path):
    assert kept(comparison, result, place=EVALUATION) is None
    assert kept(tmp_path / "nothing", result) is None


def test_a_figure_that_fails_is_a_warning_and_a_log(tmp_path, capsys):
    def draw(folder):
        (folder / "first.png").touch()
        raise ZeroDivisionError("no colours")

    with pytest.warns(FigureWarning, match=r"not all figures could be drawn \(ZeroDivisionError: no colours\)"):
        drawing(tmp_path / "figures", draw)
    assert "ZeroDivisionError: no colours" in (tmp_path / "figures" / "figures.log").read_text()
    assert (tmp_path / "figures" / "first.png").exists()
    assert "warning: not all figures could be drawn" in capsys.readouterr().err


def test_an_interruption_is_no_failed_figure(tmp_path):
    def draw(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        drawing(tmp_path, draw)
