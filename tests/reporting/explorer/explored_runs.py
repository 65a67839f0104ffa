"""Runs as the explorer takes them, in small, and pages made of them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlproject.prediction.package import ClusterDescription
from mlproject.results.compared_run import ComparedRun
from mlproject.results.evaluation_record import EvaluationOutput, EvaluationRecord
from mlproject.results.record import NotApplicable
from mlproject.results.task_output import TaskOutput
from mlproject.results.task_record import TaskRecord
from tests.results.records import task_record

MARKUP = "</script><img src=x onerror=alert(1)>"
ENTITY = "<b>&amp;\u2028%{x}"
NOWHERE = Path("nowhere")


def explored_tracks(count: int = 12, *, clusters: int = 3, labelled: bool = True) -> pd.DataFrame:
    """Return tracks whose clusters lie far apart on both maps; a label is that of the next cluster for every fourth."""
    rng = np.random.default_rng(5)
    cluster = np.arange(count) % clusters
    umap = rng.normal(0, 0.3, (count, 2)) + 5 * np.c_[cluster, cluster % 2]
    table = pd.DataFrame({"track_id": [f"track.{row:05d}" for row in range(count)], "cluster": cluster})
    table["distance"] = rng.uniform(0.1, 3, count)
    table[["umap_x", "umap_y"]], table[["tsne_x", "tsne_y"]] = umap, -40 * umap
    if labelled:
        genre = (cluster + (np.arange(count) % 4 == 3)) % clusters
        table["genre"] = [f"genre {number}" for number in genre]
        table["artist"] = [f"artist {row % 5}" for row in range(count)]
    return table


def described_clusters(tracks: pd.DataFrame) -> list[ClusterDescription]:
    """Return what is said of the clusters of these tracks, noise among them."""
    clusters = []
    for cluster, members in tracks.groupby("cluster"):
        genres = None if "genre" not in members else members["genre"].value_counts().to_dict()
        clusters.append(
            ClusterDescription(
                cluster=int(cluster),
                name=f"loud, bright {cluster}",
                size=len(members),
                genres=genres,
                purity=None if genres is None else max(genres.values(), default=0) / len(members),
                distinguishing=[{"feature": "rms_mean", "phrase": "louder", "difference": 1.306}],
                words=("love", "night"),
                central=members.sort_values("distance")["track_id"].head(3).tolist(),
            )
        )
    return clusters


def task_scores(task: str, tracks: pd.DataFrame, label_use: str = "label-free") -> TaskRecord:
    """Return the record of a task with these tracks."""
    labelled = "genre" in tracks
    external = dict.fromkeys(("ami", "ari", "purity", "nmi"), 0.5 if labelled else None)
    return task_record(
        task,
        label_use,
        n_tracks=len(tracks),
        scores={"kmeans": external | {"silhouette": 0.2}},
        chance={"ami": {"mean": 0.0, "upper": 0.07}} if labelled else {},
        baseline={name: value and 0.4 for name, value in external.items()} | {"silhouette": 0.1},
    )


def explored_run(
    name: str = "medium",
    *,
    tracks: pd.DataFrame | None = None,
    scores: TaskRecord | None = None,
    clusters: Sequence[ClusterDescription] | None = None,
    evaluation: EvaluationRecord | NotApplicable | None = None,
) -> ComparedRun:
    """Return a run, label-free unless its scores say otherwise, whose files are known without a folder."""
    tracks = explored_tracks() if tracks is None else tracks
    output = TaskOutput(NOWHERE, task_scores(name, tracks) if scores is None else scores)
    assignments = tracks.rename(columns={"cluster": "kmeans"}).set_index("track_id")
    described = described_clusters(tracks) if clusters is None else list(clusters)
    vars(output).update(assignments=assignments, projections=tracks, clusters=described)
    return ComparedRun(name, output, None if evaluation is None else EvaluationOutput(NOWHERE, evaluation))


def hostile_run() -> ComparedRun:
    """Return a run all of whose names try to be markup."""
    tracks = explored_tracks()
    for column in ("track_id", "genre", "artist"):
        tracks[column] = [f"{MARKUP if row % 2 else ENTITY} {name}" for row, name in enumerate(tracks[column])]
    distinguishing = [{"feature": MARKUP, "phrase": MARKUP, "difference": -0.5}]
    clusters = [
        ClusterDescription.model_validate(
            cluster.model_dump()
            | {"name": f"{MARKUP} {cluster.cluster}", "words": [MARKUP, ENTITY], "distinguishing": distinguishing}
        )
        for cluster in described_clusters(tracks)
    ]
    return explored_run(MARKUP, tracks=tracks, clusters=clusters)


def packed(page: str, name: str) -> str:
    """Return the text of one of the page's script elements."""
    element = re.search(f'<script type="[^"]*" id="{name}">(.*?)</script>', page, re.DOTALL)
    assert element
    return element[1]


def page_data(page: str) -> Any:
    """Return the values that the page shows."""
    return json.loads(packed(page, "data"))
