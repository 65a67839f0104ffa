"""The clusterers that a configuration can name."""

from __future__ import annotations

from typing import Any

from sklearn.cluster import AgglomerativeClustering, KMeans, SpectralClustering

from mlproject.clustering.knee_dbscan import KneeDBSCAN

__all__ = ["make_clusterer"]


def make_clusterer(
    name: str, *, n_clusters: int, n_init: int = 10, n_neighbors: int = 10, random_state: int | None = None
) -> Any:
    """Return a clusterer that is ready for ``fit_predict``.

    Parameters
    ----------
    name : {"kmeans", "agglomerative", "spectral", "dbscan"}
    n_clusters : int
        Clusters to find; DBSCAN finds its own number.
    n_init : int, default=10
        Restarts of K-Means with k-means++.
    n_neighbors : int, default=10
        Neighbours in spectral clustering's graph, and of DBSCAN.
    random_state : int, optional
        Seed of those that draw.
    """
    makers = {
        "kmeans": lambda: KMeans(n_clusters, n_init=n_init, random_state=random_state),
        "agglomerative": lambda: AgglomerativeClustering(n_clusters, linkage="ward"),
        "spectral": lambda: SpectralClustering(
            n_clusters, affinity="nearest_neighbors", n_neighbors=n_neighbors, random_state=random_state
        ),
        "dbscan": lambda: KneeDBSCAN(n_neighbors),
    }
    return makers[name]()  # type: ignore[no-untyped-call]
