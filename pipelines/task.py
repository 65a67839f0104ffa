"""Entry point `main` and stage `task@T`: train, cluster, score and track one task beside PCA + K-Means.

mlflow run . -P task=medium -P latent_dim=64 --env-manager local
python -m pipelines.task task=medium latent_dim=64
python -m pipelines.task --help
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

from mlproject.errors import ConfigError
from pipelines import _workspace as workspace
from pipelines._command import importing, key_values, run_command, wants_help
from pipelines._help import task_help
from pipelines._jobs import BASELINE, Job, read_jobs

DEFAULT_TASK = "medium"


def main(arguments: list[str]) -> None:
    """Run one task, or all, as a new run; with ``stage=T``, as DVC's own stage."""
    if wants_help(arguments):
        print(task_help())
        return
    changes = key_values(arguments)
    stage = changes.pop("stage", None)
    name = stage or changes.pop("task", DEFAULT_TASK)
    if stage is not None and (changes or stage not in workspace.task_names()):
        raise ConfigError("stage=T is DVC's own and takes no other key; run a task with task=T")
    workspace.check_all_configs()
    jobs = read_jobs(name, changes)
    if stage is None:
        workspace.check_source()
    uri, commit = workspace.tracking_uri(), workspace.commit()
    if stage is None:
        stages = {stage for job in jobs for stage in workspace.feature_stages(job.task.blocks)}
        workspace.bring_up_to_date(*sorted(stages), meanwhile=lambda: load_libraries(uri, jobs))
    from pipelines._runner import Runner, ensure_baseline

    if stage is None and (name != BASELINE or changes):
        ensure_baseline(uri, commit)
    with ExitStack() as stack:
        if name == "all":
            from mlproject.tracking.runs import open_run, tag_parent

            stack.enter_context(open_run(uri, "all", task="all"))
            tag_parent(
                {"tasks": ", ".join(job.name for job in jobs), "commit": commit.sha, "commit_clean": commit.clean}
            )
        runner = Runner(uri, commit, nested=name == "all", stage=stage)
        for job in jobs:
            runner.run(job)
    runner.summarise()


def load_libraries(uri: str, jobs: Sequence[Job]) -> None:
    """Import what the runs need, seconds of work that fit into the wait for DVC."""
    with importing():
        from mlproject.tracking.store import open_experiment

        open_experiment(uri)
        import pipelines._runner  # noqa: F401

        if any(job.evaluation.figures for job in jobs):
            import mlproject.reporting.task.figures  # noqa: F401
            from mlproject.models.projections import load_umap

            load_umap()


if __name__ == "__main__":
    run_command(main)
