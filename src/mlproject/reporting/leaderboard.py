"""Scores of tasks -> the table that compares them, label-free and label-informed apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mlproject.evaluation.internal import INTERNAL_METRICS
from mlproject.evaluation.scores import EXTERNAL_METRICS

__all__ = ["COLUMNS", "leaderboard_markdown", "leaderboard_rows"]

METRICS = (*EXTERNAL_METRICS, *INTERNAL_METRICS)
COLUMNS = (
    "task",
    "representation",
    "clusterer",
    "tracks",
    "corpus",
    *METRICS,
    "delta_ami",
    "delta_ari",
    "delta_purity",
    "note",
)
SHOWN = ("task", "clusterer", "tracks", "ami", "ari", "nmi", "purity", "accuracy", "delta_ami")
NOT_APPLICABLE = "not applicable"


def leaderboard_rows(scores: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return one row a task: the primary clusterer's scores and their difference to PCA + K-Means.

    Parameters
    ----------
    scores : iterable of mapping
        What ``scores.json`` of each task holds.

    Returns
    -------
    list of dict
        Label-free tasks by falling AMI (in the given order without labels), then label-informed ones, then those that
        were not applicable; undefined values are None.
    """
    rows = [_row(one) for one in scores]
    order = {"label-free": 0, "label-informed": 1, NOT_APPLICABLE: 2}
    return sorted(rows, key=lambda row: (order[row["representation"]], -(row["ami"] or 0.0)))


def leaderboard_markdown(rows: list[dict[str, Any]]) -> str:
    """Return the leaderboard as Markdown, one table for each kind of representation."""
    corpora = sorted({row["corpus"] for row in rows})
    lines = [
        "# Leaderboard",
        "",
        f"Corpus: {', '.join(corpora)}" + (" (synthetic: says nothing about music)" if "demo" in corpora else ""),
    ]
    titles = {
        "label-free": "Label-free",
        "label-informed": "Label-informed (not comparable: the genre reached the vectors)",
    }
    for kind, title in titles.items():
        if chosen := [row for row in rows if row["representation"] == kind]:
            lines += ["", f"## {title}", "", *_table(chosen)]
    if missing := [row for row in rows if row["representation"] == NOT_APPLICABLE]:
        lines += ["", "## Not applicable", "", *(f"- {row['task']}: {row['note']}" for row in missing)]
    return "\n".join(lines) + "\n"


def _row(one: Mapping[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(COLUMNS)
    row |= {"task": one["task"], "corpus": one["corpus"], "note": one.get("reason", "")}
    if one["status"] != "finished":
        return row | {"representation": NOT_APPLICABLE}
    own = one["scores"][one["primary_clusterer"]]
    row |= {name: own.get(name) for name in METRICS}
    row |= {f"delta_{name}": one["delta"].get(name) for name in ("ami", "ari", "purity")}
    return row | {key: one[key] for key in ("representation", "tracks")} | {"clusterer": one["primary_clusterer"]}


def _table(rows: list[dict[str, Any]]) -> list[str]:
    head = "| " + " | ".join(name.replace("delta_", "Δ ") for name in SHOWN) + " |"
    return [
        head,
        "|" + " --- |" * len(SHOWN),
        *("| " + " | ".join(_cell(n, row[n]) for n in SHOWN) + " |" for row in rows),
    ]


def _cell(name: str, value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:+.3f}" if name.startswith("delta") else f"{value:.3f}"
    return str(value)
