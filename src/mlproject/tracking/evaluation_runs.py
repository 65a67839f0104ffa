"""An evaluation -> one MLflow run, its seeds and controls as children."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mlproject.evaluation.metrics import HEADLINE
from mlproject.reporting.formatting import markdown_table, number
from mlproject.reporting.model_card import SCORES, difference_lines
from mlproject.results.evaluation_record import EvaluationOutput, EvaluationRecord
from mlproject.results.record import Scores
from mlproject.tracking.runs import OWNER, Origin, TaskRun, finite, log_values, origin_tags
from mlproject.tracking.store import find_runs, store_client
from mlproject.tracking.task_runs import log_folders, record_tags, score_metrics, size_metrics, warnings_of
from mlproject.tracking.ui_views import run_address, run_colour
from mlproject.workspace.process import this_process

__all__ = ["evaluation_metrics", "log_evaluation"]


def log_evaluation(
    run: TaskRun,
    output: EvaluationOutput,
    *,
    params: Mapping[str, Any],
    origin: Origin,
    figures: Path | None,
    at: int | None = None,
) -> None:
    """Write a finished evaluation into its run, and a child run for each seed and control; see `task_runs.log_task`."""
    record = output.record
    # Over the three metrics of this task alone; `compare` corrects over the whole table.
    verdicts = {f"verdict_alone_{metric}": tested.verdict for metric, tested in record.differences.items()}
    note = {"mlflow.note.content": _note(run, record, drawn=figures is not None)}
    tags = {**record_tags(record, origin, kind="evaluation"), **verdicts, **note}
    log_values(run.run_id, metrics=evaluation_metrics(record), params=params, tags=tags, at=at)
    _delete_children(run)
    for name, kind, scores in _children(output):
        common = {"task": record.task, "kind": kind, "label_use": record.label_use}
        common["mlflow.runColor"] = run_colour(record.task)
        _log_child(run, name, {**origin_tags(origin), **common}, scores)
    log_folders(run, output.folder, figures, origin)


def evaluation_metrics(record: EvaluationRecord) -> dict[str, float]:
    """Name the means over seeds as a task's run names its scores, and what is known of their differences.

    Controls are runs of their own; evaluation.json has all.
    """
    flat = score_metrics(record.scores, record.baseline) | size_metrics(record)
    for metric, tested in record.differences.items():
        flat |= {f"delta/{metric}/low": tested.low, f"delta/{metric}/high": tested.high}
    flat |= {metric: found.task for metric, found in record.retrieval.items()}
    flat |= {f"stability/{method}": value for method, value in record.stability.items()}
    if record.vae_diagnostics is not None:
        flat["vae/active_units"] = record.vae_diagnostics.active_units
    return finite(flat)


def _note(run: TaskRun, record: EvaluationRecord, *, drawn: bool) -> str:
    note = [f"{record.task}: {record.description}", "", f"{record.n_tracks} tracks of the {record.corpus} corpus.", ""]
    head = [record.clusterer, f"mean of {record.seeds} seeds", "PCA + K-Means"]
    rows = [[name, number(record.scores.get(name)), number(record.baseline.get(name))] for name in SCORES]
    note += markdown_table(head, rows)
    note += ["", *(f"{line}{verdict}" for line, verdict in difference_lines(record, {}))]
    note += ["", "Verdicts on this task alone; `compare` corrects them over all tasks.", *warnings_of(record)]
    experiment = store_client().get_run(run.run_id).info.experiment_id
    figure = run_address(experiment, run.run_id, artifact="figures/verdict.png")
    return "\n".join(note + ["", f"[See the verdict]({figure})"] * drawn)


def _children(output: EvaluationOutput) -> Iterator[tuple[str, str, Scores]]:
    """Yield name, kind and scores of each seed, then of each control."""
    for row in output.seeds.to_dict("records"):
        values = {str(name): value for name, value in row.items()}
        scores = {name.removeprefix("task_"): value for name, value in values.items() if name.startswith("task_")}
        # Baseline_ami -> baseline/ami.
        scores |= {name.replace("_", "/", 1): value for name, value in values.items() if name.startswith("baseline_")}
        yield f"{output.name} seed {int(values['seed'])}", "seed", scores
    for control in output.record.controls:
        scores = {metric: control.scores.get(metric) for metric in HEADLINE}
        yield f"{output.name}: {control.name}", "control", scores


def _delete_children(run: TaskRun) -> None:
    """Delete what an earlier command had logged of this evaluation before it was killed."""
    client = store_client()
    experiment = client.get_run(run.run_id).info.experiment_id
    for child in find_runs(client, experiment, f"tags.`mlflow.parentRunId` = '{run.run_id}'"):
        client.delete_run(child.info.run_id)


def _log_child(run: TaskRun, name: str, tags: Mapping[str, str], scores: Scores) -> None:
    client = store_client()
    experiment = client.get_run(run.run_id).info.experiment_id
    given = {"mlflow.parentRunId": run.run_id, "outcome": "finished", OWNER: this_process(), **tags}
    child, status = client.create_run(experiment, tags=given, run_name=name).info.run_id, "FAILED"
    try:
        log_values(child, metrics=finite(scores))
        status = "FINISHED"
    finally:
        client.set_terminated(child, status)
