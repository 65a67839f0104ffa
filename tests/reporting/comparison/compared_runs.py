"""Runs as a comparison takes them, in small: folders with the files that tasks and evaluations leave."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlproject.config import EvaluationConfig
from mlproject.evaluation.scores import difference, score_partition
from mlproject.files import write_array, write_json, write_table
from mlproject.reporting.comparison.comparison import Compared, Comparison
from tests.results.evaluation_records import evaluation_record

N_TRACKS, N_CLUSTERS = 24, 3


def compared_run(
    root: Path,
    name: str,
    representation: str = "label-free",
    *,
    moved: int = 6,
    tracks: int = N_TRACKS,
    labelled: bool = True,
    noise: int = 0,
    evaluation: Mapping[str, Any] | None = None,
    costs: Mapping[str, float] | None = None,
) -> Compared:
    """Write a run whose clusters are the genres but for the first `moved` tracks; PCA's have half of all elsewhere.

    Parameters
    ----------
    root : Path
        Gets the folder of the task and, with `evaluation`, that of the evaluation.
    name, representation : str
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
    own, baseline = cluster.copy(), cluster.copy()
    own[:moved] = (own[:moved] + 1) % N_CLUSTERS
    own[tracks - noise :] = -1
    baseline[: tracks // 2] = (baseline[: tracks // 2] + 1) % N_CLUSTERS
    latent = (5 * np.eye(N_CLUSTERS)[cluster] + rng.normal(size=(tracks, N_CLUSTERS))).astype(np.float32)
    score = {
        side: score_partition(latent, labels, genres if labelled else None, n_clusters=N_CLUSTERS)
        for side, labels in (("own", own), ("baseline", baseline))
    }
    by_genre = dict.fromkeys(("blues", "jazz", "pop"), 0.5) if labelled else None
    record = {
        "status": "finished",
        "task": name,
        "corpus": "demo",
        "tracks": tracks,
        "representation": representation,
        "audit": evaluation_record(name, representation)["audit"],
        "notes": [],
        "primary_clusterer": "kmeans",
        "lyrics_coverage": None,
        "scores": {"kmeans": score["own"], "dbscan": score["baseline"]},
        "chance": {"ami": {"mean": 0.0, "upper": 0.06}} if labelled else {},
        "baseline": score["baseline"],
        "delta": difference(score["own"], score["baseline"]),
        "purity_by_genre": {"kmeans": by_genre, "dbscan": by_genre},
    }
    folder, evaluated = root / "tasks" / name, root / "evaluation" / name
    table = pd.DataFrame({"track_id": [f"track.{row:05d}" for row in range(tracks)]})
    if labelled:
        table["genre"] = genres
    table["kmeans"], table["dbscan"] = own, baseline
    write_json(folder / "scores.json", record)
    write_table(folder / "assignments.parquet", table)
    write_array(folder / "latent.npy", latent)
    if evaluation is None:
        return Compared(name, folder, costs=costs or {})
    write_json(evaluated / "evaluation.json", evaluation_record(name, representation) | dict(evaluation))
    return Compared(name, folder, evaluated, costs or {})


def with_maps(run: Compared) -> Compared:
    """Write the places of a run's tracks on its maps."""
    tracks = len(run.assignments)
    places = np.random.default_rng(2).normal(size=(tracks, 4))
    columns = [f"{method}_{axis}" for method in ("tsne", "umap") for axis in "xy"]
    write_table(run.folder / "maps.parquet", pd.DataFrame(places, columns=columns))
    return run


def missing_run(root: Path, name: str = "medium") -> Compared:
    """Write the outputs of a task that was not applicable."""
    reason = "the corpus has no lyrics"
    record = {"status": "not applicable", "task": name, "corpus": "demo", "reason": reason}
    write_json(root / "tasks" / name / "scores.json", record)
    return Compared(name, root / "tasks" / name)


def comparison_of(*runs: Compared, **settings: Any) -> Comparison:
    """Compare runs, without figures unless the settings ask for them."""
    return Comparison(runs, EvaluationConfig(**{"n_clusters": N_CLUSTERS, "figures": False} | settings))
