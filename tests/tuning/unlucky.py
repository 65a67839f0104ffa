"""A study whose first trial fails and whose others do not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mlproject.config.tasks import TaskConfig
from mlproject.errors import TrainingError
from mlproject.tuning.shared_study import SharedStudy
from mlproject.tuning.storage import open_storage
from mlproject.tuning.trial import Objective, TrialResult
from mlproject.tuning.worker import work
from tests.tuning.small_study import small_objective, small_spec


class Unlucky(Objective):
    """An objective whose task as it is cannot be trained."""

    def run(self, task: TaskConfig, **settings: Any) -> TrialResult:
        if task == self.task:
            raise TrainingError("no")
        return super().run(task, **settings)


def unlucky_study(folder: Path, **changes: Any) -> SharedStudy:
    """Run it to its end, eight trials long."""
    shared = SharedStudy.start(open_storage(None, folder), small_spec(**({"trials": 8} | changes)))
    work(shared, Unlucky(**vars(small_objective())))
    return shared
