"""Entry point `main` and stage `task@T`: train, cluster, score and track one task beside PCA + K-Means.

mlflow run . -P task=medium -P latent_dim=64 --env-manager local
python -m pipelines.task task=medium latent_dim=64
python -m pipelines.task --help
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlproject.artifacts import building
from mlproject.config import EvaluationConfig, TaskConfig
from mlproject.errors import ConfigError, MlprojectError, NotApplicableError, did_you_mean
from mlproject.experiment.checks import check_task, reference_task
from mlproject.experiment.run import TaskResult, run_task
from mlproject.parameters import SHORT_NAMES, apply, flatten, parameters
from mlproject.reporting.leaderboard import leaderboard_markdown, leaderboard_rows
from mlproject.reporting.outputs import scores_of, write_figures, write_not_applicable, write_outputs
from pipelines import _workspace as workspace
from pipelines._command import key_values, progress_bar, run_command, say, wants_help
from pipelines._help import task_help
from pipelines._inputs import load_inputs

DEFAULT_TASK = "medium"


@dataclass(frozen=True)
class Job:
    """One task to run: its name, its configuration, what was changed of it."""

    name: str
    task: TaskConfig
    evaluation: EvaluationConfig
    changes: dict[str, str]

    @property
    def title(self) -> str:
        """Name of its run."""
        return " ".join([self.name, *(f"{key}={value}" for key, value in self.changes.items())])


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


class Runner:
    """Runs jobs on one load of the data."""

    def __init__(self, uri: str, commit: Any, *, nested: bool, stage: str | None) -> None:
        self.uri, self.commit, self.nested, self.stage = uri, commit, nested, stage
        self.track_ids, self.inputs = load_inputs()
        self.baseline = reference_task(workspace.task_config("baseline"), self.inputs)
        self.corpus = workspace.corpus_facts()["corpus"]
        self.scores = list[dict[str, Any]]()

    def run(self, job: Job) -> None:
        """Run one job and track it; a task whose inputs the corpus lacks ends well, without a run."""
        try:
            check_task(job.task, self.baseline, job.evaluation, self.inputs)
        except NotApplicableError as error:
            self._not_applicable(job, str(error))
            return
        from mlproject.tracking.runs import open_run

        with open_run(self.uri, job.title, task=job.name, nested=self.nested) as run, self._folder(job) as folder:
            result = self._compute(job)
            self._write(job, result, folder)
            self._track(job, result, run, folder)
        self.scores.append(scores_of(result, name=job.name, corpus=self.corpus, primary=job.evaluation.primary))
        self._show(job, result, run.name)

    def _compute(self, job: Job) -> TaskResult:
        from tqdm import tqdm

        epochs = getattr(job.task.model, "epochs", None)
        with tqdm(total=epochs, desc=f"training {job.name}", unit=" epochs", disable=epochs is None) as bar:

            def on_epoch(_: int, loss: float) -> None:
                bar.update()
                bar.set_postfix(loss=f"{loss:.4f}", refresh=False)

            return run_task(job.task, self.baseline, job.evaluation, self.inputs, on_epoch=on_epoch)

    def _write(self, job: Job, result: TaskResult, folder: Path) -> None:
        common: Any = {"name": job.name, "corpus": self.corpus}
        primary = job.evaluation.primary
        write_outputs(folder, result, primary=primary, track_ids=self.track_ids, **common)
        if job.evaluation.figures:
            write_figures(
                folder,
                result,
                evaluation=job.evaluation,
                mfcc=self.inputs.mfcc[result.rows] if job.task.blocks.audio == "mfcc" else None,
                frame_seconds=workspace.frame_seconds(),
                progress=progress_bar("drawing", unit=" figures"),
                **common,
            )

    def _track(self, job: Job, result: TaskResult, run: Any, folder: Path) -> None:
        from mlproject.tracking.runs import log_task

        params = {"task": job.name, **flatten(job.task), **flatten(job.evaluation, "evaluation.")}
        params |= flatten(workspace.data_config(), "data.") | flatten(workspace.features_config(), "features.")
        params = {key: value for key, value in params.items() if key not in ("data.root", "data.artists")}
        log_task(
            run,
            result,
            params=params,
            primary=job.evaluation.primary,
            origin=workspace.origin(self.corpus, self.commit, job.task.blocks),
            files=[folder, *workspace.rejected_table()],
            description=job.task.description,
        )

    def _show(self, job: Job, result: TaskResult, run_name: str) -> None:
        from rich.console import Console

        from mlproject.reporting.terminal import task_table

        Console().print(task_table(result, name=job.name, corpus=self.corpus))
        print(f"run: {run_name!r} in the experiment {workspace.experiment_name()!r}")

    def _not_applicable(self, job: Job, reason: str) -> None:
        from mlproject.tracking.runs import tag_started_run

        say(f"{job.name} is not applicable: {reason}")
        if self.stage is None:
            say(f"tasks that have all they need here: {', '.join(self._applicable(job.evaluation)) or 'none'}")
        tag_started_run("not applicable", reason)
        if self.stage:
            with building(workspace.TASKS / job.name) as folder:
                write_not_applicable(folder, name=job.name, corpus=self.corpus, reason=reason)

    def _applicable(self, evaluation: EvaluationConfig) -> list[str]:
        """Name the tasks that would run on the corpus."""
        found = []
        for name in workspace.task_names():
            with suppress(MlprojectError):
                check_task(workspace.task_config(name), self.baseline, evaluation, self.inputs)
                found.append(name)
        return found

    @contextmanager
    def _folder(self, job: Job) -> Iterator[Path]:
        """Where the job's files go: only DVC's own stage writes artifacts/tasks."""
        if self.stage:
            with building(workspace.TASKS / job.name) as folder:
                yield folder
        else:
            with tempfile.TemporaryDirectory() as folder:
                yield Path(folder)

    def summarise(self) -> None:
        """Compare the tasks that have run, if there are several, and say what to do next."""
        if len(self.scores) > 1:
            print(leaderboard_markdown(leaderboard_rows(self.scores)))
        if rejected := workspace.rejected_count():
            print(f"{rejected} tracks were left out in all or in part: data/rejected.csv")
        if self.scores:
            make = "make ui, or: " if self.uri == workspace.own_store() else ""
            print(f"look at it: {make}mlflow ui --backend-store-uri {self.uri!r}")


if __name__ == "__main__":
    run_command(main)
