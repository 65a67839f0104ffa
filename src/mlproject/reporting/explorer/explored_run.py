"""A run as the page takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

__all__ = ["ExploredRun"]


@dataclass(frozen=True)
class ExploredRun:
    """A run and what was found out about its clusters.

    Attributes
    ----------
    name : str
        Shown in the switch between runs.
    scores : mapping
        What ``scores.json`` of a finished task holds.
    clusters : mapping
        ``clusterer``, and under ``clusters`` a mapping a cluster: ``cluster``, ``name``, ``size``, ``genres`` (tracks
        by genre, or None), ``purity`` (or None), ``distinguishing`` (mappings of ``feature``, ``phrase`` and
        ``difference``, in standard deviations of all tracks), ``words``, and ``central`` (track ids, most central
        first).
    tracks : DataFrame
        A row a track: ``track_id``, ``cluster`` (-1 is noise), ``distance`` to its centre (missing where there is
        none), ``umap_x``, ``umap_y``, ``tsne_x``, ``tsne_y`` and, where they are known, ``genre`` and ``artist``.
    evaluation : mapping, optional
        What ``evaluation.json`` of the task holds.
    """

    name: str
    scores: Mapping[str, Any]
    clusters: Mapping[str, Any]
    tracks: pd.DataFrame
    evaluation: Mapping[str, Any] | None = None

    @property
    def evaluated(self) -> Mapping[str, Any] | None:
        """The evaluation where it has finished."""
        return self.evaluation if self.evaluation and self.evaluation["status"] == "finished" else None
