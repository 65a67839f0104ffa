"""All figures of one task, one at a time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from matplotlib.figure import Figure

from mlproject.reporting.task.context import Subject
from mlproject.reporting.task.mfcc import Frames, mfcc_by_genre, reconstructions
from mlproject.reporting.task.partitions import cluster_sizes, genre_by_cluster, purity_by_genre
from mlproject.reporting.task.projections import map_figure
from mlproject.reporting.task.scores import loss_by_epoch, methods_compared, metric_bars

__all__ = ["draw_figures"]


def draw_figures(subject: Subject, *, mfcc: np.ndarray | None, frame_seconds: float) -> Iterator[tuple[str, Figure]]:
    """Draw a task beside the PCA baseline.

    Parameters
    ----------
    subject : Subject
    mfcc : ndarray of shape (n_tracks, n_mfcc, n_frames) or None
        MFCC of the result's tracks, dB; None for a task whose audio block is something else.
    frame_seconds : float
        Time from one MFCC frame to the next.

    Yields
    ------
    str, Figure
        File stem and figure: ``tsne``, ``umap``, ``loss``, ``reconstruction``, ``mfcc_by_genre``, ``metrics``,
        ``methods``, ``genre_by_cluster`` or ``cluster_sizes``, ``purity_by_genre``; those that have nothing to show
        are left out.
    """
    yield "tsne", map_figure(subject, "tsne")
    yield "umap", map_figure(subject, "umap")
    if subject.result.loss_curve is not None:
        yield "loss", loss_by_epoch(subject)
    if mfcc is not None:
        yield from _spectra(subject, Frames.of(mfcc, frame_seconds=frame_seconds))
    yield "metrics", metric_bars(subject)
    if subject.genres is None:
        yield "cluster_sizes", cluster_sizes(subject)
    else:
        yield from _against_genres(subject)


def _spectra(subject: Subject, frames: Frames) -> Iterator[tuple[str, Figure]]:
    if hasattr(subject.result.task.model.encoder_, "reconstruct"):
        yield "reconstruction", reconstructions(subject, frames)
    if subject.genres is not None:
        yield "mfcc_by_genre", mfcc_by_genre(subject, frames)


def _against_genres(subject: Subject) -> Iterator[tuple[str, Figure]]:
    yield "methods", methods_compared(subject)
    yield "genre_by_cluster", genre_by_cluster(subject)
    if subject.result.task.scores[subject.primary]["purity"] is not None:
        yield "purity_by_genre", purity_by_genre(subject)
