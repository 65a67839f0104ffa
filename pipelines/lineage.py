"""What something came from, and what came from it.

usage: python -m pipelines.lineage medium                                   # a run, by name or id
       python -m pipelines.lineage models:/genre-clusters/3                 # a version, or its alias: champion
       python -m pipelines.lineage artifacts/features/audio                 # a file that DVC keeps
       python -m pipelines.lineage 069311f4                                 # the beginning of a hash
       python -m pipelines.lineage champion --verify                        # hash everything again
"""

from mlproject.errors import ConfigError
from mlproject.workspace.paths import Workspace
from pipelines._cli import run_command, wants_help

VERIFY = ("--verify", "verify", "verify=true")


def main(arguments: list[str], workspace: Workspace) -> None:
    """Print both trees of one thing; with --verify, hash what it came from again."""
    if wants_help(arguments):
        print(__doc__)
        return
    words = [word for word in arguments if word not in VERIFY]
    if len(words) != 1:
        raise ConfigError(f"lineage takes one thing to look up, not {len(words)}; python -m pipelines.lineage --help")
    from mlproject.workflows.trace_lineage import trace_lineage

    trace_lineage(workspace, words[0], verify=len(words) < len(arguments))


if __name__ == "__main__":
    run_command(main)
