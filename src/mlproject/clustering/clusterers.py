"""The clusterers that a configuration can name, and DBSCAN whose radius is read off the data."""

from typing import Self

import numpy as np
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.cluster import DBSCAN, HDBSCAN, AgglomerativeClustering, KMeans, SpectralClustering
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import NearestNeighbors
from sklearn.utils.validation import check_scalar, validate_data

__all__ = ["KneeDBSCAN", "make_clusterer"]


def make_clusterer(
    name: str, *, n_clusters: int, n_init: int = 10, n_neighbors: int = 10, random_state: int | None = None
) -> ClusterMixin:
    """Return a clusterer that is ready for ``fit_predict``, by its name in conf/evaluation.yaml.

    DBSCAN and HDBSCAN find their own number of clusters. `n_init` are restarts of K-Means with k-means++ and of the
    mixture; `n_neighbors` those of spectral clustering's graph and of DBSCAN, and HDBSCAN's smallest cluster. Gaussians
    have diagonal covariances: a full one has more numbers than a corpus of hundreds has tracks.
    """
    makers = {
        "kmeans": lambda: KMeans(n_clusters, n_init=n_init, random_state=random_state),
        "agglomerative": lambda: AgglomerativeClustering(n_clusters, linkage="ward"),
        "spectral": lambda: SpectralClustering(
            n_clusters, affinity="nearest_neighbors", n_neighbors=n_neighbors, random_state=random_state
        ),
        "gaussian_mixture": lambda: DoubleGaussianMixture(
            n_clusters, covariance_type="diag", n_init=n_init, random_state=random_state
        ),
        "dbscan": lambda: KneeDBSCAN(n_neighbors),
        "hdbscan": lambda: HDBSCAN(min_cluster_size=n_neighbors, copy=True),
    }
    return makers[name]()  # type: ignore[no-untyped-call]


class DoubleGaussianMixture(GaussianMixture):  # type: ignore[misc]
    """A mixture in double precision: in single, the variance of a column far from zero may come out negative."""

    def fit_predict(self, X: np.ndarray, y: object = None) -> np.ndarray:
        """Cluster vectors of shape (n_tracks, n_columns)."""
        return np.asarray(super().fit_predict(np.asarray(X, dtype=np.float64), y))


class KneeDBSCAN(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """DBSCAN with `eps` at the knee of the sorted distances to the k-th neighbour.

    The knee is the point of the curve that is farthest below the straight line between its ends (V. Satopaa et al.,
    *Finding a "Kneedle" in a Haystack*, 2011, without smoothing).

    Parameters
    ----------
    n_neighbors : int, default=10
        The k of the distances, and DBSCAN's ``min_samples``.

    Attributes
    ----------
    eps_ : float
        The radius that was found.
    labels_ : ndarray of shape (n_tracks,)
        Cluster of each track, -1 for noise.
    """

    def __init__(self, n_neighbors: int = 10) -> None:
        self.n_neighbors = n_neighbors

    def fit(self, X: np.ndarray, y: object = None) -> Self:  # noqa: ARG002
        """Cluster vectors of shape (n_tracks, n_columns)."""
        X = validate_data(self, X, dtype=[np.float32, np.float64], ensure_min_samples=2)
        check_scalar(self.n_neighbors, "n_neighbors", int, min_val=1)
        k = min(self.n_neighbors, len(X) - 1)
        # (n_tracks,): distance of each track to its k-th neighbour, rising.
        distances = np.sort(NearestNeighbors(n_neighbors=k).fit(X).kneighbors()[0][:, -1])
        # The knee: where the curve lies farthest below the straight line between its ends.
        chord = np.linspace(distances[0], distances[-1], len(distances))
        self.eps_ = float(distances[np.argmax(chord - distances)]) or float(np.finfo(np.float32).tiny)
        self.labels_ = DBSCAN(eps=self.eps_, min_samples=self.n_neighbors).fit(X).labels_.astype(np.int32)
        return self
