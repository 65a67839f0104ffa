"""A task's output -> what its run holds: scores, configuration, tables, files, and what makes it again."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from mlproject.evaluation.metrics import HEADLINE, TESTED
from mlproject.evaluation.scores import difference
from mlproject.evaluation.significance import Verdict
from mlproject.files import write_bytes
from mlproject.reporting.explorer import REPORT
from mlproject.reporting.model_card import run_note
from mlproject.results.compared_run import ComparedRun
from mlproject.results.record import Record, Scores
from mlproject.results.task_output import TaskOutput
from mlproject.results.task_record import TaskRecord
from mlproject.tracking.runs import Origin, TaskRun, finite, log_values, origin_tags
from mlproject.tracking.search import COSTS
from mlproject.tracking.store import store_client
from mlproject.tracking.ui_views import run_address

if TYPE_CHECKING:
    from mlflow.data.pandas_dataset import PandasDataset

__all__ = ["describe_run", "log_folders", "log_task", "record_tags", "score_metrics", "size_metrics", "warnings_of"]

UNCOMMITTED, LOCK, CONFIG = "uncommitted.diff", "dvc.lock", "config.json"
LARGEST_DIFF = 10_000_000
COMPARED = (*TESTED, "nmi")  # differences of the others need a second look: a silhouette is of one space


def log_task(
    run: TaskRun,
    output: TaskOutput,
    *,
    params: Mapping[str, Any],  # the flattened configuration
    origin: Origin,
    figures: Path | None,  # their folder, which becomes the artifacts ``figures``
    measured: Mapping[str, float] | None = None,  # cost, such as ``seconds/train``, where it is known
    files: Sequence[Path] = (),  # further artifacts
    at: int | None = None,  # ms since the epoch, of the metrics: the same when they are logged again
) -> None:
    """Write a finished task into its run; its files become artifacts."""
    import mlflow

    record = output.record
    costs = {name: value for name, value in (measured or {}).items() if name in COSTS.values()}
    curve = () if record.training is None else record.training.loss_curve
    metrics = run_metrics(record) | costs
    tags = record_tags(record, origin, kind="task") | {"notes": "; ".join(record.notes) or "none"}
    log_values(run.run_id, metrics=metrics, loss_curve=curve, params=params, tags=tags, at=at)
    describe_run(run.run_id, ComparedRun(output.name, output), {})
    assignments = output.assignments.reset_index()
    # One row per representation and clusterer.
    methods = (("task", record.scores), ("PCA baseline", record.baseline_by_clusterer))
    named = ((method, clusterer, scores) for method, of in methods for clusterer, scores in of.items())
    rows = [{"representation": method, "clusterer": name, **scores} for method, name, scores in named]
    _log_tables(run, {"assignments": assignments, "scores": pd.DataFrame(rows)})
    mlflow.log_input(_dataset(origin, assignments[["track_id"]]), context="clustering")
    log_folders(run, output.folder, figures, origin)
    for path in files:
        store_client().log_artifact(run.run_id, str(path))


def log_folders(run: TaskRun, folder: Path, figures: Path | None, origin: Origin) -> None:
    """Log the files of a result, its figures as ``figures``, and what makes it again; see `provenance_files`."""
    client = store_client()
    client.log_artifacts(run.run_id, str(folder))
    if figures is not None:
        client.log_artifacts(run.run_id, str(figures), "figures")
    with tempfile.TemporaryDirectory() as scratch:
        for name, content in provenance_files(origin).items():
            write_bytes(Path(scratch) / name, content)
        client.log_artifacts(run.run_id, scratch, "provenance")


def provenance_files(origin: Origin) -> dict[str, bytes]:
    """Return what, with the commit and DVC's cache, makes the same run again: name and content of each file."""
    diff = origin.commit.diff
    kept = diff if len(diff) <= LARGEST_DIFF else f"# not kept: larger than {LARGEST_DIFF:,} characters\n"
    files = {UNCOMMITTED: kept, LOCK: origin.lock, CONFIG: origin.config}
    return {name: text.encode(errors="surrogateescape") for name, text in files.items() if text}


