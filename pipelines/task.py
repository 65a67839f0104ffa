"""Entry point `main` and stage `task@T`: train, cluster, score and track one task beside PCA + K-Means.

mlflow run . -P task=medium -P latent_dim=64 --env-manager local
python -m pipelines.task task=medium latent_dim=64
python -m pipelines.task --help
"""

from __future__ import annotations

from contextlib import ExitStack

from mlproject.errors import ConfigError, did_you_mean
from mlproject.parameters import SHORT_NAMES, apply, parameters
from pipelines import _workspace as workspace
from pipelines._command import key_values, run_command, wants_help
from pipelines._help import task_help
from pipelines._runner import BASELINE, Job, Runner, ensure_baseline

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
        workspace.bring_up_to_date(*sorted(stages))
        if name != BASELINE or changes:
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


def read_jobs(name: str, changes: dict[str, str]) -> list[Job]:
    """Check all changes against the configuration of the named task, or of those of all tasks that have them."""
    evaluation = workspace.evaluation_config()
    if name != "all":
        return [Job(name, *apply(workspace.task_config(name), evaluation, changes), changes)]
    jobs, used = [], set[str]()
    for task_name in workspace.task_names():
        task = workspace.task_config(task_name)
        known = {parameter.path for parameter in parameters(task, evaluation)}
        own = {key: value for key, value in changes.items() if SHORT_NAMES.get(key, key) in known}
        used |= set(own)
        jobs.append(Job(task_name, *apply(task, evaluation, own), own))
    for key in changes.keys() - used:
        raise ConfigError(f"unknown parameter {key!r}; {did_you_mean(key, SHORT_NAMES)}")
    return jobs


if __name__ == "__main__":
    run_command(main)
