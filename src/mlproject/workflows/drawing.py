"""Results -> figures and reports. A figure never costs a result: what fails here is logged, and the command warns."""

import hashlib
import shutil
import traceback
import warnings
from collections.abc import Callable
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path

import mlproject
from mlproject.errors import FigureWarning
from mlproject.files import atomic_folder, recall_json, write_json, write_text
from mlproject.reporting.comparison.comparison import Comparison
from mlproject.reporting.comparison.figures import write_comparison
from mlproject.reporting.evaluation.figures import write_evaluation_figures
from mlproject.reporting.task.figures import write_task_figures
from mlproject.workflows.explorer import REPORT, listening_clips, write_report
from mlproject.workflows.stage_results import stage_results
from mlproject.workspace.console import log, progress_bar
from mlproject.workspace.paths import Workspace
from mlproject.workspace.task_settings import evaluation_config

__all__ = ["EVALUATION", "TASK", "draw_experiment", "drawing", "kept_figures", "write_compared"]

MANIFEST, LOG = "figures.json", "figures.log"
DRAWING_CODE = ("reporting", "results", "evaluation/metrics.py")  # of the package: figures and their words
TASK, EVALUATION = "figures/tasks/{}", "figures/evaluation/{}"  # where a comparison has the figures of results


def kept_figures(comparison: Path, place: str, source: Path) -> Path | None:
    """Return the folder of what a comparison has drawn of a result, None where that shows another one or is not whole.

    `comparison` is its folder, `place` that of the figures in it (see `TASK`), `source` that of the result.
    """
    manifest, drawn = comparison / MANIFEST, comparison / place
    shows_it = recall_json(manifest).get(place) == _figures_key(source)
    return drawn if shows_it and drawn.is_dir() and not (drawn / LOG).exists() else None


def drawing(folder: Path, draw: Callable[[Path], object]) -> Path:
    """Draw into a folder, and return it.

    This is the one place that catches an error of our own code: the result is kept by now, and a figure can be drawn
    again.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Glyph .* missing")  # a name in a script without a font here
            draw(folder)
    except Exception as error:
        write_text(folder / LOG, traceback.format_exc())
        message = f"not all figures could be drawn ({type(error).__name__}: {error}); {folder / LOG} has the details"
        log(f"warning: {message}")
        warnings.warn(message, FigureWarning, stacklevel=2)
    return folder


def draw_experiment(workspace: Workspace) -> bool:
    """Write artifacts/comparison/ from the results of the stages before; return whether it holds an explorer."""
    config = evaluation_config(workspace)
    comparison = Comparison(stage_results(workspace), config)
    with atomic_folder(workspace.comparison) as folder:
        if config.figures:
            _draw_results(comparison, folder, before=workspace.comparison)
        return write_compared(workspace, comparison, folder, clips=True)


def write_compared(workspace: Workspace, comparison: Comparison, folder: Path, *, clips: bool) -> bool:
    """Write tables, figures and the explorer of all runs, with clips to listen to or without.

    Return whether there is an explorer: runs without projections have nothing to show in it.
    """
    write_comparison(comparison, folder, figures=False)
    if comparison.config.figures:
        drawing(folder, lambda into: write_comparison(comparison, into, figures=True))
    heard = listening_clips(workspace, comparison.finished, all_tracks=True) if clips else {}
    return write_report(folder / REPORT, comparison.finished, title="Clusters of every run", clips=heard)


def _draw_results(comparison: Comparison, folder: Path, *, before: Path) -> None:
    """Draw the figures of every task and of its evaluation, but for those that were drawn of the same before."""
    keys = dict[str, str]()
    for run in progress_bar("figures of", unit=" tasks")(comparison.finished):
        parts: list[tuple[str, Path, Callable[[Path], object]]] = [
            (TASK, run.task.folder, partial(write_task_figures, run.task))
        ]
        if (evaluation := run.evaluation) is not None and evaluation.finished:
            parts.append((EVALUATION, evaluation.folder, partial(write_evaluation_figures, evaluation)))
        for pattern, source, draw in parts:
            place = pattern.format(run.name)
            keys[place] = _figures_key(source)
            if (kept := kept_figures(before, place, source)) is not None:
                shutil.copytree(kept, folder / place)
            else:
                drawing(folder / place, draw)
    write_json(folder / MANIFEST, keys)


def _figures_key(source: Path) -> str:
    """Hash what figures are drawn from: all files of a result but its weights, and the code."""
    digest = hashlib.sha256(_drawing_code().encode())
    for path in sorted(source.rglob("*")):
        name = path.relative_to(source)
        if path.is_file() and name.parts[0] != "model":
            digest.update(name.as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:32]


@cache
def _drawing_code() -> str:
    """Hash the code that draws, and name the version of what it draws with."""
    package, digest = Path(mlproject.__file__).parent, hashlib.sha256(version("matplotlib").encode())
    for place in DRAWING_CODE:
        path = package / place
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            digest.update(file.read_bytes())
    return digest.hexdigest()
