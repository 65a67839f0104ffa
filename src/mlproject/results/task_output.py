"""A task's folder, read file by file when it is asked for: what terminal, figures, tracking and registry share."""

from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from mlproject.files import read_json
from mlproject.prediction.package import RECIPE, ClusterDescription, KnownTracks, Recipe, read_package
from mlproject.results.examples import Examples, read_examples
from mlproject.results.output import Output
from mlproject.results.record import read_file
from mlproject.results.task_record import TaskRecord

__all__ = ["TaskOutput"]


class TaskOutput(Output[TaskRecord]):
    """What `mlproject.results.write_task` wrote."""

    FILE, KIND = "scores.json", TaskRecord

    @cached_property
    def assignments(self) -> pd.DataFrame:
        """One row per track, indexed by ``track_id``: genre and artist where known, partitions, distance to the centre.

        Partitions of the baseline are the columns ``baseline_<clusterer>``.
        """
        table: pd.DataFrame = read_file(self.folder / "assignments.parquet", pd.read_parquet)
        return table.set_index("track_id")

    def partition(self, clusterer: str | None = None) -> np.ndarray:
        """Return the cluster of each track, shape (n_tracks,), by default of the primary clusterer; -1 is noise."""
        return self._column(clusterer or self.record.clusterer)  # a table without the column is a damaged file

    def baseline_partition(self, clusterer: str) -> np.ndarray:
        """Return the cluster of each track in the baseline's vectors, shape (n_tracks,)."""
        return self._column(f"baseline_{clusterer}")

    def _column(self, name: str) -> np.ndarray:
        return read_file(self.folder / "assignments.parquet", lambda _: self.assignments[name].to_numpy())

    @property
    def genres(self) -> np.ndarray | None:
        """Genre of each track, shape (n_tracks,), None without labels."""
        return self._column("genre").astype(str) if "genre" in self.assignments else None  # parquet gives objects

    @cached_property
    def latent(self) -> np.ndarray:
        """What was clustered, shape (n_tracks, latent_dim), rows as in `assignments`."""
        vectors: np.ndarray = read_file(self.folder / "latent.npy", np.load)
        return vectors

    @cached_property
    def clusters(self) -> list[ClusterDescription]:
        """What each cluster of the primary partition is, by number."""
        return read_file(self.folder / "clusters.json", _clusters)

    @cached_property
    def projections(self) -> pd.DataFrame | None:
        """Places in the plane, rows as in `assignments`: ``tsne_x``, ``tsne_y``, ``umap_x``, ``umap_y``.

        Those of the baseline have the prefix ``baseline_``. None where no projection was asked for.
        """
        path = self.folder / "projections.parquet"  # absent where figures were not asked for
        table: pd.DataFrame | None = read_file(path, pd.read_parquet) if path.exists() else None
        return table

    @cached_property
    def examples(self) -> Examples | None:
        """What figures show of MFCC, or None."""
        path = self.folder / "examples.npz"
        return read_file(path, read_examples) if path.exists() else None

    @cached_property
    def package(self) -> tuple[Recipe, KnownTracks]:
        """How new music gets to its cluster, and the tracks that are known."""
        return read_file(self.folder / "model" / RECIPE, lambda path: read_package(path.parent))


def _clusters(path: Path) -> list[ClusterDescription]:
    return [ClusterDescription.model_validate(cluster) for cluster in read_json(path)["clusters"]]
