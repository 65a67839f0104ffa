"""Stage `compare`: verdicts over all tasks together, as a leaderboard, an ablation and figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlproject.artifacts import building, read_json, write_figure, write_table, write_text
from mlproject.evaluation.spaces import silhouette_matrix
from mlproject.reporting.leaderboard import COLUMNS, ablation_rows, leaderboard_markdown, leaderboard_rows
from pipelines import _workspace as workspace
from pipelines._command import run_command


def main(_: list[str]) -> None:
    """Write artifacts/comparison/: leaderboard.csv and .md, silhouettes.csv and figures."""
    names, config = workspace.task_names(), workspace.evaluation_config()
    scores = _records([workspace.TASKS / name / "scores.json" for name in names])
    evaluations = _records([workspace.EVALUATIONS / name / "evaluation.json" for name in names])
    rows = leaderboard_rows(scores, evaluations, level=config.level)
    finished = [one["task"] for one in scores if one["status"] == "finished"]
    with building(workspace.COMPARISON) as folder:
        write_table(folder / "leaderboard.csv", pd.DataFrame(rows, columns=list(COLUMNS)))
        write_text(folder / "leaderboard.md", leaderboard_markdown(rows, ablation_rows(rows, config.ablation)))
        silhouettes = _silhouettes(finished, config.primary)
        write_table(folder / "silhouettes.csv", pd.DataFrame(silhouettes).T.rename_axis("partition").reset_index())
        (folder / "figures").mkdir()
        if config.figures:
            _draw(folder / "figures", rows, silhouettes)
    print((workspace.COMPARISON / "leaderboard.md").read_text())
    print(f"figures: {workspace.COMPARISON.relative_to(workspace.ROOT)}/figures")


def _records(paths: list[Path]) -> list[dict[str, Any]]:
    return [read_json(path) for path in paths if path.exists()]


def _silhouettes(tasks: list[str], clusterer: str) -> dict[str, dict[str, float | None]]:
    """Silhouette of every task's partition, and of the true genres, in every task's space; common tracks alone."""
    tables = {task: pd.read_parquet(workspace.TASKS / task / "assignments.parquet") for task in tasks}
    if not tables:
        return {}
    common = sorted(set.intersection(*(set(table.track_id) for table in tables.values())))
    rows = {task: pd.Index(table.track_id).get_indexer(common) for task, table in tables.items()}
    spaces = {task: np.load(workspace.TASKS / task / "latent.npy")[rows[task]] for task in tasks}
    partitions = {task: tables[task][clusterer].to_numpy()[rows[task]] for task in tasks}
    first = tables[tasks[0]]
    if "genre" in first:
        partitions["true genres"] = first.genre.to_numpy()[rows[tasks[0]]]
    return silhouette_matrix(spaces, partitions)


def _draw(folder: Path, rows: list[dict[str, Any]], silhouettes: dict[str, dict[str, float | None]]) -> None:
    from mlproject.reporting.comparison_figures import draw_comparison_figures

    for stem, figure in draw_comparison_figures(rows, silhouettes):
        write_figure(folder / f"{stem}.png", figure)


if __name__ == "__main__":
    run_command(main)
