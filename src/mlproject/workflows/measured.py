"""What a result took, kept outside of DVC's outputs: those must not differ from run to run."""

import resource
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from mlproject.files import recall_json, write_json
from mlproject.results.hashes import result_hash
from mlproject.results.task_output import TaskOutput
from mlproject.workspace.paths import Workspace

__all__ = ["Computed", "peak_memory", "read_measured", "write_measured"]


@dataclass(frozen=True)
class Computed:
    """A task's result and what it took."""

    output: TaskOutput
    # seconds of the training and of each clusterer, and the peak memory of the process, MiB
    measured: dict[str, float]


def write_measured(workspace: Workspace, computed: Computed, *, started: datetime) -> None:
    """Keep what a result took, under the hash of the result."""
    times = {"computed_from": started.isoformat(), "computed_until": datetime.now(UTC).isoformat()}
    write_json(_measured_file(workspace, computed.output.folder), {"times": times, "measured": computed.measured})


def read_measured(workspace: Workspace, folder: Path) -> tuple[dict[str, float], dict[str, str]]:
    """Return what a result took, and when it was computed, as tags; both empty where it was computed elsewhere."""
    record = recall_json(_measured_file(workspace, folder))
    return dict(record.get("measured", {})), dict(record.get("times", {}))


def _measured_file(workspace: Workspace, folder: Path) -> Path:
    return workspace.measured / f"{result_hash(folder)}.json"


def peak_memory() -> float:
    """Return the most memory that this process has had so far, MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(peak / 2**20 if sys.platform == "darwin" else peak / 2**10)
