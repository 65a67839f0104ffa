"""Runs as the explorer takes them, in small, and pages made of them."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pandas as pd

from mlproject.reporting.explorer import ExploredRun

MARKUP = "</script><img src=x onerror=alert(1)>"
ENTITY = "<b>&amp;\u2028%{x}"


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
        table["genre"] = [f"genre {one}" for one in genre]
        table["artist"] = [f"artist {row % 5}" for row in range(count)]
    return table


def cluster_records(tracks: pd.DataFrame) -> dict[str, Any]:
    """Return what is said of the clusters of these tracks, noise among them."""
    found = []
    for cluster, members in tracks.groupby("cluster"):
        genres = None if "genre" not in members else members["genre"].value_counts().to_dict()
        record = {"cluster": int(cluster), "name": f"loud, bright {cluster}", "size": len(members), "genres": genres}
        record["purity"] = None if genres is None else max(genres.values(), default=0) / len(members)
        record["distinguishing"] = [{"feature": "rms_mean", "phrase": "louder", "difference": 1.306}]
        record["words"] = ["love", "night"]
        record["central"] = members.sort_values("distance")["track_id"].head(3).tolist()
        found.append(record)
    return {"clusterer": "kmeans", "clusters": found}


def task_scores(task: str, tracks: pd.DataFrame, representation: str = "label-free") -> dict[str, Any]:
    """Return what scores.json of a task holds, as far as the explorer reads it."""
    labelled = "genre" in tracks
    external = dict.fromkeys(("ami", "ari", "purity", "nmi"), 0.5 if labelled else None)
    return {
        "status": "finished",
        "task": task,
        "corpus": "demo",
        "tracks": len(tracks),
        "representation": representation,
        "audit": {
            "label_derived_blocks": ["genre"] if representation == "label-informed" else [],
            "findings": [{"block": "lyrics", "check": "identical rows", "ami": 0.9, "red": True}],
        },
        "primary_clusterer": "kmeans",
        "scores": {"kmeans": external | {"silhouette": 0.2}},
        "chance": {"ami": {"mean": 0.0, "upper": 0.07}} if labelled else {},
        "baseline": {name: value and 0.4 for name, value in external.items()} | {"silhouette": 0.1},
    }


def explored_run(name: str = "medium", *, tracks: pd.DataFrame | None = None, **changes: Any) -> ExploredRun:
    """Return a run that was not evaluated, label-free unless its scores say otherwise."""
    tracks = explored_tracks() if tracks is None else tracks
    content = {"scores": task_scores(name, tracks), "clusters": cluster_records(tracks), "tracks": tracks}
    return ExploredRun(name, **content | changes)


def hostile_run() -> ExploredRun:
    """Return a run all of whose names try to be markup."""
    tracks = explored_tracks()
    for column in ("track_id", "genre", "artist"):
        tracks[column] = [f"{MARKUP if row % 2 else ENTITY} {name}" for row, name in enumerate(tracks[column])]
    clusters = cluster_records(tracks)
    for one in clusters["clusters"]:
        one |= {"name": f"{MARKUP} {one['cluster']}", "words": [MARKUP, ENTITY]}
        one["distinguishing"] = [{"feature": MARKUP, "phrase": MARKUP, "difference": -0.5}]
    return explored_run(MARKUP, tracks=tracks, clusters=clusters)


def packed(page: str, name: str) -> str:
    """Return the text of one of the page's script elements."""
    found = re.search(f'<script type="[^"]*" id="{name}">(.*?)</script>', page, re.DOTALL)
    assert found
    return found[1]


def page_data(page: str) -> Any:
    """Return the values that the page shows."""
    return json.loads(packed(page, "data"))
