"""Views of the experiment in MLflow's UI: which runs, in which order, which columns and charts.

MLflow keeps a shared view as a tag of the experiment; an address that ends in ``viewStateShareKey=NAME`` opens it.
"""

import json
from typing import Any

__all__ = ["VIEWS", "address", "view_tags"]

COLUMNS = ("ami", "delta/ami", "ari", "purity", "baseline/ami")
SECTION, OURS = "lead", {"deleted": False, "isGenerated": False}
# Name of a view -> the runs that it shows.
VIEWS = {
    "label-free": "tags.kind = 'task' and tags.label_use = 'label-free'",
    "saw-a-label": "tags.kind = 'task' and tags.label_use != 'label-free'",
    "evaluations": "tags.kind = 'evaluation'",
    "trials": "tags.kind = 'trial'",
}


def address(experiment_id: str, view: str, *, charts: bool = False) -> str:
    """Return the part of a view's address after the server's."""
    mode = "&compareRunsMode=CHART" if charts else ""
    return f"#/experiments/{experiment_id}/runs?viewStateShareKey={view}{mode}"


def view_tags() -> dict[str, str]:
    """Return the experiment's tags that hold the views."""
    return {f"mlflow.sharedViewState.{name}": json.dumps(_state(runs)) for name, runs in VIEWS.items()}


def _state(runs: str) -> dict[str, Any]:
    """Return what MLflow's page of runs keeps of a view: the newest of its keys, which older servers pass over."""
    evaluations = "evaluation" in runs
    lead = "difference/ami" if evaluations else "delta/ami"
    columns = ["difference/ami", "difference/ami/low", "difference/ami/high", "ami"] if evaluations else list(COLUMNS)
    return {
        "searchFilter": runs,
        "orderByKey": f"metrics.`{lead}`",
        "orderByAsc": False,
        "startTime": "ALL",
        "lifecycleFilter": "Active",
        "modelVersionFilter": "All Runs",
        "datasetsFilter": [],
        "selectedColumns": [*(f"metrics.`{name}`" for name in columns), "tags.`label_use`", "params.`task`"],
        "compareRunSections": [
            {"uuid": SECTION, "name": "Against PCA + K-Means", "display": True, "isReordered": True, **OURS}
        ],
        # One bar chart per metric, in our section.
        "compareRunCharts": [
            {"type": "BAR", "uuid": f"{SECTION}-{name}", "metricSectionId": SECTION, "metricKey": name, **OURS}
            | {"runsCountToCompare": 20}
            for name in columns
        ],
    }
