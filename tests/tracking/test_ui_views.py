"""What the UI opens on: views that never mix label uses, addresses in the mode for models, colours by task."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from mlproject.tracking.ui_views import VIEWS, address, model_address, run_colour, view_tags


def test_no_view_shows_what_saw_a_label_beside_what_did_not():
    states = {name: json.loads(view_tags()[f"mlflow.sharedViewState.{name}"]) for name in VIEWS}
    for name, state in states.items():
        informed = "saw-a-label" in name
        assert f"tags.label_use {'!=' if informed else '='} 'label-free'" in state["searchFilter"]
        assert ("metrics" in state["orderByKey"]) == (not informed)  # what saw a label is not ranked


def test_what_ranks_stands_first_in_the_table_and_the_charts():
    for name in VIEWS:
        state = json.loads(view_tags()[f"mlflow.sharedViewState.{name}"])
        first = state["selectedColumns"][0]
        assert state["columnOrder"][4] == first == f"metrics.`{state['compareRunCharts'][0]['metricKey']}`"


def test_addresses_open_the_mode_for_models():
    for shown in (address("0", "label-free"), address("0", "trials", charts=True), model_address("genre-clusters")):
        assert "?workflowType=machine_learning" in shown


def test_a_task_has_one_colour_and_the_tasks_of_the_experiment_differ():
    tasks = yaml.safe_load((Path(__file__).parents[2] / "conf" / "experiment.yaml").read_text())["tasks"]
    assert len({run_colour(task) for task in tasks}) == len(tasks) > 10
