"""All figures of one task, one at a time."""

from collections.abc import Callable, Iterator
from pathlib import Path

from matplotlib.figure import Figure

from mlproject.files import write_figure
from mlproject.reporting.style import Drawings
from mlproject.reporting.task.context import TaskFigures
from mlproject.reporting.task.mfcc import mfcc_by_genre, reconstructions
from mlproject.reporting.task.partitions import cluster_sizes, genre_by_cluster, purity_by_genre
from mlproject.reporting.task.projections import projection_figure
from mlproject.reporting.task.scores import loss_by_epoch, methods_compared
from mlproject.results.task_output import TaskOutput

__all__ = ["draw_figures", "write_task_figures"]


def draw_figures(context: TaskFigures) -> Iterator[tuple[str, Figure]]:
    """Draw a task beside the PCA baseline; yield file stem and figure of what has something to show."""
    record, examples = context.record, context.output.examples
    if (places := context.output.projections) is not None:
        yield "tsne", projection_figure(context, places, "tsne")
        yield "umap", projection_figure(context, places, "umap")
    if record.training is not None:
        yield "loss", loss_by_epoch(context, record.training)
    if examples is not None and len(examples.names):
        yield "reconstruction", reconstructions(context, examples)
    if examples is not None and len(examples.genres):
        yield "mfcc_by_genre", mfcc_by_genre(context, examples)
    yield "methods", methods_compared(context)
    if context.genres is None:
        yield "cluster_sizes", cluster_sizes(context)
        return
    yield "genre_by_cluster", genre_by_cluster(context)
    if record.primary_scores["purity"] is not None:
        yield "purity_by_genre", purity_by_genre(context)


def write_task_figures(output: TaskOutput, folder: Path, *, progress: Callable[[Drawings], Drawings] = iter) -> None:
    """Draw all figures that a task's folder has the data for into a folder, as .png."""
    for stem, figure in progress(draw_figures(TaskFigures(output))):
        write_figure(folder / f"{stem}.png", figure)
