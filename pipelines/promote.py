"""Let a version of the registered model be champion, or give the alias back to the version that had it before.

usage: python -m pipelines.promote 7                              a version, or its alias, run or task
       python -m pipelines.promote --undo
"""

from mlproject.errors import ConfigError
from mlproject.workflows.promote import promote_version, undo_promotion
from mlproject.workspace.paths import Workspace
from pipelines._cli import run_command, wants_help


def main(arguments: list[str], workspace: Workspace) -> None:
    """Promote one version, or undo the last promotion."""
    if wants_help(arguments):
        print(__doc__)
    elif len(arguments) != 1:
        raise ConfigError(f"promote takes one version, or --undo, not {len(arguments)} words; see --help")
    elif arguments == ["--undo"]:
        undo_promotion(workspace)
    else:
        promote_version(workspace, arguments[0])


if __name__ == "__main__":
    run_command(main)
