"""Which process a run or a file belongs to, and whether that process is gone."""

import socket

import psutil

__all__ = ["belongs_to_gone", "inherited_by_any", "this_process"]


def this_process() -> str:
    """Name this process: its machine, its id, and when it began, since ids are used again."""
    process = psutil.Process()
    return f"{socket.gethostname()} {process.pid} {process.create_time():.2f}"


def belongs_to_gone(owner: str) -> bool:
    """Whether the process of a name is gone; False for one of another machine, of which nothing is known here."""
    host, pid, began = owner.rsplit(" ", 2)
    if host != socket.gethostname():
        return False
    try:
        process = psutil.Process(int(pid))
        return f"{process.create_time():.2f}" != began or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def inherited_by_any(variable: str, value: str) -> bool:
    """Whether a process of this user has a variable of this value in its environment."""
    found = (process.info["environ"] or {} for process in psutil.process_iter(["environ"]))
    return any(environment.get(variable) == value for environment in found)
