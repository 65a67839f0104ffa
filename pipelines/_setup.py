"""Make the tracking store, once; with ``--ui``, show it in a browser."""

import os
import sys

from mlproject.tracking.store import ensure_store
from mlproject.tracking.ui_views import address
from mlproject.workspace.console import log
from mlproject.workspace.paths import Workspace
from pipelines._cli import run_command


def main(arguments: list[str], workspace: Workspace) -> None:
    """Initialise the store that every command of this checkout logs to."""
    uri = ensure_store(workspace.root, log=log)
    if "--ui" in arguments:
        print(f"compare the runs: http://127.0.0.1:5000/{address('0', 'label-free', charts=True)}", flush=True)
        os.execvp(sys.executable, [sys.executable, "-m", "mlflow", "server", "--backend-store-uri", uri])


if __name__ == "__main__":
    run_command(main)
