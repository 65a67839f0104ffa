"""What every figure of a task shares: whose tracks, which methods are compared, and whether labels reached them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from mlproject.reporting.formatting import clusterer_label
from mlproject.reporting.style import BASELINE_COLOUR, TASK_COLOUR, plain, record_figure
from mlproject.results.record import Scores
from mlproject.results.task_output import TaskOutput
from mlproject.results.task_record import TaskRecord

__all__ = ["Method", "TaskFigures"]


class Method(NamedTuple):
    """One of the two that are compared."""

    label: str
    colour: str
    prefix: str  # of its columns in the table of projections
    latent_dim: int  # dimensions of its vectors
    scores: dict[str, Scores]  # by clusterer and metric
    partition: Callable[[str], np.ndarray]  # takes a clusterer; returns the cluster of each track


@dataclass(frozen=True)
class TaskFigures:
    """A task's output, and what its figures share."""

    output: TaskOutput

    @property
    def record(self) -> TaskRecord:
        """The task's record."""
        return self.output.record

    @cached_property
    def genres(self) -> np.ndarray | None:
        """Genre of each track, None without labels."""
        return self.output.genres

    @property
    def genre_names(self) -> list[str]:
        """Genres in order of their names, empty without labels."""
        return [] if self.genres is None else np.unique(self.genres).tolist()

    @property
    def labels(self) -> np.ndarray:
        """The primary partition of the task."""
        return self.output.partition()

    @property
    def clusterer(self) -> str:
        """Name of the primary clusterer as people write it."""
        return clusterer_label(self.record.clusterer)

    @property
    def methods(self) -> tuple[Method, ...]:
        """The task and the PCA baseline; the task alone where it is the baseline."""
        record, output = self.record, self.output
        task = Method(plain(record.task), TASK_COLOUR, "", record.latent_dim, record.scores, output.partition)
        if record.is_baseline:  # nothing to compare with
            return (task,)
        scores, size = record.baseline_by_clusterer, record.baseline_latent_dim
        return task, Method("PCA baseline", BASELINE_COLOUR, "baseline_", size, scores, output.baseline_partition)

    def figure(
        self, title: str, *, note: str = "", height: float = 7.0, legend: Sequence[Artist] = (), of_task: bool = True
    ) -> Figure:
        """Return an empty figure, which with `of_task` warns of a task that is not label-free; see `new_figure`."""
        warning = self._warning() if of_task else ""
        return record_figure(self.record, title, warning=warning, height=height, note=note, legend=legend)

    def _warning(self) -> str:
        if self.record.label_use == "label-informed":
            blocks = ", ".join(self.record.label_derived)
            return f"LABEL-INFORMED: genre reached the clustered vector (blocks: {blocks})"
        return "LABEL-SUSPECT: a block alone tells the genre" if self.record.label_use == "label-suspect" else ""
