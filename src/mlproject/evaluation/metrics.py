"""The one table of metrics: what each is called, what it needs and which way it points, in the order of every table."""

from typing import NamedTuple

__all__ = ["EXTERNAL_METRICS", "HEADLINE", "INTERNAL_METRICS", "METRICS", "RETRIEVAL_METRICS", "TESTED", "metric_label"]


class Metric(NamedTuple):
    """A score of a partition, or of vectors."""

    key: str  # its name in files, runs and code
    label: str  # its name for people
    range: tuple[float, float | None] = (0.0, 1.0)  # lowest and highest value; None where there is no bound
    needs_labels: bool = True
    adjusted_for_chance: bool = False  # whether random partitions score 0 on average
    higher_is_better: bool = True
    headline: bool = False  # whether it is among the few that a run also logs without the name of a clusterer

    @property
    def axis_label(self) -> str:
        """The label with what the values mean."""
        low, high = self.range
        if self.adjusted_for_chance:
            return f"{self.label} (0 is chance, 1 is best)"
        if high is None:
            return f"score ({'higher' if self.higher_is_better else 'lower'} is better)"
        return f"{self.label} ({low:g} to {high:g})"


METRICS = {
    metric.key: metric
    for metric in (
        Metric("ami", "AMI", (-1.0, 1.0), adjusted_for_chance=True, headline=True),
        Metric("ari", "ARI", (-1.0, 1.0), adjusted_for_chance=True, headline=True),
        Metric("nmi", "NMI", headline=True),
        Metric("homogeneity", "homogeneity"),
        Metric("completeness", "completeness"),
        Metric("purity", "purity", headline=True),
        Metric("accuracy", "accuracy", headline=True),
        Metric("silhouette", "silhouette", (-1.0, 1.0), needs_labels=False, headline=True),
        Metric("calinski_harabasz", "Calinski-Harabasz", (0.0, None), needs_labels=False),
        Metric("davies_bouldin", "Davies-Bouldin", (0.0, None), needs_labels=False, higher_is_better=False),
    )
}
ADJUSTED_METRICS = tuple(key for key, metric in METRICS.items() if metric.adjusted_for_chance)
EXTERNAL_METRICS = tuple(key for key, metric in METRICS.items() if metric.needs_labels)
INTERNAL_METRICS = tuple(key for key, metric in METRICS.items() if not metric.needs_labels)
HEADLINE = tuple(key for key, metric in METRICS.items() if metric.headline)
TESTED = ("ami", "ari", "purity")  # a verdict is given on these
# Of vectors, without clusters; see `mlproject.evaluation.retrieval`.
RETRIEVAL_METRICS = {
    metric.key: metric
    for metric in (
        Metric("precision_at_5", "P@5"),
        Metric("nearest_neighbour", "1-NN"),
        Metric("auc", "AUC"),
    )
}


def metric_label(key: str) -> str:
    """Return what people call a metric."""
    return (METRICS | RETRIEVAL_METRICS)[key].label
