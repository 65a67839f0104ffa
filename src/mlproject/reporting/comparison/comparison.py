"""Several runs side by side: tables, figures and what each of them needs, from their folders alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from mlproject.config import EvaluationConfig
from mlproject.evaluation.spaces import silhouette_matrix
from mlproject.files import read_json, write_figure, write_table, write_text
from mlproject.reporting.comparison.leaderboard import (
    COLUMNS,
    Row,
    ablation_rows,
    leaderboard_markdown,
    leaderboard_rows,
)

__all__ = ["Compared", "Comparison"]


@dataclass(frozen=True)
class Compared:
    """One run in a comparison.

    Attributes
    ----------
    name : str
        What it is called here; no two bear the same.
    folder : Path
        A task's output.
    evaluated : Path or None
        The output of its evaluation.
    costs : mapping of str to float
        ``seconds`` and ``memory_mib`` of the run, as far as they are known.
    """

    name: str
    folder: Path
    evaluated: Path | None = None
    costs: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def scores(self) -> dict[str, Any]:
        """What its scores.json holds, under the name it bears here."""
        return read_json(self.folder / "scores.json") | {"task": self.name}

    @cached_property
    def evaluation(self) -> dict[str, Any] | None:
        """What its evaluation.json holds, or None where it was not evaluated."""
        if self.evaluated is None:
            return None
        return read_json(self.evaluated / "evaluation.json") | {"task": self.name}

    @property
    def finished(self) -> bool:
        """Whether it has vectors and partitions, and is not merely not applicable."""
        return bool(self.scores["status"] == "finished")

    @cached_property
    def assignments(self) -> Any:
        """Its table of tracks and partitions, indexed by track."""
        import pandas as pd

        return pd.read_parquet(self.folder / "assignments.parquet").set_index("track_id")

    @cached_property
    def latent(self) -> np.ndarray:
        """Its vectors, rows as in `assignments`."""
        vectors: np.ndarray = np.load(self.folder / "latent.npy")
        return vectors


@dataclass(frozen=True)
class Comparison:
    """Runs side by side.

    Attributes
    ----------
    runs : sequence of Compared
    config : EvaluationConfig
        Level of the verdicts, tasks of the ablation, the clusterer that counts.
    """

    runs: Sequence[Compared]
    config: EvaluationConfig

    @cached_property
    def rows(self) -> list[Row]:
        """The leaderboard; see `mlproject.reporting.comparison.leaderboard.leaderboard_rows`."""
        evaluations = [run.evaluation for run in self.runs if run.evaluation is not None]
        rows = leaderboard_rows([run.scores for run in self.runs], evaluations, level=self.config.level)
        costs = {run.name: run.costs for run in self.runs}
        return [row | dict(costs[row["task"]]) for row in rows]

    @property
    def finished(self) -> list[Compared]:
        """The runs that have something to compare, in the order of the leaderboard."""
        place = {row["task"]: number for number, row in enumerate(self.rows)}
        return sorted((run for run in self.runs if run.finished), key=lambda run: place[run.name])

    @property
    def best(self) -> Compared | None:
        """The label-free run at the head of the leaderboard."""
        head = next((row["task"] for row in self.rows if row["representation"] == "label-free"), None)
        return next((run for run in self.runs if run.name == head), None)

    @property
    def markdown(self) -> str:
        """The leaderboard and the ablation as Markdown."""
        return leaderboard_markdown(self.rows, ablation_rows(self.rows, self.config.ablation))

    def write(self, folder: Path) -> None:
        """Write leaderboard.csv and .md, silhouettes.csv and figures/ into a folder."""
        import pandas as pd

        write_table(folder / "leaderboard.csv", pd.DataFrame(self.rows, columns=list(COLUMNS)))
        write_text(folder / "leaderboard.md", self.markdown)
        silhouettes = self._silhouettes()
        write_table(folder / "silhouettes.csv", pd.DataFrame(silhouettes).T.rename_axis("partition").reset_index())
        (folder / "figures").mkdir(exist_ok=True)
        if self.config.figures:
            from mlproject.reporting.comparison.figures import draw_comparison_figures

            for stem, figure in draw_comparison_figures(self, silhouettes):
                write_figure(folder / "figures" / f"{stem}.png", figure)

    def _silhouettes(self) -> dict[str, dict[str, float | None]]:
        """Silhouette of every partition, and of the true genres, in every space; common tracks alone."""
        if not self.finished:
            return {}
        common = sorted(set.intersection(*(set(run.assignments.index) for run in self.finished)))
        rows = {run.name: run.assignments.index.get_indexer(common) for run in self.finished}
        spaces = {run.name: run.latent[rows[run.name]] for run in self.finished}
        partitions = {
            run.name: run.assignments[run.scores["primary_clusterer"]].to_numpy()[rows[run.name]]
            for run in self.finished
        }
        first = self.finished[0]
        if len(common) and "genre" in first.assignments:
            partitions["true genres"] = first.assignments.genre.to_numpy()[rows[first.name]]
        return silhouette_matrix(spaces, partitions) if len(common) else {}
