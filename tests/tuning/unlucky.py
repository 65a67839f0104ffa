"""A study whose first trial fails and whose second one is pruned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mlproject.errors import TrainingError
from mlproject.tuning.shared_study import Ledger
from mlproject.tuning.storage import open_storage
from mlproject.tuning.trial import Pruned
from mlproject.tuning.worker import work
from tests.tuning.small_study import small_laboratory, small_plan


def unlucky_study(folder: Path, **changes: Any) -> Ledger:
    """Run it to its end, eight trials long."""
    laboratory = small_laboratory()
    own, ends = laboratory.run, iter([TrainingError("no"), Pruned({4: 1.0, 8: 0.9})])

    def run(task: Any, **settings: Any) -> Any:
        if (end := next(ends, None)) is not None:
            raise end
        return own(task, **settings)

    laboratory.run = run  # type: ignore[method-assign]
    ledger = Ledger.start(open_storage(None, folder), small_plan(**({"trials": 8} | changes)))
    work(ledger, laboratory)
    return ledger
