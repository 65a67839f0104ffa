"""Entry point `compare`: which run is best, why, and how surely; leaderboard, figures, explorer, champion.

usage: python -m pipelines.compare                                the newest run of each name, on the present data
       python -m pipelines.compare data=all since=2026-01-31 task=easy
       python -m pipelines.compare medium baseline                two runs: names, ids, versions or aliases
       mlflow run . -e compare --env-manager local
"""

from mlproject.workflows.compare_runs import compare_runs
from mlproject.workspace.paths import Workspace
from pipelines._cli import check_keys, run_command, wants_help, words_and_values

KEYS = ("task", "data", "since", "runs")


def main(arguments: list[str], workspace: Workspace) -> None:
    """Compare runs of the store."""
    if wants_help(arguments):
        print(__doc__)
        return
    named, values = words_and_values(arguments)
    check_keys(values, KEYS, "compare")
    named += [name.strip() for name in values.pop("runs", "").split(",") if name.strip()]
    compare_runs(workspace, named, values)


if __name__ == "__main__":
    run_command(main)
