"""A task's result -> the files of its folder; none of them holds a time, a run's id or a path."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from mlproject.experiment.run_task import TaskResult
from mlproject.files import write_array, write_json, write_table
from mlproject.models.persistence import save_model
from mlproject.prediction.package import KnownTracks, Recipe, write_package
from mlproject.results.cluster_descriptions import TrackFacts, cluster_distances, describe_clusters

__all__ = ["scores_of", "write_not_applicable", "write_outputs"]

HEADLINE = ("ami", "ari", "purity", "nmi", "accuracy", "silhouette")


def write_outputs(
    folder: Path, result: TaskResult, *, name: str, corpus: str, primary: str, facts: TrackFacts, recipe: Recipe
) -> None:
    """Write scores.json, metrics.json, clusters.json, assignments.parquet, latent.npy, loss.csv and model/.

    Parameters
    ----------
    folder : Path
    result : TaskResult
    name : str
        The task.
    corpus : str
        Kind of corpus.
    primary : str
        The clusterer whose partition counts.
    facts : TrackFacts
        Of the tracks of the result, in their order.
    recipe : Recipe
        How new music gets into the task's design matrix.
    """
    import pandas as pd

    scores = scores_of(result, name=name, corpus=corpus, primary=primary)
    write_json(folder / "scores.json", scores)
    write_json(folder / "metrics.json", _headline(scores))
    labels = result.task.partitions[primary]
    clusters = describe_clusters(result.task.latent, labels, genres=result.genres, facts=facts)
    write_json(folder / "clusters.json", {"clusterer": primary, "clusters": clusters})
    write_table(folder / "assignments.parquet", _assignments(result, labels, facts))
    write_array(folder / "latent.npy", result.task.latent)
    curve = [] if result.loss_curve is None else [float(loss) for loss in result.loss_curve]
    write_table(folder / "loss.csv", pd.DataFrame({"epoch": range(1, len(curve) + 1), "loss": curve}))
    save_model(result.task.model, folder / "model")
    known = KnownTracks(facts.ids, result.task.latent, labels, result.design.mean_lyrics(), clusters)
    write_package(folder / "model", recipe, known)
    (folder / "figures").mkdir(exist_ok=True)


def _assignments(result: TaskResult, labels: np.ndarray, facts: TrackFacts) -> Any:
    import pandas as pd

    table: dict[str, Any] = {"track_id": list(facts.ids)}
    if result.genres is not None:
        table["genre"] = result.genres
    if facts.artists is not None:
        table["artist"] = list(facts.artists)
    table |= result.task.partitions | {"distance": cluster_distances(result.task.latent, labels)}
    table |= {f"baseline_{clusterer}": labels for clusterer, labels in result.baseline.partitions.items()}
    return pd.DataFrame(table)


def write_not_applicable(folder: Path, *, name: str, corpus: str, reason: str) -> None:
    """Write the outputs of a task that the corpus has not the inputs for: none but the reason."""
    import pandas as pd

    write_json(folder / "scores.json", {"status": "not applicable", "task": name, "corpus": corpus, "reason": reason})
    write_json(folder / "metrics.json", {})
    write_table(folder / "loss.csv", pd.DataFrame({"epoch": [], "loss": []}))
    (folder / "figures").mkdir(exist_ok=True)


def scores_of(result: TaskResult, *, name: str, corpus: str, primary: str) -> dict[str, Any]:
    """Return all scores of a task as plain values."""
    own = result.task
    return {
        "status": "finished",
        "task": name,
        "corpus": corpus,
        "tracks": len(result.rows),
        "representation": result.label_use,
        "audit": {
            "label_derived_blocks": list(own.label_derived),
            "findings": [finding._asdict() for finding in result.findings],
        },
        "notes": [*own.notes, *result.remarks],
        "primary_clusterer": primary,
        "lyrics_coverage": result.design.lyrics_coverage,
        "scores": own.scores,
        "chance": {name: level._asdict() for name, level in result.chance.items()},
        "baseline": result.reference(),
        "baseline_by_clusterer": result.baseline.scores,
        "delta": result.gain(primary),
        "purity_by_genre": own.genre_purity,
        "baseline_purity_by_genre": result.baseline.genre_purity,
    }


def _headline(scores: dict[str, Any]) -> dict[str, float]:
    """Pick the few numbers that a table of metrics has room for."""
    own = scores["scores"][scores["primary_clusterer"]]
    shown = {name: own.get(name) for name in HEADLINE} | {f"delta_{n}": scores["delta"].get(n) for n in HEADLINE[:3]}
    return {name: value for name, value in shown.items() if value is not None}
