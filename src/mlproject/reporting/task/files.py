"""A task's result -> its figures and the places on its maps, in files."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlproject.config import EvaluationConfig
from mlproject.experiment.run_task import TaskResult
from mlproject.files import write_figure, write_table
from mlproject.reporting.task.context import Subject
from mlproject.reporting.task.figures import draw_figures

__all__ = ["write_figures"]


def write_figures(
    folder: Path,
    result: TaskResult,
    *,
    name: str,
    corpus: str,
    evaluation: EvaluationConfig,
    mfcc: np.ndarray | None,
    frame_seconds: float,
    progress: Callable[[Iterable[Any]], Iterable[Any]] = iter,
) -> None:
    """Draw all figures of a task into ``figures/``, and write the places on its maps into maps.parquet.

    See `mlproject.reporting.task.figures.draw_figures`.
    """
    subject = Subject(result, name, corpus, evaluation.primary, evaluation.clustering_seed)
    for stem, figure in progress(draw_figures(subject, mfcc=mfcc, frame_seconds=frame_seconds)):
        write_figure(folder / "figures" / f"{stem}.png", figure)
    places = {f"{method}_{axis}": of[0][:, i] for method, of in subject.places.items() for i, axis in enumerate("xy")}
    write_table(folder / "maps.parquet", pd.DataFrame(places))
