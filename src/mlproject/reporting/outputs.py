"""A task's result -> the files of its folder; none of them holds a time, a run's id or a path."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from mlproject.artifacts import write_array, write_figure, write_json, write_table
from mlproject.config import EvaluationConfig
from mlproject.experiment.run import TaskResult
from mlproject.models.saving import save_model

__all__ = ["scores_of", "write_figures", "write_not_applicable", "write_outputs"]

HEADLINE = ("ami", "ari", "purity", "nmi", "accuracy", "silhouette")


def write_outputs(folder: Path, result: TaskResult, *, name: str, corpus: str, primary: str, track_ids: Any) -> None:
    """Write scores.json, its short form metrics.json, assignments.parquet, latent.npy, loss.csv and model/.

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
    track_ids : Series of str
        Ids of all rows of the corpus.
    """
    import pandas as pd

    scores = scores_of(result, name=name, corpus=corpus, primary=primary)
    write_json(folder / "scores.json", scores)
    write_json(folder / "metrics.json", _headline(scores))
    table: dict[str, Any] = {"track_id": np.asarray(track_ids)[result.rows]}
    if result.genres is not None:
        table["genre"] = result.genres
    table |= result.task.partitions
    table |= {f"baseline_{clusterer}": labels for clusterer, labels in result.baseline.partitions.items()}
    write_table(folder / "assignments.parquet", pd.DataFrame(table))
    write_array(folder / "latent.npy", result.task.latent)
    curve = [] if result.loss_curve is None else [float(loss) for loss in result.loss_curve]
    write_table(folder / "loss.csv", pd.DataFrame({"epoch": range(1, len(curve) + 1), "loss": curve}))
    save_model(result.task.model, folder / "model")
    (folder / "figures").mkdir(exist_ok=True)


def write_figures(
    folder: Path,
    result: TaskResult,
    *,
    name: str,
    corpus: str,
    evaluation: EvaluationConfig,
    mfcc: np.ndarray | None,
    frame_seconds: float,
    progress: Callable[[Iterable[Any]], Iterable[Any]] = iter,
) -> None:
    """Draw all figures of a task into ``figures/``; see `mlproject.reporting.figures.draw_figures`."""
    from mlproject.reporting.figures import draw_figures

    figures = draw_figures(
        result,
        name=name,
        mfcc=mfcc,
        frame_seconds=frame_seconds,
        primary=evaluation.primary,
        seed=evaluation.clustering_seed,
        corpus=corpus,
    )
    for stem, figure in progress(figures):
        write_figure(folder / "figures" / f"{stem}.png", figure)


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
        "representation": result.provenance,
        "label_derived_blocks": list(own.label_derived),
        "audit": [finding._asdict() for finding in result.findings],
        "primary_clusterer": primary,
        "lyrics_coverage": result.design.lyrics_coverage,
        "scores": own.scores,
        "chance": {name: level._asdict() for name, level in result.chance.items()},
        "baseline": result.reference(),
        "delta": result.gain(primary),
        "purity_by_genre": own.genre_purity,
        "baseline_purity_by_genre": result.baseline.genre_purity,
    }


def _headline(scores: dict[str, Any]) -> dict[str, float]:
    """Pick the few numbers that a table of metrics has room for."""
    own = scores["scores"][scores["primary_clusterer"]]
    shown = {name: own.get(name) for name in HEADLINE} | {f"delta_{n}": scores["delta"].get(n) for n in HEADLINE[:3]}
    return {name: value for name, value in shown.items() if value is not None}
