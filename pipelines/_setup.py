"""Make the tracking store, once; with ``--ui``, show it in a browser."""

from __future__ import annotations

import os
import sys

from pipelines import _workspace as workspace
from pipelines._command import run_command


def main(arguments: list[str]) -> None:
    """Initialise the store that every command of this checkout logs to."""
    uri = workspace.tracking_uri()
    if "--ui" in arguments:
        from mlproject.tracking.ui_views import address

        print(f"compare the runs: http://127.0.0.1:5000/{address('0', 'label-free', charts=True)}", flush=True)
        os.execvp(sys.executable, [sys.executable, "-m", "mlflow", "server", "--backend-store-uri", uri])


if __name__ == "__main__":
    run_command(main)
