"""Make the tracking store, once, and mend DVC's files after a kill; with ``--ui``, show the store in a browser."""

import os
import socket
import sys

from mlproject.passwords import hide_passwords
from mlproject.tracking.registry.versions import MODEL
from mlproject.tracking.store import ensure_store, open_experiment
from mlproject.tracking.ui_views import address, model_address
from mlproject.workspace.console import log
from mlproject.workspace.dvc_leftovers import mend_leftovers
from mlproject.workspace.paths import Workspace
from pipelines._cli import run_command

PORT, HOST = 5000, "127.0.0.1"


def main(arguments: list[str], workspace: Workspace) -> None:
    """Initialise the store that every command of this checkout logs to."""
    mend_leftovers(workspace)  # so that `make experiment` goes on after a kill
    uri = ensure_store(workspace.root, log=log)
    if "--ui" not in arguments:
        return
    port = _free_port()
    server = uri.rstrip("/") if uri.startswith("http") else f"http://{HOST}:{port}"
    server = hide_passwords(server)
    print(f"compare the runs: {server}/{address(open_experiment(uri), 'label-free', charts=True)}")
    print(f"the models:       {server}/{model_address(MODEL)}", flush=True)
    if not uri.startswith("http"):  # else somebody else serves the store
        os.environ["MLFLOW_BACKEND_STORE_URI"] = uri  # not on the command line: it may hold a password
        options = ["--host", HOST, "--port", str(port)]
        os.execvp(sys.executable, [sys.executable, "-m", "mlflow", "server", *options])


def _free_port() -> int:
    """Return the first port from 5000 on that nobody listens at."""
    for port in range(PORT, PORT + 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # one that was just left is free
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    return 0


if __name__ == "__main__":
    run_command(main)
