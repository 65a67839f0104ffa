"""Make a run again from what it kept, in a checkout of its own, and show what differs.

usage: python -m pipelines.reproduce medium              # a run by id or name, a version or an alias

Its commit and the changes that were not committed are checked out into a folder of their own, data and features come
from DVC's cache (or remote), and its configuration from the run. On the same machine and versions nothing differs, to
the last bit.
"""

from mlproject.errors import ConfigError
from mlproject.workspace.paths import Workspace
from pipelines._cli import run_command, wants_help


def main(arguments: list[str], workspace: Workspace) -> None:
    """Reproduce one run."""
    if wants_help(arguments):
        print(__doc__)
        return
    if len(arguments) != 1:
        raise ConfigError(f"reproduce takes one run, not {len(arguments)}; python -m pipelines.reproduce --help")
    from mlproject.workflows.reproduce_run import reproduce_run

    reproduce_run(workspace, arguments[0])


if __name__ == "__main__":
    run_command(main)
