"""Vectors -> partitions: the clusterers by name, each on one matrix, with no labels in sight."""

from mlproject.clustering.clusterers import make_clusterer
from mlproject.clustering.knee_dbscan import KneeDBSCAN

__all__ = ["KneeDBSCAN", "make_clusterer"]
