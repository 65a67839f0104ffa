"""One task after the other on one load of the data: computed, drawn, tracked, registered, shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

from mlproject.errors import MlprojectError, NotApplicableError
from mlproject.workflows.jobs import Job, committed_job, fitted, read_jobs, say_lowered
from mlproject.workflows.up_to_date import bring_features_up_to_date, check_source
from mlproject.workspace.all_settings import check_all_configs
from mlproject.workspace.console import log
from mlproject.workspace.environment import imports_without_collection
from mlproject.workspace.paths import Workspace
from mlproject.workspace.task_settings import BASELINE, task_names

if TYPE_CHECKING:
    from mlproject.results.task_output import TaskOutput
    from mlproject.workflows.inputs import LoadedCorpus
    from mlproject.workflows.tracking_session import TrackingSession

__all__ = ["run_tasks"]


def run_tasks(workspace: Workspace, name: str, changes: Mapping[str, str]) -> None:
    """Run one task, or with the name ``all`` each of them as a child of one run, each as a new run of the store.

    `changes` are keys of the task or the evaluation, and their new values as text. Raises `ConfigError` if a conf file
    or a change cannot be right, before anything is computed; `StageError` if data or features cannot be brought up to
    date.
    """
    check_all_configs(workspace)
    jobs = read_jobs(workspace, name, changes)
    check_source(workspace, jobs)
    from mlproject.workflows.tracking_session import TrackingSession

    session = TrackingSession.start(workspace)
    bring_features_up_to_date(workspace, [job.task for job in jobs], meanwhile=lambda: _import_libraries(session, jobs))
    from mlproject.workflows.inputs import load_corpus
    from mlproject.workflows.recovery import recover
    from mlproject.workflows.run_job import ensure_baseline

    recover(session)
    corpus, jobs = load_corpus(workspace), [fitted(workspace, job) for job in jobs]
    say_lowered([*jobs, committed_job(workspace, BASELINE)])
    if name != BASELINE or changes:
        ensure_baseline(session, corpus)
    with ExitStack() as stack:
        if name == "all":
            _open_parent(stack, session, jobs)
        outputs = [_run_if_applicable(session, job, corpus, nested=name == "all") for job in jobs]
    _summarise(session, [output for output in outputs if output is not None])


def _import_libraries(session: TrackingSession, jobs: Sequence[Job]) -> None:
    """Import what the runs need, seconds of work that fit into the wait for DVC."""
    with imports_without_collection():
        from mlproject.tracking.store import open_experiment

        open_experiment(session.uri)

        if any(job.evaluation.figures for job in jobs):
            from mlproject.models.projections import load_umap

            load_umap()


def _open_parent(stack: ExitStack, session: TrackingSession, jobs: Sequence[Job]) -> None:
    from mlproject.tracking.runs import log_values, open_run

    run = stack.enter_context(open_run(session.uri, "all", task="all"))
    names = ", ".join(job.name for job in jobs)
    tags = {"tasks": names, "commit": session.commit.sha, "commit_clean": session.commit.clean}
    log_values(run.run_id, tags=tags)


def _run_if_applicable(session: TrackingSession, job: Job, corpus: LoadedCorpus, *, nested: bool) -> TaskOutput | None:
    """Run one job; a task whose inputs the corpus lacks ends well, without a run."""
    from mlproject.experiment.requirements import check_task
    from mlproject.tracking.runs import tag_started_run
    from mlproject.workflows.run_job import run_job

    try:
        check_task(job.task, corpus.baseline, job.evaluation, corpus.inputs)
    except NotApplicableError as error:
        log(f"{job.name} is not applicable: {error}")
        names = []
        for name in task_names(session.workspace):
            with suppress(MlprojectError):
                check_task(committed_job(session.workspace, name).task, corpus.baseline, job.evaluation, corpus.inputs)
                names.append(name)
        log(f"tasks that have all they need here: {', '.join(names) or 'none'}")
        tag_started_run("not applicable", str(error))
        return None
    return run_job(session, job, corpus, nested=nested)


def _summarise(session: TrackingSession, outputs: Sequence[TaskOutput]) -> None:
    """Compare the tasks that have run, if there are several, and say what to do next."""
    if len(outputs) > 1:
        from rich.console import Console

        from mlproject.reporting.comparison.leaderboard import leaderboard_rows
        from mlproject.reporting.terminal import leaderboard_tables
        from mlproject.results.compared_run import ComparedRun

        rows = leaderboard_rows([ComparedRun(output.name, output) for output in outputs])
        Console().print(*leaderboard_tables(rows), sep="\n\n")
    if session.rejected:
        print(f"{session.rejected} tracks were left out in all or in part: data/rejected.csv")
    if outputs:
        from mlproject.tracking.search import best_label_free
        from mlproject.workspace.dvc import data_hash

        if best := best_label_free(session.uri, data_hash(session.workspace)):
            print(f"the label-free run that does best on these tracks so far: {best[0]}, AMI {best[1]:.3f}")
        name = outputs[-1].name
        print(f"compare the runs in a browser: {session.ui_command}")
        print("next (times are those of the demo corpus on two cores):")
        print(f"  python -m pipelines.evaluate task={name}   is it more than chance? half a minute")
        print("  python -m pipelines.task task=all   every task on these tracks, side by side; two minutes")
        print("  dvc repro   the whole experiment: every task, evaluated and compared; ten minutes")
