"""Data and features, brought up to date through DVC before a command computes anything."""

from collections.abc import Callable, Iterable

from mlproject.config.tasks import TaskConfig
from mlproject.corpus.opening import open_corpus
from mlproject.workspace.dvc import bring_up_to_date, feature_stages
from mlproject.workspace.paths import Workspace
from mlproject.workspace.settings import data_config

__all__ = ["bring_features_up_to_date", "check_source"]


def check_source(workspace: Workspace) -> None:
    """Look for the corpus, so that a wrong root is reported before DVC does it in its own way."""
    open_corpus(data_config(workspace), checksum_cache=workspace.cache / "files.json").tracks()


def bring_features_up_to_date(
    workspace: Workspace, tasks: Iterable[TaskConfig], *, meanwhile: Callable[[], object] = lambda: None
) -> None:
    """Let DVC compute the features that tasks read; see `mlproject.workspace.dvc.bring_up_to_date`."""
    stages = {stage for task in tasks for stage in feature_stages(task.blocks)}
    bring_up_to_date(workspace, *sorted(stages), meanwhile=meanwhile)
