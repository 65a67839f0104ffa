"""What MLflow's UI opens on: views of runs (which, in which order, with which columns and charts), pages and colours.

MLflow keeps a shared view as a tag of the experiment; an address that ends in ``viewStateShareKey=NAME`` opens it. The
UI has a mode for prompts and one for models: without ``workflowType`` a new browser gets the first, which hides models.
"""

import json
import zlib
from typing import Any

__all__ = ["VIEWS", "address", "model_address", "run_address", "run_colour", "view_tags"]

MODE = "workflowType=machine_learning"
SECTION, OURS = "lead", {"deleted": False, "isGenerated": False}
# Kind of run -> columns and charts; the first one ranks label-free runs.
COLUMNS = {
    "task": ("mean/delta/ami", "mean/ami", "delta/ami", "ami", "baseline/ami"),
    "evaluation": ("delta/ami", "delta/ami/low", "delta/ami/high", "ami", "baseline/ami"),
    "trial": ("delta/ami", "ami", "ari", "purity", "baseline/ami"),
}
FIRST = ("0", "attributes.`Run Name`", "runDateAndNestInfo", "duration")  # what MLflow calls its own columns
# Name of a view -> kind of its runs, and whether a label was seen: what saw one never stands beside what did not.
VIEWS = {
    "label-free": ("task", False),
    "saw-a-label": ("task", True),
    "evaluations": ("evaluation", False),
    "evaluations-saw-a-label": ("evaluation", True),
    "trials": ("trial", False),
    "trials-saw-a-label": ("trial", True),
}
# Colours of P. Tol that people with impaired colour vision tell apart, and darker ones of the same hues.
COLOURS = (
    *("#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#ee7733", "#0077bb", "#009988", "#cc3311"),
    *("#22405c", "#8f3340", "#124a1b", "#7a6f24", "#2f7f99", "#5c1a40", "#8f4519", "#004369", "#00574d", "#6e1a08"),
)
SALT = "448"  # of the hash that chooses: with it no two tasks of conf/experiment.yaml share a colour


def address(experiment_id: str, view: str, *, charts: bool = False) -> str:
    """Return the part of a view's address after the server's."""
    shown = "&compareRunsMode=CHART" if charts else ""
    return f"#/experiments/{experiment_id}/runs?{MODE}&viewStateShareKey={view}{shown}"


def run_address(experiment_id: str, run_id: str, *, artifact: str) -> str:
    """Return the same of a file that a run has logged."""
    return f"#/experiments/{experiment_id}/runs/{run_id}/artifacts/{artifact}"


def model_address(name: str) -> str:
    """Return the same of the page of a registered model."""
    return f"#/models/{name}?{MODE}"


def run_colour(task: str) -> str:
    """Return the colour of all runs of a task, which depends on its name alone."""
    return COLOURS[zlib.crc32(f"{SALT}{task}".encode()) % len(COLOURS)]


def view_tags() -> dict[str, str]:
    """Return the experiment's tags that hold the views, and name the metric that its other charts start with."""
    views = {f"mlflow.sharedViewState.{name}": json.dumps(_state(*shown)) for name, shown in VIEWS.items()}
    return views | {"mlflow.experiment.primaryMetric.name": "delta/ami"}


def _state(kind: str, saw_label: bool) -> dict[str, Any]:
    """Return what MLflow's page of runs keeps of a view: the newest of its keys, which older servers pass over."""
    columns = COLUMNS[kind]
    selected = [*(f"metrics.`{name}`" for name in columns), "tags.`label_use`", "params.`task`"]
    return {
        "searchFilter": f"tags.kind = '{kind}' and tags.label_use {'!=' if saw_label else '='} 'label-free'",
        # By name, not by score, where a score ranks nothing.
        "orderByKey": "params.`task`" if saw_label else f"metrics.`{columns[0]}`",
        "orderByAsc": saw_label,
        "startTime": "ALL",
        "lifecycleFilter": "Active",
        "modelVersionFilter": "All Runs",
        "datasetsFilter": [],
        "selectedColumns": selected,
        "columnOrder": [*FIRST, *selected],  # else by the alphabet
        "compareRunSections": [
            {"uuid": SECTION, "name": "Against PCA + K-Means", "display": True, "isReordered": True, **OURS}
            | {"columns": 2}  # of charts: with three their titles are cut
        ],
        # One bar chart per metric, in our section.
        "compareRunCharts": [
            {"type": "BAR", "uuid": f"{SECTION}-{name}", "metricSectionId": SECTION, "metricKey": name, **OURS}
            | {"runsCountToCompare": 20}
            for name in columns
        ],
    }
