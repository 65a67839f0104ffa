"""Which process a run belongs to, and whether that process is gone."""

import os
import socket
from pathlib import Path

import psutil

__all__ = ["belongs_to_gone", "mlflow_run_is_alive", "this_process"]


def this_process() -> str:
    """Name this process: its machine, its id, and when it began, since ids are used again."""
    return f"{_machine()} {os.getpid()} {_began(os.getpid())}"


def belongs_to_gone(owner: str) -> bool:
    """Whether the process of a name is gone; False for one of another machine or container: nothing is known of it."""
    machine, pid, began = owner.rsplit(" ", 2)
    if machine != _machine():
        return False
    try:
        return _began(int(pid)) != began or psutil.Process(int(pid)).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
    except psutil.Error:  # it is there, and another user's
        return False


def mlflow_run_is_alive() -> bool:
    """Whether a command `mlflow run` is at work on this machine."""
    commands = (process.info["cmdline"] or [] for process in psutil.process_iter(["cmdline"]))
    return any("run" in words and any(word.endswith("mlflow") for word in words) for words in commands)


def _machine() -> str:
    """Name what process ids are unique in: a host since it was started, or a container on it."""
    namespace, boot = Path("/proc/self/ns/pid"), Path("/proc/sys/kernel/random/boot_id")
    inside = str(namespace.readlink()) if namespace.is_symlink() else ""
    return f"{socket.gethostname()} {boot.read_text().strip()[:8] if boot.exists() else ''} {inside}"


def _began(pid: int) -> str:
    """Return when a process began: in ticks since the start, where the system has them, as clocks are set."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return f"{psutil.Process(pid).create_time():.0f}"
