"""Records of a small finished task and of its evaluation: tables, figures and runs are made of them."""

from __future__ import annotations

from typing import Any

from mlproject.results.evaluation_record import EvaluationRecord
from mlproject.results.task_record import TaskRecord

EXTERNAL = {"ami": 0.4, "ari": 0.3, "nmi": 0.42, "purity": 0.5}
SCORES: dict[str, float | None] = {"n_clusters": 4.0, "coverage": 1.0, "silhouette": 0.2, **EXTERNAL}
LOWER = SCORES | {"ami": 0.3, "ari": 0.2, "purity": 0.4}
DIFFERENCE = {"estimate": 0.1, "standard_error": 0.02, "degrees": 40.0, "p_value": 1e-5}
VERDICT = {"verdict": "beats", "low": 0.04, "high": 0.16, "adjusted_p": 3e-5}
TESTED = ("ami", "ari", "purity")


def about(task: str, label_use: str) -> dict[str, Any]:
    """Return what the records of a task and of its evaluation share."""
    return {
        "task": task,
        "description": "A task",
        "corpus": "demo",
        "n_tracks": 60,
        "clusterer": "kmeans",
        "label_use": label_use,
        "label_derived": ["genre"] if label_use == "label-informed" else [],
        "findings": [{"block": "lyrics", "check": "identical rows", "ami": 0.9, "red": True}],
    }


def task_record(task: str = "umap", label_use: str = "label-free", **changes: Any) -> TaskRecord:
    """Return the record of a task with one clusterer, which PCA is below."""
    values = {
        **about(task, label_use),
        "notes": [],
        "is_baseline": False,
        "lyrics_coverage": None,
        "latent_dim": 8,
        "baseline_latent_dim": 6,
        "scores": {"kmeans": SCORES},
        "baseline": LOWER,
        "baseline_by_clusterer": {"kmeans": LOWER},
        "delta": dict.fromkeys(TESTED, 0.1),
        "chance": {"ami": {"mean": 0.0, "upper": 0.06}},
        "purity_by_genre": {"kmeans": None},
        "training": None,
        "frame_seconds": None,
        "figure_seed": 1,
    }
    return TaskRecord.model_validate(values | changes)


def evaluation_record(task: str = "umap", label_use: str = "label-free", **changes: Any) -> EvaluationRecord:
    """Return the record of an evaluation over two seeds, in which the task beats PCA on every tested metric."""
    null: dict[str, Any] = dict.fromkeys(TESTED)
    values = {
        **about(task, label_use),
        "labels_change_vectors": label_use == "label-informed",
        "n_clusters": 4,
        "seeds": 2,
        "first_seed": 42,
        "subsamples": 4,
        "by_artist": False,
        "level": 0.05,
        "scores": SCORES,
        "baseline": LOWER,
        "chance": {metric: {"mean": 0.0, "upper": 0.05} for metric in EXTERNAL},
        "differences": dict.fromkeys(TESTED, DIFFERENCE | VERDICT),
        "retrieval": {"auc": DIFFERENCE | VERDICT | {"task": 0.81, "baseline": 0.71, "chance": 0.5}},
        "spread": {"clustering seeds alone": 0.01},
        "stability": {"task": 0.8, "baseline": 0.7},
        "without_faults": None,
        "baseline_without_faults": None,
        "controls": [
            {"name": "who has words, alone", "meaning": "words told", "scores": SCORES | null, "supervised": False},
            {
                "name": "supervised reference",
                "meaning": "was taught",
                "scores": SCORES | {"ami": 0.7},
                "supervised": True,
            },
        ],
        "silhouette_null": {"permuted": 0.03, "gaussian": None},
        "silhouettes": {
            "this task": {"this task": 0.2, "PCA": None},
            "true genres": {"this task": -0.1, "PCA": -0.05},
        },
        "variance_shares": {"audio": 1.0},
        "vae_diagnostics": None,
        "conditioning": None,
    }
    return EvaluationRecord.model_validate(values | changes)
