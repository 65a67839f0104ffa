"""An evaluation's record -> its figures, in files."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from mlproject.files import write_figure
from mlproject.reporting.evaluation.figures import draw_evaluation_figures

__all__ = ["write_evaluation_figures"]


def write_evaluation_figures(
    folder: Path, record: dict[str, Any], *, progress: Callable[[Iterable[Any]], Iterable[Any]] = iter
) -> None:
    """Draw all figures of an evaluation into ``figures/``."""
    for stem, figure in progress(draw_evaluation_figures(record)):
        write_figure(folder / "figures" / f"{stem}.png", figure)
