"""DVC, run as a process: what is stale, and bringing it up to date, one caller at a time."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from mlproject.config.tasks import BlocksConfig
from mlproject.errors import StageError
from mlproject.files import locked
from mlproject.workspace.console import log
from mlproject.workspace.dvc_lock import stage_hash
from mlproject.workspace.environment import isolated_environment
from mlproject.workspace.paths import Workspace

__all__ = ["bring_up_to_date", "data_hash", "feature_stages", "features_hash", "stale_stages"]

RETRIES, PAUSE = 60, 2.0  # s; another DVC command may be at work


def feature_stages(blocks: BlocksConfig) -> list[str]:
    """Name the stages whose features a task reads."""
    return ["audio_features", "lyrics_features"] if blocks.lyrics else ["audio_features"]


def data_hash(workspace: Workspace) -> str:
    """Return DVC's hash of the present data."""
    return stage_hash(workspace.lock, "prepare")


def features_hash(workspace: Workspace, blocks: BlocksConfig) -> str:
    """Return DVC's hash of the present features that a task reads."""
    return stage_hash(workspace.lock, *feature_stages(blocks))


def stale_stages(workspace: Workspace, *stages: str) -> set[str]:
    """Name those of some stages whose outputs are not of the present data, configuration and code."""
    command = [sys.executable, "-m", "dvc", "status", "--json", *stages]
    done = subprocess.run(command, cwd=workspace.root, capture_output=True, text=True)
    if done.returncode:
        raise StageError(f"dvc status failed: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}")
    return set(json.loads(done.stdout))


def bring_up_to_date(workspace: Workspace, *stages: str, meanwhile: Callable[[], object] = lambda: None) -> None:
    """Let DVC bring stages up to date, one caller at a time.

    `meanwhile` is what this process prepares while DVC, a process of its own, is at work; done when this returns. An
    error in it is ignored: what fails there fails again, with its reason, where it is needed. Raises `StageError` if a
    stage did not end; DVC's own message is on stderr by then.
    """
    with ThreadPoolExecutor(1) as pool, locked(workspace.cache / "dvc repro", log=log):
        preparation = pool.submit(meanwhile)
        status, output = _repro(workspace, stages)
        if status == 0:
            with suppress(Exception):
                preparation.result()
            return
    reasons = [line.removeprefix("error: ") for line in output.splitlines() if line.startswith("error: ")]
    raise StageError(reasons[-1] if reasons else f"dvc repro {' '.join(stages)} failed; run it to see why")


def _repro(workspace: Workspace, stages: tuple[str, ...]) -> tuple[int, str]:
    """Run `dvc repro`, and again while another DVC command is busy; return its status and what it printed."""
    for attempt in range(RETRIES):
        status, output = run_dvc(workspace, "repro", "--quiet", *stages)
        if status == 0 or ("is busy" not in output and "acquire lock" not in output):
            break
        if attempt == 0:
            log("another dvc command is at work; waiting for it to finish")
        time.sleep(PAUSE)
    return status, output


def run_dvc(workspace: Workspace, *arguments: str) -> tuple[int, str]:
    """Run DVC with its stderr passed on; return its status and the end of what it printed there."""
    environment = isolated_environment()
    # Stages call `python`, which has to be this one.
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment.get("PATH", "")])
    command = [sys.executable, "-m", "dvc", *arguments]
    printed = bytearray()
    with subprocess.Popen(command, cwd=workspace.root, env=environment, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        while chunk := os.read(process.stderr.fileno(), 4096):
            printed += chunk
            sys.stderr.write(chunk.decode(errors="replace"))
            sys.stderr.flush()
    return process.returncode, printed[-4000:].decode(errors="replace")
