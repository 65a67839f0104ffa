"""What came of a study: the chosen task judged, all files written, the run ended, and where to look."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from rich.console import Console

from mlproject.errors import StageError
from mlproject.files import read_json
from mlproject.passwords import hide_passwords
from mlproject.reporting.study.page import study_markdown, study_tables
from mlproject.tuning.final_comparison import FinalComparison, judge_study
from mlproject.tuning.report import best_task, report_fingerprint, write_report
from mlproject.tuning.shared_study import result_of
from mlproject.tuning.storage import JOURNAL
from mlproject.tuning.trial_records import flat_study
from mlproject.tuning.trial_table import best_trials
from mlproject.workflows.study_workers import prepared_objective
from mlproject.workspace.console import log

if TYPE_CHECKING:
    from mlproject.tracking.study_runs import StudyRun
    from mlproject.tuning.shared_study import SharedStudy
    from mlproject.workflows.study_settings import StudySettings
    from mlproject.workflows.tracking_session import TrackingSession

__all__ = ["report_study"]


def report_study(session: TrackingSession, settings: StudySettings, study: SharedStudy, run: StudyRun) -> None:
    """Judge what was chosen, write all files, end the run, say where to look; `StageError` if no trial has a result."""
    if reason := _came_to_nothing(study):
        run.finish(metrics={}, params={}, note=reason, folder=settings.folder, status="FAILED")
        raise StageError(f"the study {settings.name!r} came to nothing: {reason}")
    with study.storage.exclusive(settings.name, "report"):
        summary = _existing_report(settings, study)
        if summary is None:
            comparison = _final_comparison(session, settings, study)
            summary = write_report(study, settings.folder, comparison, judged=settings.study.verdict)
        params = {"task": settings.job.name, **flat_study(settings.study)}
        run.finish(metrics=_metrics(summary), params=params, note=study_markdown(summary), folder=settings.folder)
    for table in study_tables(summary):
        Console().print(table)
    _print_where(session, settings)


def _came_to_nothing(study: SharedStudy) -> str:
    """Why no trial has a result; empty if one has."""
    trials = study.trials()
    if any(trial.state.name == "COMPLETE" for trial in trials):
        return ""
    error = result_of(trials[0]).get("error", "unknown") if trials else "unknown"
    return study.stopped or f"none of its {len(trials)} trials has a result; the first one ended with: {error}"


def _existing_report(settings: StudySettings, study: SharedStudy) -> dict[str, Any] | None:
    """Return the summary that another process, or an earlier call, has written of just these trials."""
    path = settings.folder / "summary.json"
    if not path.exists():
        return None
    summary = read_json(path)
    same = summary.get("fingerprint") == report_fingerprint(study)
    return summary if same and summary["judged"] == settings.study.verdict else None


def _final_comparison(session: TrackingSession, settings: StudySettings, study: SharedStudy) -> FinalComparison | None:
    """Compare the chosen task with default and PCA; nothing is judged without genres, or where a label was seen."""
    best = best_trials(study.spec, study.trials())
    if not (settings.study.verdict and study.label_use == "label-free" and len(best) == 1):
        return None
    objective = prepared_objective(session.workspace, study.spec)
    if objective.genres is None:
        return None
    budget = settings.job.evaluation
    log(f"judging trial {best[0].number} over {budget.seeds} seeds and {budget.subsamples} subsamples")
    chosen = best_task(study.spec, best[0])
    return judge_study(study.spec, chosen, objective, n_jobs=max(1, settings.workers))


def _metrics(summary: dict[str, Any]) -> dict[str, float]:
    best = summary["best"] if len(summary["best"]) == 1 else []  # of a front no trial is the best
    metrics = {f"best/{name}": value for trial in best for name, value in trial["values"].items()}
    metrics |= {
        f"{row['who'].split()[0].lower()}/{name}": row[name]
        for row in summary["rows"]
        for name in ("ami", "ari")
        if row[name] is not None
    }
    return metrics | {"n_trials": float(summary["trials"])}


def _print_where(session: TrackingSession, settings: StudySettings) -> None:
    folder = settings.folder.relative_to(session.workspace.root)
    several = len(settings.study.objective) > 1
    print(f"files: {folder}/ (study.html, trials.csv, figures, {'pareto/' if several else 'best.yaml'})")
    if not several:
        print(f"take it over: cp {folder}/best.yaml conf/tasks/{settings.job.name}_tuned.yaml")
    print(f"run: {settings.name!r}, with one child per trial; look at it: {session.ui_command}")
    if find_spec("optuna_dashboard"):
        print(f"or: optuna-dashboard {hide_passwords(settings.storage) if settings.storage else folder / JOURNAL}")
