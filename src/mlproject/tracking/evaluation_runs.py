"""An evaluation -> one MLflow run, its seeds and controls as children."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mlproject.reporting.model_card import difference_lines
from mlproject.results.evaluation_record import EvaluationOutput, EvaluationRecord
from mlproject.results.record import Scores
from mlproject.tracking.runs import OWNER, Origin, TaskRun, finite, log_values, metric_name, origin_tags
from mlproject.tracking.store import find_runs, store_client
from mlproject.tracking.task_runs import log_folders, record_metrics, record_tags, warnings_of
from mlproject.workspace.process import this_process

__all__ = ["evaluation_metrics", "log_evaluation"]

DETAILS = ("low", "high", "adjusted_p", "standard_error")  # of a difference, beside its estimate


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
    log_values(run.run_id, metrics=evaluation_metrics(record), params=params, tags=_tags(record, origin), at=at)
    _delete_children(run)
    for name, kind, scores in _children(output):
        common = {"task": record.task, "kind": kind, "label_use": record.label_use}
        _log_child(run, name, {**origin_tags(origin), **common}, scores)
    log_folders(run, output.folder, figures, origin)


def evaluation_metrics(record: EvaluationRecord) -> dict[str, float]:
    """Name and flatten the figures of an evaluation: ``difference/ami``, ``difference/ami/low`` and so on."""
    flat = record.scores | record_metrics(record)
    for metric, tested in record.differences.items():
        flat[f"difference/{metric}"] = tested.estimate
        flat |= {f"difference/{metric}/{name}": getattr(tested, name) for name in DETAILS}
    flat |= {f"stability/{method}": value for method, value in record.stability.items()}
    flat |= {f"variance_share/{name}": value for name, value in record.variance_shares.items()}
    flat |= {f"silhouette_null/{name}": value for name, value in record.silhouette_null.items()}
    flat |= {f"spread/{metric_name(name)}": value for name, value in record.spread.items()}
    flat |= {f"control/{metric_name(control.name)}/ami": control.scores["ami"] for control in record.controls}
    if record.vae_diagnostics is not None:
        # The list has a metric per dimension.
        plain = asdict(record.vae_diagnostics).items()
        flat |= {f"vae/{name}": value for name, value in plain if name not in ("kl", "active_variance")}
        flat |= {f"vae/kl/{place}": value for place, value in enumerate(record.vae_diagnostics.kl)}
    return finite(flat)


def _tags(record: EvaluationRecord, origin: Origin) -> dict[str, str]:
    # Over the three metrics of this task alone; `compare` corrects over the whole table.
    verdicts = {f"verdict_alone_{metric}": tested.verdict for metric, tested in record.differences.items()}
    note = [record.description, "", f"{record.n_tracks} tracks of the {record.corpus} corpus.", ""]
    note += [f"{line}{verdict}" for line, verdict in difference_lines(record)]
    note += ["", "Verdicts on this task alone; `compare` corrects them over all tasks.", *warnings_of(record)]
    return {**record_tags(record, origin, kind="evaluation"), **verdicts, "mlflow.note.content": "\n".join(note)}


def _children(output: EvaluationOutput) -> Iterator[tuple[str, str, Scores]]:
    """Yield name, kind and scores of each seed, then of each control."""
    for row in output.seeds.to_dict("records"):
        values = {str(name): value for name, value in row.items()}
        scores = {name.removeprefix("task_"): value for name, value in values.items() if name.startswith("task_")}
        # Baseline_ami -> baseline/ami.
        scores |= {name.replace("_", "/", 1): value for name, value in values.items() if name.startswith("baseline_")}
        yield f"{output.name} seed {int(values['seed'])}", "seed", scores
    for control in output.record.controls:
        yield f"{output.name}: {control.name}", "control", control.scores


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
