"""Stage `compare`: the leaderboard of all tasks as CSV and Markdown, and on the terminal."""

from __future__ import annotations

import pandas as pd

from mlproject.artifacts import building, read_json, write_table, write_text
from mlproject.reporting.leaderboard import COLUMNS, leaderboard_markdown, leaderboard_rows
from pipelines import _workspace as workspace
from pipelines._command import run_command


def main(_: list[str]) -> None:
    """Write artifacts/comparison/leaderboard.csv and .md from each task's scores.json."""
    paths = [workspace.TASKS / name / "scores.json" for name in workspace.task_names()]
    rows = leaderboard_rows(read_json(path) for path in paths if path.exists())
    with building(workspace.COMPARISON) as folder:
        write_table(folder / "leaderboard.csv", pd.DataFrame(rows, columns=list(COLUMNS)))
        write_text(folder / "leaderboard.md", leaderboard_markdown(rows))
    print((workspace.COMPARISON / "leaderboard.md").read_text())


if __name__ == "__main__":
    run_command(main)
