"""DVC, run as a process: what is stale, and bringing it up to date, one caller at a time."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psutil

from mlproject.config.tasks import BlocksConfig
from mlproject.errors import StageError
from mlproject.files import locked, recall_json
from mlproject.workspace.console import BARS, bars_are_shown, log
from mlproject.workspace.dvc_leftovers import mend_leftovers
from mlproject.workspace.dvc_lock import other_bits, parse_lock, read_lock, stage_hash
from mlproject.workspace.environment import isolated_environment
from mlproject.workspace.git import committed_lock
from mlproject.workspace.paths import Workspace

__all__ = ["bring_up_to_date", "data_hash", "feature_stages", "features_hash", "stale_stages"]

RETRIES, PAUSE = 60, 1.0  # s; another DVC command may be at work
BUSY = "is busy, it is being blocked|cquire lock|manually remove"  # what DVC says then


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
    _check_repository(workspace)
    command = [sys.executable, "-m", "dvc", "status", "--json", *stages]

    def status() -> tuple[int, str, str]:
        done = subprocess.run(command, cwd=workspace.root, capture_output=True, text=True)
        return done.returncode, done.stderr, done.stdout

    failed, said, answer = _patiently(workspace, status)
    if failed:
        raise StageError(f"dvc status failed: {_reason(said) or 'no reason given'}")
    return set(json.loads(answer))


def bring_up_to_date(workspace: Workspace, *stages: str, meanwhile: Callable[[], object] = lambda: None) -> None:
    """Let DVC bring stages up to date, one caller at a time.

    `meanwhile` is what this process prepares while DVC, a process of its own, is at work; done when this returns. An
    error in it is ignored: what fails there fails again, with its reason, where it is needed. Raises `StageError` if a
    stage did not end; DVC's own message is on stderr by then.
    """
    _check_repository(workspace)
    before = read_lock(workspace.lock)
    with ThreadPoolExecutor(1) as pool, locked(workspace.cache / "dvc repro", log=log):
        preparation = pool.submit(meanwhile)
        status, output, _ = _patiently(workspace, lambda: (*run_dvc(workspace, "repro", *stages), ""))
        if status == 0:
            with suppress(Exception):
                preparation.result()
            if read_lock(workspace.lock) != before:
                _say_if_other_bits(workspace, stages)
            return
    raise StageError(_reason(output) or f"dvc repro {' '.join(stages)} failed; run it to see why")


def _check_repository(workspace: Workspace) -> None:
    """Raise `StageError` for what DVC would say in a way that helps nobody: no git, and the marks of a merge.

    What a DVC that was killed has left is mended.
    """
    if not any((folder / ".git").exists() for folder in (workspace.root, *workspace.root.parents)):
        raise StageError(
            f"{workspace.root} is no git repository, such as a downloaded ZIP, and DVC needs one; run: git init && "
            "git add -A && git commit -m start"
        )
    for name in ("dvc.lock", "dvc.yaml"):
        path = workspace.root / name
        if path.exists() and b"\n<<<<<<< " in b"\n" + path.read_bytes():
            raise StageError(
                f"{name} has the marks of a merge conflict; take one side, such as git checkout --ours {name}, then "
                "run: dvc repro"
            )
    mend_leftovers(workspace)


def _wait_for_others(workspace: Workspace) -> None:
    """Wait while another DVC command is at work on this checkout, and say at once which one that is."""
    told = False
    while busy := _at_work(workspace):
        if not told:
            log(f"{busy} is at work on this checkout; waiting for it to finish")
            told = True
        time.sleep(PAUSE)


def _at_work(workspace: Workspace) -> str:
    """Name a living process that DVC's file of locks says is at work, empty where there is none."""
    own = {process.pid for process in (psutil.Process(), *psutil.Process().parents())}
    locks = recall_json(workspace.root / ".dvc" / "tmp" / "rwlock")
    readers = (holder for holders in locks.get("read", {}).values() for holder in holders)
    for holder in (*locks.get("write", {}).values(), *readers):
        if holder and holder["pid"] not in own and _runs_dvc(holder["pid"]):
            return f"{Path(holder['cmd'].split()[0]).name} (process {holder['pid']})"
    return ""


def _runs_dvc(pid: int) -> bool:
    """Whether a process is there and no other one that has got its id."""
    try:
        return any("dvc" in word for word in psutil.Process(pid).cmdline())
    except psutil.Error:
        return False


def _patiently(workspace: Workspace, run: Callable[[], tuple[int, str, str]]) -> tuple[int, str, str]:
    """Run a DVC command, whose status, errors and output are returned, and again where another one was quicker."""
    for attempt in range(RETRIES):
        _wait_for_others(workspace)
        status, said, answer = run()
        if status == 0 or not re.search(BUSY, said):
            break
        if attempt == 1:
            log("another DVC command is at work on this checkout; trying again until it is done")
        time.sleep(PAUSE)
    return status, said, answer


def run_dvc(workspace: Workspace, *arguments: str) -> tuple[int, str]:
    """Run DVC with its stderr passed on, but for its advice to remove locks; return its status and the end of that."""
    environment = isolated_environment()
    # Stages call `python`, which has to be this one.
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment.get("PATH", "")])
    environment |= {BARS: "1"} if bars_are_shown() else {}
    command = [sys.executable, "-m", "dvc", *arguments]
    printed, silent = bytearray(), subprocess.DEVNULL
    with subprocess.Popen(
        command, cwd=workspace.root, env=environment, stdout=silent, stderr=subprocess.PIPE
    ) as process:
        assert process.stderr is not None
        try:
            while chunk := os.read(process.stderr.fileno(), 4096):
                printed += chunk
                text = chunk.decode(errors="replace")
                if not re.search(BUSY, text):
                    sys.stderr.write(text)
                    sys.stderr.flush()
        except BaseException:  # Ctrl-C and SIGTERM are for both
            process.terminate()
            raise
    return process.returncode, printed[-4000:].decode(errors="replace")


def _reason(output: str) -> str:
    """Pick the reason from what DVC and a stage printed: the project's own line, else DVC's, empty without one."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    own = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
    dvcs = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return own[-1] if own else dvcs[-1] if dvcs else ""


def _say_if_other_bits(workspace: Workspace, stages: Sequence[str]) -> None:
    """Say if the committed ``dvc.lock`` has other outputs of the same inputs: this machine computes other bits."""
    committed = committed_lock(workspace.root)
    if differing := other_bits(parse_lock(committed), read_lock(workspace.lock), stages):
        log(
            f"this machine computes other bits than the committed dvc.lock has ({', '.join(differing)}), which does no "
            "harm; git checkout dvc.lock restores the file before you commit, and the next run changes it again"
        )
