"""A server for as long as a test, or the taking of pictures, lasts."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def serving(
    *command: str, answers_at: str, folder: Path, log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Start a server, yield its address once it answers, and end it with all that it has started.

    Parameters
    ----------
    *command : str
        Takes the port as ``--port``.
    answers_at : str
        Where it says that it is ready, such as ``health``.
    folder : Path
        Where it is started.
    log : Path
        What it prints; a pipe that nobody reads would fill up and stop it.
    environment : mapping of str to str, optional
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with log.open("w") as output:
        process = subprocess.Popen(
            [*command, "--port", str(port)],
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{port}/"
    try:
        _wait(process, url + answers_at, log)
        yield url
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=60)


def _wait(process: subprocess.Popen, address: str, log: Path) -> None:
    for _ in range(240):
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            assert process.poll() is None, log.read_text()
            time.sleep(0.5)
    raise TimeoutError(f"{address} does not answer: {log.read_text()}")
