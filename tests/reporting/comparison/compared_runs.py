"""Runs as a comparison takes them, in small: folders with the files that tasks and evaluations leave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlproject.config.evaluation import EvaluationConfig
from mlproject.evaluation.scores import difference, score_partition
from mlproject.files import write_array, write_json, write_table
from mlproject.reporting.comparison.comparison import Comparison
from mlproject.results.compared_run import ComparedRun
from mlproject.results.evaluation_record import EvaluationOutput
from mlproject.results.task_output import TaskOutput
from tests.results.records import evaluation_record, task_record

N_TRACKS, N_CLUSTERS = 24, 3


def compared_run(
    root: Path,
    name: str,
    label_use: str = "label-free",
    *,
    moved: int = 6,
    tracks: int = N_TRACKS,
    labelled: bool = True,
    noise: int = 0,
    evaluation: Mapping[str, Any] | None = None,
    costs: Mapping[str, float] | None = None,
) -> ComparedRun:
    """Write a run whose clusters are the genres but for the first `moved` tracks; PCA's have half of all elsewhere.

    Parameters
    ----------
    root : Path
        Gets the folder of the task and, with `evaluation`, that of the evaluation.
    name, label_use : str
    moved : int, default=6
        Tracks in the cluster of another genre.
    tracks : int, default=24
    labelled : bool, default=True
    noise : int, default=0
        Tracks, the last ones, that are noise.
    evaluation : mapping, optional
        What differs from `evaluation_record`.
    costs : mapping, optional
    """
    rng, cluster = np.random.default_rng(len(name)), np.arange(tracks) % N_CLUSTERS
    genres = np.array(["blues", "jazz", "pop"])[cluster]
    labels, baseline = cluster.copy(), cluster.copy()
    labels[:moved] = (labels[:moved] + 1) % N_CLUSTERS
    labels[tracks - noise :] = -1
    baseline[: tracks // 2] = (baseline[: tracks // 2] + 1) % N_CLUSTERS
    latent = (5 * np.eye(N_CLUSTERS)[cluster] + rng.normal(size=(tracks, N_CLUSTERS))).astype(np.float32)
    scores, lower = (
        score_partition(latent, partition, genres if labelled else None, n_clusters=N_CLUSTERS)
        for partition in (labels, baseline)
    )
    by_genre = dict.fromkeys(("blues", "jazz", "pop"), 0.5) if labelled else None
    record = task_record(
        name,
        label_use,
        n_tracks=tracks,
        scores={"kmeans": scores, "dbscan": lower},
        chance={"ami": {"mean": 0.0, "upper": 0.06}} if labelled else {},
        baseline=lower,
        delta=difference(scores, lower),
        purity_by_genre={"kmeans": by_genre, "dbscan": by_genre},
    )
    folder, evaluated = root / "tasks" / name, root / "evaluation" / name
    table = pd.DataFrame({"track_id": [f"track.{row:05d}" for row in range(tracks)]})
    if labelled:
        table["genre"] = genres
    table["kmeans"], table["dbscan"] = labels, baseline
    write_json(folder / "scores.json", record.model_dump(mode="json"))
    write_table(folder / "assignments.parquet", table)
    write_array(folder / "latent.npy", latent)
    run = ComparedRun(name, TaskOutput(folder), costs=costs or {})
    if evaluation is None:
        return run
    found = evaluation_record(**{"task": name, "label_use": label_use} | dict(evaluation))
    write_json(evaluated / "evaluation.json", found.model_dump(mode="json"))
    return replace(run, evaluation=EvaluationOutput(evaluated))


def with_projections(run: ComparedRun) -> ComparedRun:
    """Write the places of a run's tracks in the plane."""
    places = np.random.default_rng(2).normal(size=(len(run.task.assignments), 4))
    columns = [f"{method}_{axis}" for method in ("tsne", "umap") for axis in "xy"]
    write_table(run.task.folder / "projections.parquet", pd.DataFrame(places, columns=columns))
    return run


def missing_run(root: Path, name: str = "medium") -> ComparedRun:
    """Write the output of a task that was not applicable."""
    folder = root / "tasks" / name
    output = TaskOutput.write_reason(folder, name=name, corpus="demo", reason="the corpus has no lyrics")
    return ComparedRun(name, output)


def comparison_of(*runs: ComparedRun, **settings: Any) -> Comparison:
    """Compare runs."""
    return Comparison(runs, EvaluationConfig(**{"n_clusters": N_CLUSTERS} | settings))