def run_metrics(record: TaskRecord) -> dict[str, float]:
    """Name the scores that a run's page has room for: see `score_metrics`, and ``<clusterer>/ami`` of each clusterer.

    Without genres it is ``<clusterer>/silhouette``. All others are in scores.json and the table of scores.
    """
    lead = "silhouette" if record.primary_scores.get("ami") is None else "ami"
    flat: Scores = {f"{clusterer}/{lead}": scores.get(lead) for clusterer, scores in record.scores.items()}
    flat |= score_metrics(record.primary_scores, record.baseline) | size_metrics(record)
    return finite(flat | {"lyrics_coverage": record.lyrics_coverage})


def score_metrics(scores: Scores, baseline: Scores) -> Scores:
    """Name the scores of a partition and of PCA + K-Means, ``baseline/*``, and their differences, ``delta/*``."""
    flat: Scores = {metric: scores.get(metric) for metric in HEADLINE}
    flat |= {f"baseline/{metric}": baseline.get(metric) for metric in HEADLINE}
    return flat | {f"delta/{metric}": difference(scores, baseline).get(metric) for metric in COMPARED}


def size_metrics(record: Record) -> Scores:
    """Name what the scores of a task or an evaluation are read by: chance level and number of tracks."""
    chance = {"chance_upper/ami": record.chance["ami"].upper} if "ami" in record.chance else {}
    return {**chance, "n_tracks": float(record.n_tracks)}


def describe_run(run_id: str, run: ComparedRun, verdicts: Mapping[str, Verdict]) -> None:
    """Write the note of a task's run, and what `mean_metrics` names."""
    experiment = store_client().get_run(run_id).info.experiment_id
    note = run_note(run, report=run_address(experiment, run_id, artifact=REPORT), verdicts=verdicts)
    log_values(run_id, metrics=mean_metrics(run), tags={"mlflow.note.content": note})


def mean_metrics(run: ComparedRun) -> dict[str, float]:
    """Name the means over seeds that a task's run shows beside its own scores; empty where it was not evaluated."""
    if run.evaluated is None:
        return {}
    means: Scores = {f"mean/{metric}": run.scores.get(metric) for metric in TESTED}
    return finite(means | {"mean/delta/ami": difference(run.scores, run.baseline).get("ami")})


def record_tags(record: Record, origin: Origin, *, kind: str) -> dict[str, str]:
    """Return the tags that runs of tasks and of evaluations share."""
    return {
        **origin_tags(origin),
        "kind": kind,
        "outcome": "finished",
        "schema_version": str(record.schema_version),
        "label_use": record.label_use,
        "label_derived": ", ".join(record.label_derived) or "none",
        "clusterer": record.clusterer,
    }


def warnings_of(record: Record) -> list[str]:
    """Return the paragraphs of a note that say what the scores do not prove."""
    warnings = ["Demo: rendered clips. The scores say nothing about music."] if record.is_demo else []
    warnings += [record.label_warning] if record.label_warning else []
    return [line for warning in warnings for line in ("", f"**{warning}**")]


def _log_tables(run: TaskRun, tables: Mapping[str, pd.DataFrame]) -> None:
    """Write tables as MLflow's own `log_table` does, which pandas 3 warns about."""
    client, paths = store_client(), {name: f"tables/{name}.json" for name in tables}
    for name, frame in tables.items():
        client.log_text(run.run_id, frame.round(4).to_json(orient="split", index=False), paths[name])
    marks = [{"path": path, "type": "table"} for path in paths.values()]  # what makes the UI show them as tables
    client.set_tag(run.run_id, "mlflow.loggedArtifacts", json.dumps(marks))


def _dataset(origin: Origin, frame: pd.DataFrame) -> PandasDataset:
    """The tracks as MLflow's data set; its digest is DVC's hash, for MLflow's own reads 10,000 values at most."""
    from mlflow.data.code_dataset_source import CodeDatasetSource
    from mlflow.data.pandas_dataset import PandasDataset

    source = CodeDatasetSource({"dvc_stage": "prepare", "data_hash": origin.data_hash, "commit": origin.commit.sha})
    return PandasDataset(frame, source, name=origin.corpus, digest=origin.data_hash)
