"""What evaluation.json holds, in small: figures and tables are drawn from it."""

from __future__ import annotations

from typing import Any


def evaluation_record(task: str = "deep", representation: str = "label-free", **changes: Any) -> dict[str, Any]:
    """Return what evaluation.json of a small finished evaluation holds."""
    scores = {"ami": 0.4, "ari": 0.3, "purity": 0.5, "nmi": 0.42, "silhouette": 0.2, "n_clusters": 4.0, "coverage": 1.0}
    difference = {"estimate": 0.1, "standard_error": 0.02, "degrees": 40.0, "p_value": 1e-5}
    verdict = {"verdict": "beats", "low": 0.04, "high": 0.16, "adjusted_p": 3e-5}
    null = {"ami": None, "ari": None, "purity": None}
    return {
        "status": "finished",
        "task": task,
        "description": "A task",
        "corpus": "demo",
        "tracks": 60,
        "n_clusters": 4,
        "clusterer": "kmeans",
        "seeds": 2,
        "first_seed": 42,
        "subsamples": 4,
        "by_artist": False,
        "level": 0.05,
        "representation": representation,
        "audit": {
            "label_derived_blocks": ["genre"] if representation == "label-informed" else [],
            "labels_change_vectors": representation == "label-informed",
            "findings": [{"block": "lyrics", "check": "identical rows", "ami": 0.9, "red": True}],
        },
        "scores": scores,
        "baseline": scores | {"ami": 0.3, "ari": 0.2, "purity": 0.4},
        "chance": {name: {"mean": 0.0, "upper": 0.05} for name in ("ami", "ari", "purity", "nmi")},
        "differences": dict.fromkeys(("ami", "ari", "purity"), difference | verdict),
        "spread": {"clustering seeds alone": 0.01},
        "stability": {"task": 0.8, "baseline": 0.7},
        "without_faults": None,
        "baseline_without_faults": None,
        "controls": [
            {"name": "who has words, alone", "meaning": "words told", "scores": scores | null, "supervised": False},
            {"name": "supervised probe", "meaning": "a ceiling", "scores": scores | {"ami": 0.7}, "supervised": True},
        ],
        "silhouette_null": {"permuted": 0.03, "gaussian": None},
        "silhouettes": {
            "this task": {"this task": 0.2, "PCA": None},
            "true genres": {"this task": -0.1, "PCA": -0.05},
        },
        "block_shares": {"audio": 1.0},
        "hygiene": None,
        "conditioning": None,
        **changes,
    }
