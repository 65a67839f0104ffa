"""Runs whose process was killed: they would be called running for ever, so that the next command ends them."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from mlproject.tracking.runs import OWNER, log_values, tag_reason
from mlproject.tracking.store import SQLITE, find_runs, open_experiment, store_client
from mlproject.workspace.process import belongs_to_gone, mlflow_run_is_alive

if TYPE_CHECKING:
    from mlflow.entities import Run

__all__ = ["end_abandoned_runs"]

YOUNGEST = 30  # s


def end_abandoned_runs(uri: str) -> list[str]:
    """End the runs that are called running and whose process is gone; return their names."""
    client = store_client(uri)
    abandoned = [
        run
        for run in find_runs(client, open_experiment(uri), "attributes.status = 'RUNNING'")
        if run.info.run_id != os.environ.get("MLFLOW_RUN_ID") and _is_abandoned(run, local=uri.startswith(SQLITE))
    ]
    for run in abandoned:
        if run.data.tags.get("kind") == "study":  # the same command continues it
            log_values(run.info.run_id, tags={"outcome": "interrupted"})
        else:
            tag_reason(run.info.run_id, "failed", "its process was ended from outside, and left the run open")
        client.set_terminated(run.info.run_id, "KILLED")
    return [str(run.info.run_name) for run in abandoned]


def _is_abandoned(run: Run, *, local: bool) -> bool:
    if owner := run.data.tags.get(OWNER):
        return belongs_to_gone(owner)
    # Made by `mlflow run`, which was killed before any of our code could say whose run it is. On a server it may be
    # another machine's.
    old = time.time() - run.info.start_time / 1000 > YOUNGEST
    return old and local and "mlflow.project.entryPoint" in run.data.tags and not mlflow_run_is_alive()
