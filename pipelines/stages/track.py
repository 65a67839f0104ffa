"""Stage `track`: give every result its run, figures, report and model version; always runs, and writes no output."""

from mlproject.workflows.track_experiment import track_experiment
from mlproject.workspace.paths import Workspace
from pipelines._cli import run_command


def main(_: list[str], workspace: Workspace) -> None:
    """Track what the stages before have computed."""
    track_experiment(workspace)


if __name__ == "__main__":
    run_command(main)
