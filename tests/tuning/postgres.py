"""A real PostgreSQL server of a test's own, from Debian's package."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def binaries() -> Path | None:
    """Return the folder that holds initdb and postgres, or None where PostgreSQL is not installed."""
    if shutil.which("pg_config"):
        folder = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=True).stdout.strip()
        if (Path(folder) / "initdb").exists():
            return Path(folder)
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


@contextmanager
def server() -> Iterator[str]:
    """Run a server with its files in a folder of its own; yield the address of an empty database.

    PostgreSQL refuses to run as root: the user `postgres`, whom the package makes, runs it then. Folders of pytest are
    closed to that user whenever another pytest starts.
    """
    programs, root = binaries(), os.getuid() == 0
    assert programs is not None
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    if root:
        shutil.chown(folder, "postgres")
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]

    def run(*command: str) -> None:
        as_user = ["runuser", "-u", "postgres", "--"] if root else []
        subprocess.run([*as_user, *command], check=True, cwd=folder, capture_output=True, timeout=120)

    data, log = str(folder / "data"), str(folder / "log")
    run(str(programs / "initdb"), "-D", data, "-A", "trust", "-U", "study", "--no-sync")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
    run(str(programs / "pg_ctl"), "-D", data, "-o", options, "-l", log, "-w", "start")
    try:
        run(str(programs / "createdb"), "-h", "127.0.0.1", "-p", str(port), "-U", "study", "studies")
        yield f"postgresql://study@127.0.0.1:{port}/studies"
    finally:
        run(str(programs / "pg_ctl"), "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder)
