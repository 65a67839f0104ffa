"""A task's result -> the files of its folder; none of them holds a time, a run's id or a path."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlproject.evaluation.metrics import TESTED
from mlproject.experiment.run_task import TaskResult
from mlproject.files import write_array, write_arrays, write_json, write_table
from mlproject.models.persistence import save_model
from mlproject.models.projections import tsne_projection, umap_projection
from mlproject.prediction.package import KnownTracks, Recipe, write_package
from mlproject.results.cluster_descriptions import TrackFacts, cluster_distances, describe_clusters
from mlproject.results.examples import examples_of
from mlproject.results.record import ChanceLevel, LeakFinding, NotApplicable
from mlproject.results.task_output import TaskOutput
from mlproject.results.task_record import TaskRecord, Training
from mlproject.seeding import integer_seed

__all__ = ["headline_metrics", "loss_table", "record_of", "write_task"]


def write_task(
    folder: Path,
    result: TaskResult,
    record: TaskRecord,  # what scores.json holds; see `record_of`
    *,
    facts: TrackFacts,  # of the result's tracks
    package: Recipe,  # how new music gets into the task's design matrix
    mfcc: np.ndarray | None = None,  # (n_tracks, n_mfcc, n_frames), dB; None for a task that does not read them
    projections: bool = True,  # with examples.npz, which figures are drawn from
) -> TaskOutput:
    """Write scores.json, clusters.json, assignments.parquet, latent.npy, model/, and what figures need."""
    output, latent, labels = TaskOutput(folder, record), result.task.latent, result.task.partitions[record.clusterer]
    output.write_record()
    clusters = describe_clusters(latent, labels, genres=result.genres, facts=facts)
    plain = [cluster.model_dump(mode="json") for cluster in clusters]
    write_json(folder / "clusters.json", {"clusterer": record.clusterer, "clusters": plain})
    write_table(folder / "assignments.parquet", _assignments(result, labels, facts))
    write_array(folder / "latent.npy", latent)  # apart from the table: float32, and a matrix
    save_model(result.task.model, folder / "model")
    known = KnownTracks(facts.ids, latent, labels, result.design.mean_lyrics(), clusters)
    write_package(folder / "model", package, known)
    if projections:
        write_table(folder / "projections.parquet", _projections(result, record.figure_seed))
        if mfcc is not None and (examples := examples_of(result, mfcc)) is not None:
            write_arrays(folder / "examples.npz", vars(examples))
    return output


def record_of(
    result: TaskResult,
    *,
    name: str,
    description: str,
    corpus: str,
    clusterer: str,
    seed: int,  # of projections, and of what figures draw by chance
    frame_seconds: float | None = None,  # from one MFCC frame to the next, s
) -> TaskRecord:
    """Return what scores.json holds."""
    task, baseline, encoder = result.task, result.baseline, result.task.model.encoder_
    training: Training | None = None
    if (curve := result.loss_curve) is not None:  # a model with epochs
        training = Training(
            loss_curve=tuple(map(float, curve)), loss_name=encoder.loss_name, loss_of_means=encoder.loss_of_means
        )
    return TaskRecord(
        task=name,
        description=description,
        corpus=corpus,
        n_tracks=len(result.rows),
        clusterer=clusterer,
        label_use=result.label_use,
        label_derived=task.label_derived,
        findings=tuple(map(LeakFinding.model_validate, result.findings)),
        notes=(*task.notes, *result.remarks),
        is_baseline=task is baseline,
        lyrics_coverage=result.design.lyrics_coverage,
        latent_dim=task.latent.shape[1],
        baseline_latent_dim=baseline.latent.shape[1],
        scores=task.scores,
        chance={metric: ChanceLevel.model_validate(level) for metric, level in result.chance.items()},
        baseline=result.baseline_scores(),
        baseline_by_clusterer=baseline.scores,
        delta=result.gain(clusterer),
        purity_by_genre=task.genre_purity,
        training=training,
        frame_seconds=frame_seconds,
        figure_seed=seed,
    )


def _assignments(result: TaskResult, labels: np.ndarray, facts: TrackFacts) -> pd.DataFrame:
    table: dict[str, Any] = {"track_id": list(facts.ids)}
    if result.genres is not None:
        table["genre"] = result.genres
    if facts.artists is not None:
        table["artist"] = list(facts.artists)
    table |= result.task.partitions | {"distance": cluster_distances(result.task.latent, labels)}
    table |= {f"baseline_{clusterer}": labels for clusterer, labels in result.baseline.partitions.items()}
    return pd.DataFrame(table)


def _projections(result: TaskResult, seed: int) -> pd.DataFrame:
    """Lay out the vectors of the task, and those of the baseline where it is another, in the plane."""
    methods = {"": result.task.latent}  # prefix of the columns -> vectors
    if result.task is not result.baseline:  # one of the two alone where both are one
        methods["baseline_"] = result.baseline.latent
    columns: dict[str, np.ndarray] = {}
    for prefix, latent in methods.items():
        for name, project in (("tsne", tsne_projection), ("umap", umap_projection)):
            places = project(latent, seed=integer_seed(seed, "figures", name))  # (n_tracks, 2)
            # By columns, as parquet stores them.
            columns |= {f"{prefix}{name}_{axis}": places[:, i] for i, axis in enumerate("xy")}
    return pd.DataFrame(columns)


def headline_metrics(record: TaskRecord | NotApplicable) -> dict[str, float]:
    """Pick the few defined numbers that DVC's table of metrics has room for; none of a task without a result."""
    if isinstance(record, NotApplicable):
        return {}
    shown = record.headline | {f"delta_{metric}": record.delta.get(metric) for metric in TESTED}
    return {name: value for name, value in shown.items() if value is not None}


def loss_table(record: TaskRecord | NotApplicable) -> pd.DataFrame:
    """Return ``epoch`` and ``loss``, which DVC plots; empty for a model without epochs."""
    training = record.training if isinstance(record, TaskRecord) else None
    curve = () if training is None else training.loss_curve
    return pd.DataFrame({"epoch": range(1, len(curve) + 1), "loss": curve})
