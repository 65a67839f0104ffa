"""`scores.json`: what came of a task, as typed values."""

from mlproject.evaluation.metrics import HEADLINE
from mlproject.results.record import Part, Record, Scores

__all__ = ["TaskRecord", "Training"]


class Training(Part):
    """Loss by epoch, what it measures, and the loss of predicting every column's mean where that is known."""

    loss_curve: tuple[float, ...]
    loss_name: str
    loss_of_means: float | None


class TaskRecord(Record):
    """All that is known of a finished task but its arrays."""

    notes: tuple[str, ...]  # what a reader of the scores should know
    is_baseline: bool  # the task is the baseline itself: there are no two to compare
    lyrics_coverage: float | None  # share of the tracks with lyrics; None for a task without them
    latent_dim: int
    baseline_latent_dim: int
    scores: dict[str, Scores]  # by clusterer and metric; undefined ones are None
    baseline_by_clusterer: dict[str, Scores]  # scores of PCA with each clusterer
    delta: Scores  # scores of the primary clusterer minus `baseline`
    purity_by_genre: dict[str, dict[str, float] | None]  # by clusterer and genre
    training: Training | None  # None for a model without epochs
    frame_seconds: float | None  # from one MFCC frame to the next, s; None for a task without MFCC
    figure_seed: int  # of what figures draw by chance

    @property
    def primary_scores(self) -> Scores:
        """Scores of the primary clusterer's partition."""
        return self.scores[self.clusterer]

    @property
    def headline(self) -> Scores:
        """The few scores of the primary partition that stand without the name of a clusterer."""
        return {key: self.primary_scores.get(key) for key in HEADLINE}
