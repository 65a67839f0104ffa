"""The demo corpus scores as it did when the golden file was written."""

from __future__ import annotations

import json

import pytest

from mlproject.workspace.task_settings import task_names
from tests.golden.write import GOLDEN, ROOT, demo_scores, demo_workspace, processor

EXACT = ("baseline", "statistics", "zscores", "quantile")  # neither trained nor embedded
TASKS = sorted(path.stem for path in (ROOT / "conf" / "tasks").glob("*.yaml"))


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    return demo_workspace(tmp_path_factory.mktemp("golden") / "demo")


@pytest.fixture(scope="module")
def golden() -> dict:
    return json.loads(GOLDEN.read_text())


def test_the_golden_file_has_every_task(golden, demo):
    assert sorted(golden["scores"]) == task_names(demo[0])


@pytest.mark.parametrize(
    "task", [pytest.param(name, marks=() if name in EXACT else pytest.mark.slow) for name in TASKS]
)
def test_scores_are_golden(task, golden, demo):
    scores, expected = demo_scores(*demo, [task])[task], golden["scores"][task]
    if golden["processor"] == processor():
        assert scores == expected
    elif task in EXACT:
        assert _rounded(scores) == _rounded(expected)
    else:
        for clusterer, values in expected.items():
            assert scores[clusterer]["ami"] == pytest.approx(values["ami"], abs=0.05)


def _rounded(scores: dict) -> dict:
    return {
        clusterer: {metric: None if value is None else round(value, 3) for metric, value in values.items()}
        for clusterer, values in scores.items()
    }
