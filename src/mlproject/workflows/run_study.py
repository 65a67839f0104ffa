"""A study from its start to its report: workers, progress, runs in MLflow, what came of it."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from mlproject.errors import ConfigError, StageError
from mlproject.tracking.study_runs import StudyRun
from mlproject.tuning.objectives import is_oracle
from mlproject.tuning.proposals import total_trials
from mlproject.tuning.requirements import check_study
from mlproject.tuning.shared_study import SharedStudy
from mlproject.tuning.storage import answering, open_storage
from mlproject.tuning.study_spec import StudySpec, code_hash
from mlproject.tuning.trial_records import trial_record
from mlproject.tuning.trial_table import best_trials
from mlproject.workflows.inputs import load_corpus
from mlproject.workflows.jobs import fitted, say_lowered
from mlproject.workflows.recovery import recover
from mlproject.workflows.report_study import report_study
from mlproject.workflows.run_job import ensure_baseline
from mlproject.workflows.study_settings import StudySettings, describe, read_settings
from mlproject.workflows.study_workers import ONE_THREAD, check_is_here, data_hashes, last_log_line, started_workers
from mlproject.workflows.tracking_session import TrackingSession
from mlproject.workflows.up_to_date import bring_features_up_to_date, check_source
from mlproject.workspace.console import bars_are_shown, log
from mlproject.workspace.paths import Workspace

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

__all__ = ["run_study", "verify_study"]

POLL = 0.2  # s between two looks at the trials
COPY_EVERY = 3.0  # s between two copies of finished trials to MLflow

Show = Callable[[Sequence["FrozenTrial"]], None]


def run_study(workspace: Workspace, values: Mapping[str, str]) -> None:
    """Run a study to its end: start workers, copy finished trials to MLflow, write the report.

    Raises `ConfigError` if one of the `values` (see `read_settings`) cannot be right, or the task does not allow what
    the study asks for; `StudyChangedError` if the study is there and was started with other settings; `StageError` if
    no trial has a result, or all workers have ended before the study.
    """
    settings = read_settings(workspace, values)
    check_source(workspace, [settings.job])
    storage = open_storage(settings.storage, settings.folder)
    session = TrackingSession.start(workspace)
    bring_features_up_to_date(workspace, [settings.job.task])
    recover(session)
    settings = replace(settings, job=fitted(workspace, settings.job))
    say_lowered([settings.job])
    spec = _spec(workspace, settings)
    with answering(settings.storage):
        study = SharedStudy.start(storage, spec, allow_changes=settings.allow_changes)
        log(f"study {spec.name}: {describe(settings)}")
        ensure_baseline(session)
        run = _open_run(session, settings, study)
        with _marked(session, settings, study, run):
            with started_workers(workspace, settings, study) as workers:
                _watch(session, settings, study, workers, run)
            report_study(session, settings, study, run)


def verify_study(workspace: Workspace, values: Mapping[str, str]) -> None:
    """Decide again all that a finished study has decided.

    Raises `ConfigError` if the study is not there or not finished, or a decision is not what its seed gives.
    """
    from mlproject.tuning.replay import replay

    settings = read_settings(workspace, values)
    os.environ.update(ONE_THREAD)
    check_is_here(workspace, settings.name, settings.storage)
    study = SharedStudy.join(open_storage(settings.storage, settings.folder), settings.name)
    trials = study.trials()
    if not study.is_finished(trials):
        raise ConfigError(f"the study {settings.name!r} is not finished; continue it first")
    differing = replay(study.spec, trials)
    for line in differing:
        print(line)
    if differing:
        raise ConfigError(f"{len(differing)} of the decisions of {len(trials)} trials are not what its seed gives")
    print(f"{settings.name}: all decisions of {len(trials)} trials hold")


@contextmanager
def _marked(session: TrackingSession, settings: StudySettings, study: SharedStudy, run: StudyRun) -> Iterator[None]:
    """Leave no run open and none half-written when the study is interrupted or fails."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        try:
            _copy_trials(session, settings, study, run)
            done = sum(trial.state.is_finished() for trial in study.trials())
            log(f"{done} trials are finished and kept; the same command continues from there")
        finally:
            run.interrupt()
        raise
    except Exception as error:
        with suppress(Exception):  # the store may be what has failed
            run.fail(str(error))
        raise


