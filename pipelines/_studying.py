"""A study from its start to its report: workers, progress, runs in MLflow, what came of it."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from mlproject.errors import ConfigError, StageError
from mlproject.experiment.requirements import reference_task
from mlproject.files import read_json
from pipelines import _workspace as workspace
from pipelines._command import say
from pipelines._inputs import load_inputs
from pipelines._jobs import BASELINE
from pipelines._runner import ensure_baseline
from pipelines._study_settings import Settings, describe
from pipelines._study_workers import ONE_THREAD, check_is_here, data_hashes, laboratory, last_words, started_workers

__all__ = ["conduct", "verify"]

POLL = 0.2  # s between two looks at the trials
COPY_EVERY = 3.0  # s between two copies of finished trials to MLflow


def conduct(settings: Settings) -> None:
    """Run a study to its end: start workers, copy finished trials to MLflow, write the report."""
    from mlproject.tuning.shared_study import Ledger
    from mlproject.tuning.storage import answering, open_storage

    workspace.check_source()
    storage = open_storage(settings.storage, settings.folder)
    uri, commit = workspace.tracking_uri(), workspace.commit()
    workspace.bring_up_to_date(*workspace.feature_stages(settings.task.blocks))
    plan = _plan(settings)
    with answering(settings.storage):
        ledger = Ledger.start(storage, plan, allow_changes=settings.allow_changes)
        say(f"study {plan.name}: {describe(settings)}")
        ensure_baseline(uri, commit)
        run = _open_run(uri, commit, settings, ledger)
        with _marked(settings, ledger, run):
            with started_workers(settings, ledger) as workers:
                _watch(settings, ledger, workers, run)
            _finish(settings, ledger, run)


@contextmanager
def _marked(settings: Settings, ledger: Any, run: Any) -> Iterator[None]:
    """Leave no run open and none half-written when the study is interrupted or fails."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        try:
            _copy_trials(settings, ledger, run)
            done = sum(trial.state.is_finished() for trial in ledger.trials())
            say(f"{done} trials are finished and kept; the same command goes on from there")
        finally:
            run.interrupt()
        raise
    except Exception as error:
        with suppress(Exception):  # the store may be what has failed
            run.fail(str(error))
        raise


def _plan(settings: Settings) -> Any:
    """Put together what a study is started with; the corpus has to allow the task."""
    from mlproject.tuning.requirements import check_study
    from mlproject.tuning.study_spec import Plan, code_hash

    _, inputs = load_inputs()
    baseline = reference_task(workspace.task_config(BASELINE), inputs)
    plan = Plan(
        settings.name,
        settings.task_name,
        settings.task,
        baseline,
        settings.evaluation,
        settings.study,
        data_hashes(settings.task),
        code_hash(),
    )
    check_study(plan, inputs)
    return plan


def verify(settings: Settings) -> tuple[list[str], int]:
    """Decide again all that a study has decided; return what differs, and the number of trials."""
    from mlproject.tuning.shared_study import Ledger
    from mlproject.tuning.storage import open_storage
    from mlproject.tuning.trial_table import replay

    os.environ.update(ONE_THREAD)
    check_is_here(settings.name, settings.storage)
    ledger = Ledger.join(open_storage(settings.storage, settings.folder), settings.name)
    trials = ledger.trials()
    if not ledger.is_finished(trials):
        raise ConfigError(f"the study {settings.name!r} is not finished; go on with it first")
    return replay(ledger.plan, trials), len(trials)


def _watch(settings: Settings, ledger: Any, workers: list[subprocess.Popen[bytes]], run: Any) -> None:
    """Show how far the study is, and give each finished trial its run, until all is done."""
    due = 0.0
    with _progress(settings, ledger) as show:
        while True:
            trials = ledger.trials()
            finished = [trial for trial in trials if trial.state.is_finished()]
            show(ledger.plan, finished)
            over = ledger.is_finished(trials)
            if over or time.monotonic() >= due:
                _copy_trials(settings, ledger, run)
                due = time.monotonic() + COPY_EVERY
            if over:
                return
            _check_workers(settings, ledger, workers)
            time.sleep(POLL)


def _check_workers(settings: Settings, ledger: Any, workers: list[subprocess.Popen[bytes]]) -> None:
    """Raise `StageError` if all workers of this process have ended before the study."""
    if workers and all(worker.poll() is not None for worker in workers) and not ledger.is_finished():
        reason = f"all workers of the study {settings.name!r} have ended before it: {last_words(settings)}"
        raise StageError(f"{reason}; the same command goes on")


@contextmanager
def _progress(settings: Settings, ledger: Any) -> Iterator[Callable[[Any, list[Any]], None]]:
    """Yield a function that shows how many trials are finished, and the best so far."""
    from tqdm import tqdm

    from mlproject.tuning.proposals import total_trials
    from mlproject.tuning.trial_table import best_trials

    total = total_trials(settings.study)
    there = sum(trial.state.is_finished() for trial in ledger.trials())  # took no time of this process
    with tqdm(total=total, initial=there, desc=settings.name, unit=" trials", smoothing=0.1, dynamic_ncols=True) as bar:

        def show(plan: Any, finished: list[Any]) -> None:
            if len(finished) == bar.n:
                return
            bar.update(len(finished) - bar.n)
            if len(plan.study.objective) == 1 and (best := best_trials(plan, finished)):
                bar.set_postfix(best=f"{best[0].values[0]:.4f}", trial=best[0].number)

        yield show


