"""Data and features, brought up to date through DVC before a command computes anything."""

from collections.abc import Callable, Iterable, Sequence

from mlproject.config.tasks import TaskConfig
from mlproject.corpus.opening import open_corpus
from mlproject.corpus.sampling import sample_of
from mlproject.workflows.jobs import Job, fit_job
from mlproject.workspace.dvc import bring_up_to_date, feature_stages
from mlproject.workspace.paths import Workspace
from mlproject.workspace.settings import data_config

__all__ = ["bring_features_up_to_date", "check_source"]


def check_source(workspace: Workspace, jobs: Sequence[Job]) -> None:
    """Look for the corpus and count its tracks, so that a wrong root or too few tracks are reported at once.

    Later stages may find that some of the tracks cannot be used, so jobs are fitted again once these have run.
    """
    config = data_config(workspace)
    tracks = open_corpus(config, checksum_cache=workspace.cache / "files.json").tracks()
    n_tracks = len(sample_of(config, tracks).tracks)
    for job in jobs:
        fit_job(job, n_tracks)


def bring_features_up_to_date(
    workspace: Workspace, tasks: Iterable[TaskConfig], *, meanwhile: Callable[[], object] = lambda: None
) -> None:
    """Let DVC compute the features that tasks read; see `mlproject.workspace.dvc.bring_up_to_date`."""
    stages = {stage for task in tasks for stage in feature_stages(task.blocks)}
    bring_up_to_date(workspace, *sorted(stages), meanwhile=meanwhile)
