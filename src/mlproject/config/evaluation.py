"""`conf/evaluation.yaml`: how every task is clustered and judged."""

from typing import Literal

from pydantic import Field

from mlproject.config.section import Section

__all__ = ["ClustererName", "EvaluationConfig"]

ClustererName = Literal["kmeans", "agglomerative", "spectral", "gaussian_mixture", "dbscan", "hdbscan"]


class EvaluationConfig(Section):
    """`conf/evaluation.yaml`: how every task is clustered and scored, the same for all."""

    n_clusters: int = Field(10, ge=2, le=1000, description="number of clusters")
    clusterers: tuple[ClustererName, ...] = Field(
        ("kmeans", "agglomerative", "spectral", "dbscan"),
        min_length=1,
        description="clusterers; the first is the primary",
    )
    n_init: int = Field(10, ge=1, le=1000, description="restarts of K-Means and of the mixture")
    n_neighbors: int = Field(
        10, ge=2, le=1000, description="neighbours of spectral clustering and DBSCAN, smallest cluster of HDBSCAN"
    )
    seed: int = Field(42, ge=0, lt=2**32, description="seed of the training")
    clustering_seed: int = Field(42, ge=0, lt=2**32, description="seed of clusterers and of projections in figures")
    figures: bool = Field(True, description="draw the figures")
    seeds: int = Field(10, ge=2, le=1000, description="evaluate: training seeds, and as many of the clusterer")
    subsamples: int = Field(100, ge=4, le=10_000, description="evaluate: random subsets of the tracks")
    subsample_share: float = Field(0.8, ge=0.1, le=0.95, description="evaluate: share of the tracks in each of them")
    control_seeds: int = Field(3, ge=1, le=1000, description="evaluate: seeds of each control")
    ablation: tuple[str, ...] = Field((), description="compare: tasks whose rows show what each input adds")
    level: float = Field(0.05, gt=0, lt=0.5, description="evaluate: chance of a wrong verdict anywhere in a table")

    @property
    def primary(self) -> str:
        """Name of the clusterer whose scores are also logged without a prefix."""
        return self.clusterers[0]
