"""Stage `compare`: the leaderboard, the figures of all results, and the explorer of their clusters."""

from mlproject.workflows.drawing import draw_experiment
from mlproject.workflows.explorer import REPORT
from mlproject.workspace.paths import Workspace
from pipelines._cli import run_command


def main(_: list[str], workspace: Workspace) -> None:
    """Write artifacts/comparison/."""
    has_explorer = draw_experiment(workspace)
    print(f"written: {workspace.comparison.relative_to(workspace.root)}/")
    if has_explorer:
        print(f"clusters to explore and hear, in a browser: {workspace.comparison / REPORT}")


if __name__ == "__main__":
    run_command(main)