def _finish(settings: Settings, ledger: Any, run: Any) -> None:
    """Judge what was chosen, write all files, end the run, and say where to look."""
    from rich.console import Console

    from mlproject.reporting.study.page import study_markdown, study_tables
    from mlproject.tuning.report import write_report
    from mlproject.tuning.trial_records import flat_study

    if reason := _came_to_nothing(ledger):
        run.finish(metrics={}, params={}, note=reason, folder=settings.folder, status="FAILED")
        raise StageError(f"the study {settings.name!r} came to nothing: {reason}")
    with ledger.storage.exclusive(settings.name, "report"):
        summary = _existing_report(settings, ledger)
        if summary is None:
            verdict = _judged(settings, ledger)
            summary = write_report(ledger, settings.folder, verdict, judged=settings.study.verdict)
        best = summary["best"] if len(summary["best"]) == 1 else []  # of a front none is
        metrics = {f"best/{name}": value for one in best for name, value in one["values"].items()}
        metrics |= {
            f"{row['who'].split()[0].lower()}/{name}": row[name]
            for row in summary["rows"]
            for name in ("ami", "ari")
            if row[name] is not None
        }
        metrics |= {"n_trials": float(summary["trials"])}
        params = {"task": settings.task_name, **flat_study(settings.study)}
        run.finish(metrics=metrics, params=params, note=study_markdown(summary), folder=settings.folder)
    for table in study_tables(summary):
        Console().print(table)
    _say_where(settings)


def _came_to_nothing(ledger: Any) -> str:
    """Why no trial has a result, if none has."""
    from mlproject.tuning.shared_study import outcome_of

    trials = ledger.trials()
    if any(trial.state.name == "COMPLETE" for trial in trials):
        return ""
    error = outcome_of(trials[0]).get("error", "unknown") if trials else "unknown"
    return ledger.stopped or f"none of its {len(trials)} trials has a result; the first one ended with: {error}"


def _existing_report(settings: Settings, ledger: Any) -> dict[str, Any] | None:
    """Return the summary that another process, or an earlier call, has written of just these trials."""
    from mlproject.tuning.report import report_fingerprint

    path = settings.folder / "summary.json"
    if not path.exists():
        return None
    summary = read_json(path)
    same = summary.get("fingerprint") == report_fingerprint(ledger)
    return summary if same and summary["judged"] == settings.study.verdict else None


def _judged(settings: Settings, ledger: Any) -> Any:
    """Compare the chosen task with default and PCA; nothing to judge without genres, or where a label was seen."""
    from mlproject.tuning.final_comparison import judge_study
    from mlproject.tuning.objectives import is_oracle
    from mlproject.tuning.report import best_task
    from mlproject.tuning.trial_table import best_trials

    best = best_trials(ledger.plan, ledger.trials())
    free = ledger.surroundings.get("representation") == "label-free" and not is_oracle(settings.study)
    if not (settings.study.verdict and free and len(best) == 1):
        return None
    prepared = laboratory(ledger.plan)
    if prepared.genres is None:
        return None
    seeds, subsamples = settings.evaluation.seeds, settings.evaluation.subsamples
    say(f"judging trial {best[0].number} over {seeds} seeds and {subsamples} subsamples")
    return judge_study(ledger.plan, best_task(ledger.plan, best[0]), prepared, n_jobs=max(1, settings.workers))


def _open_run(uri: str, commit: Any, settings: Settings, ledger: Any) -> Any:
    from mlproject.tracking.study_runs import StudyRun
    from mlproject.tuning.objectives import is_oracle

    tags = {
        "task": settings.task_name,
        "objective": ", ".join(settings.study.objective),
        "sampler": settings.study.sampler,
    } | ({"representation": "label-informed"} if is_oracle(settings.study) else {})
    with ledger.storage.exclusive(settings.name, "runs"):
        return StudyRun(
            uri,
            key=ledger.key,
            name=settings.name,
            tags=tags,
            origin=workspace.origin(commit, settings.task, settings.evaluation),
        )


def _copy_trials(settings: Settings, ledger: Any, run: Any) -> None:
    """Give each finished trial its run."""
    from mlproject.tuning.trial_records import trial_record

    common = workspace.run_params(settings.task_name, settings.task, settings.evaluation)
    with ledger.storage.exclusive(settings.name, "runs"):
        finished = [one for one in ledger.trials() if one.state.is_finished() and one.number not in run.logged]
        run.log_trials([trial_record(ledger, trial, common) for trial in finished])


def _say_where(settings: Settings) -> None:
    from mlproject.tuning.storage import JOURNAL, shown

    folder = settings.folder.relative_to(workspace.ROOT)
    several = len(settings.study.objective) > 1
    print(f"files: {folder}/ (study.html, trials.csv, figures, {'pareto/' if several else 'best.yaml'})")
    if not several:
        print(f"take it over: cp {folder}/best.yaml conf/tasks/{settings.task_name}_tuned.yaml")
    experiment = workspace.experiment_name()
    print(f"run: {settings.name!r} in the experiment {experiment!r}, a child a trial; look at it: make ui")
    print(f"or: optuna-dashboard {shown(settings.storage) if settings.storage else folder / JOURNAL}")