def _spec(workspace: Workspace, settings: StudySettings) -> StudySpec:
    """Put together what a study is started with; the corpus has to allow the task."""
    corpus, job = load_corpus(workspace), settings.job
    spec = StudySpec(
        settings.name,
        job.name,
        task=job.task,
        baseline=corpus.baseline,
        evaluation=job.evaluation,
        study=settings.study,
        data=data_hashes(workspace, job.task),
        code=code_hash(),
    )
    check_study(spec, corpus.inputs)
    return spec


def _watch(
    session: TrackingSession,
    settings: StudySettings,
    study: SharedStudy,
    workers: list[subprocess.Popen[bytes]],
    run: StudyRun,
) -> None:
    """Show how far the study is, and give each finished trial its run, until all is done."""
    due = 0.0
    with _progress(settings, study) as show:
        while True:
            trials = study.trials()
            show([trial for trial in trials if trial.state.is_finished()])
            over = study.is_finished(trials)
            if over or time.monotonic() >= due:
                _copy_trials(session, settings, study, run)
                due = time.monotonic() + COPY_EVERY
            if over:
                return
            _check_workers(settings, study, workers)
            time.sleep(POLL)


def _check_workers(settings: StudySettings, study: SharedStudy, workers: list[subprocess.Popen[bytes]]) -> None:
    """Raise `StageError` if all workers of this process have ended before the study."""
    if workers and all(worker.poll() is not None for worker in workers) and not study.is_finished():
        reason = f"all workers of the study {settings.name!r} have ended before it: {last_log_line(settings)}"
        raise StageError(f"{reason}; the same command continues it")


@contextmanager
def _progress(settings: StudySettings, study: SharedStudy) -> Iterator[Show]:
    """Yield a function that shows how many trials are finished, and the best so far."""
    from tqdm import tqdm

    total = total_trials(settings.study)
    there = sum(trial.state.is_finished() for trial in study.trials())  # took no time of this process
    shape = {"unit": " trials", "smoothing": 0.1, "dynamic_ncols": True, "disable": not bars_are_shown()}
    with tqdm(total=total, initial=there, desc=settings.name, **shape) as bar:

        def show(finished: Sequence[FrozenTrial]) -> None:
            if len(finished) == bar.n:
                return
            bar.update(len(finished) - bar.n)
            if len(study.spec.study.objective) == 1 and (best := best_trials(study.spec, finished)):
                bar.set_postfix(best=f"{best[0].values[0]:.4f}", trial=best[0].number)

        yield show


def _open_run(session: TrackingSession, settings: StudySettings, study: SharedStudy) -> StudyRun:
    tags = {
        "task": settings.job.name,
        "objective": ", ".join(settings.study.objective),
        "sampler": settings.study.sampler,
    } | ({"label_use": "label-informed"} if is_oracle(settings.study) else {})
    with study.storage.exclusive(settings.name, "runs"):
        origin = session.origin(settings.job)
        return StudyRun.open(session.uri, key=study.key, name=settings.name, tags=tags, origin=origin)


def _copy_trials(session: TrackingSession, settings: StudySettings, study: SharedStudy, run: StudyRun) -> None:
    """Give each finished trial its run."""
    params = session.params(settings.job)
    with study.storage.exclusive(settings.name, "runs"):
        finished = [trial for trial in study.trials() if trial.state.is_finished() and trial.number not in run.logged]
        run.log_trials([trial_record(study, trial, params) for trial in finished])
