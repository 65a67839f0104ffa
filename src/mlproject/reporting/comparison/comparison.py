"""Several runs side by side, from their folders alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from mlproject.config.evaluation import EvaluationConfig
from mlproject.evaluation.internal import silhouette_matrix
from mlproject.reporting.comparison.leaderboard import Row, ablation_rows, leaderboard_markdown, leaderboard_rows
from mlproject.results.compared_run import ComparedRun

__all__ = ["Comparison"]


@dataclass(frozen=True)
class Comparison:
    """Runs side by side."""

    runs: Sequence[ComparedRun]
    config: EvaluationConfig  # level of the verdicts, tasks of the ablation

    @cached_property
    def rows(self) -> list[Row]:
        """The leaderboard; see `mlproject.reporting.comparison.leaderboard.leaderboard_rows`."""
        return leaderboard_rows(self.runs, level=self.config.level)

    @property
    def finished(self) -> list[ComparedRun]:
        """The runs that have something to compare, in the order of the leaderboard."""
        place = {row.name: number for number, row in enumerate(self.rows)}
        return sorted((run for run in self.runs if run.finished), key=lambda run: place[run.name])

    @property
    def best(self) -> ComparedRun | None:
        """The label-free run at the head of the leaderboard."""
        return next((run for run in self.finished if run.label_use == "label-free"), None)  # rows stand by falling AMI

    @property
    def markdown(self) -> str:
        """The leaderboard and the ablation as Markdown."""
        return leaderboard_markdown(self.rows, ablation_rows(self.rows, self.config.ablation))

    @cached_property
    def silhouettes(self) -> dict[str, dict[str, float | None]]:
        """Silhouette of every partition, and of the true genres, in every space; on the tracks that all runs have."""
        runs = self.finished
        if not runs:
            return {}
        common = runs[0].task.assignments.index
        for run in runs:
            common = common.intersection(run.task.assignments.index)
        if common.empty:
            return {}
        common = common.sort_values()  # one order for all runs
        rows = {run.name: run.task.assignments.index.get_indexer(common) for run in runs}
        spaces = {run.name: run.task.latent[rows[run.name]] for run in runs}  # (n_common, latent_dim)
        partitions = {run.name: run.task.partition()[rows[run.name]] for run in runs}
        genres = runs[0].task.genres
        if genres is not None:
            partitions["true genres"] = genres[rows[runs[0].name]]
        return silhouette_matrix(spaces, partitions)
