"""One task after the other on one load of the data: trained, written, drawn, tracked, registered."""

from __future__ import annotations

import resource
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from mlproject.config import EvaluationConfig
from mlproject.errors import MlprojectError, NotApplicableError
from mlproject.experiment.requirements import check_task, reference_task
from mlproject.experiment.run_task import TaskResult, run_task
from mlproject.files import atomic_folder, locked, read_json
from mlproject.reporting.comparison.leaderboard import leaderboard_markdown, leaderboard_rows
from mlproject.reporting.task.files import write_figures
from mlproject.results.write_task import write_not_applicable, write_outputs
from pipelines import _workspace as workspace
from pipelines._command import progress_bar, say
from pipelines._inputs import load_facts, load_inputs, recipe_of
from pipelines._jobs import BASELINE, Job
from pipelines._report import REPORT, explored, listening_clips, write_report

__all__ = ["Runner", "ensure_baseline", "track"]


class Runner:
    """Runs jobs on one load of the data.

    Parameters
    ----------
    uri : str
        Tracking store.
    commit : Commit
    nested : bool
        Whether runs are children of the one that is open.
    stage : str or None
        Name of the task that DVC's own stage runs, whose output goes to artifacts/tasks.
    """

    def __init__(self, uri: str, commit: Any, *, nested: bool = False, stage: str | None = None) -> None:
        self.uri, self.commit, self.nested, self.stage = uri, commit, nested, stage
        self.track_ids, self.inputs = load_inputs()
        self.baseline = reference_task(workspace.task_config(BASELINE), self.inputs)
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
            version = self._track(job, result, run, folder)
            self.scores.append(read_json(folder / "scores.json"))
        self._show(job, result, run.name, version)

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
        facts, recipe = load_facts(job.task).take(result.rows), recipe_of(job.name, job.task, result, primary=primary)
        if any(finding.red and finding.block == "lyrics" for finding in result.findings):
            facts = replace(facts, words=None)  # a cluster's name must not be a genre in disguise
        write_outputs(folder, result, primary=primary, facts=facts, recipe=recipe, **common)
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

    def _track(self, job: Job, result: TaskResult, run: Any, folder: Path) -> str:
        seconds = {f"seconds/{name}": value for name, value in result.task.seconds.items()}
        return track(
            run,
            folder,
            job,
            self.commit,
            measured=seconds | {"memory/peak_mib": peak_memory()},
        )

    def _show(self, job: Job, result: TaskResult, run_name: str, version: str) -> None:
        from rich.console import Console

        from mlproject.reporting.terminal import task_table

        Console().print(task_table(result, name=job.name, corpus=self.corpus))
        print(f"run: {run_name!r} in the experiment {workspace.experiment_name()!r}, version {version} of the model")

    def _not_applicable(self, job: Job, reason: str) -> None:
        from mlproject.tracking.runs import tag_started_run

        say(f"{job.name} is not applicable: {reason}")
        if self.stage is None:
            say(f"tasks that have all they need here: {', '.join(self._applicable(job.evaluation)) or 'none'}")
        tag_started_run("not applicable", reason)
        if self.stage:
            with atomic_folder(workspace.TASKS / job.name) as folder:
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
            with atomic_folder(workspace.TASKS / job.name) as folder:
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


def peak_memory() -> float:
    """Return the most memory that this process has had, MiB; of several tasks in one process, up to the present one."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(peak / 2**20 if sys.platform == "darwin" else peak / 2**10)


def track(run: Any, folder: Path, job: Job, commit: Any, *, measured: dict[str, float] | None = None) -> str:
    """Log a task's output with its report and register it; return the number of the version."""
    from mlproject.tracking.registry.register import register_task
    from mlproject.tracking.runs import artifacts_are_local
    from mlproject.tracking.task_runs import log_task

    common: Any = {
        "origin": workspace.origin(commit, job.task, job.evaluation, folder),
        "description": job.task.description,
    }
    with tempfile.TemporaryDirectory() as scratch:
        report, shown = Path(scratch) / REPORT, explored(job.name, folder)
        clips = listening_clips([shown]) if artifacts_are_local(run) else {}
        drawn = write_report(report, [shown], title=job.title, clips=clips)
        params = workspace.run_params(job.name, job.task, job.evaluation)
        files = [*workspace.rejected_table(), *([report] if drawn else [])]
        log_task(run, folder, params=params, measured=measured, files=files, **common)
    requirements = workspace.ROOT / "requirements.txt"
    return register_task(run, folder, requirements=requirements, is_baseline=job.is_baseline, **common)


def ensure_baseline(uri: str, commit: Any) -> None:
    """Let the alias `baseline` point to PCA + K-Means on the present data, running it first if need be."""
    from mlproject.tracking.registry.versions import point_baseline
    from mlproject.tracking.runs import isolated_run

    evaluation = workspace.evaluation_config()
    with locked(workspace.CACHE / "baseline", say=say):
        if not point_baseline(uri, workspace.data_hash(), workspace.reference_hash(evaluation)):
            say("no baseline on these data yet: running PCA + K-Means first")
            runner = Runner(uri, commit)
            with isolated_run():
                runner.run(Job(BASELINE, runner.baseline, evaluation))
