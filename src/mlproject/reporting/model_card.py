"""A model's card: what went in, how it scored and how surely, what it cannot do, how to load it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlproject.evaluation.significance import CLAIMED
from mlproject.reporting.label_warnings import suspicion

__all__ = ["model_card"]

SHOWN = 20  # clusters; a registry on PostgreSQL takes 5,000 characters


def model_card(
    record: Mapping[str, Any],
    clusters: Mapping[str, Any],
    *,
    description: str,
    refusal: str | None,
    address: str,
    evaluation: Mapping[str, Any] | None = None,
) -> str:
    """Return a model's description as Markdown.

    Parameters
    ----------
    record : mapping
        What scores.json holds.
    clusters : mapping
        What clusters.json holds.
    description : str
        One line on the task.
    refusal : str or None
        Why it cannot place new music, if it cannot.
    address : str
        What MLflow loads it by, such as ``models:/genre-clusters/3``.
    evaluation : mapping, optional
        What evaluation.json holds, with verdicts that are corrected over a table, if it was evaluated.
    """
    warning = suspicion(record)
    demo = " **Rendered clips: the scores say nothing about music.**" if record["corpus"] == "demo" else ""
    return "\n".join(
        [
            f"**{record['task']}**: {description}",
            "",
            f"Trained on {record['tracks']} tracks of the {record['corpus']} corpus; {record['representation']}.{demo}",
            *(["", f"**{warning}**"] if warning else []),
            "",
            *_scores(record, evaluation),
            "",
            "### Clusters",
            "",
            *map(_cluster, clusters["clusters"][:SHOWN]),
            *([f"- and {len(clusters['clusters']) - SHOWN} more"] if len(clusters["clusters"]) > SHOWN else []),
            "",
            "### Limits",
            "",
            *_limits(record, refusal, evaluation),
            "",
            "### Use",
            "",
            *_use(refusal, address),
        ]
    )


def _scores(record: Mapping[str, Any], evaluation: Mapping[str, Any] | None) -> list[str]:
    own = record["scores"][record["primary_clusterer"]]
    lines = [f"| {record['primary_clusterer']} | this model | PCA + K-Means | chance, up to |", "|" + " --- |" * 4]
    for name in [*CLAIMED, "nmi", "silhouette"]:
        upper = record["chance"].get(name, {}).get("upper")
        cells = " | ".join(map(_number, (own.get(name), record["baseline"].get(name), upper)))
        lines.append(f"| {name} | {cells} |")
    if evaluation is None:
        return [*lines, "", "Not evaluated: no interval, no verdict."]
    lines += ["", f"Over {evaluation['seeds']} seeds and {evaluation['subsamples']} subsamples:", ""]
    for name, found in evaluation["differences"].items():
        interval = f"{found['low']:+.3f} to {found['high']:+.3f}"
        lines.append(f"- {name}: {found['estimate']:+.3f} against PCA + K-Means ({interval}): **{found['verdict']}**")
    return lines


def _limits(record: Mapping[str, Any], refusal: str | None, evaluation: Mapping[str, Any] | None) -> list[str]:
    limits = [
        "Music unlike all of the tracks above is put into a cluster all the same: look at `confidence`.",
        "The names of clusters come from features and lyrics; genres are those of the known tracks in each.",
    ]
    if evaluation is not None and not evaluation["by_artist"]:
        limits.append("Artists are not known: tracks of one artist in one cluster flatter the scores.")
    if record["lyrics_coverage"] is not None:
        limits.append("A track without lyrics is placed by its sound; a model that encodes both gets average words.")
    return [f"- {line}" for line in [*limits, *([refusal] if refusal else [])]]


def _use(refusal: str | None, address: str) -> list[str]:
    if refusal:
        return ["It places no new music; its vectors and clusters are among the run's artifacts."]
    return [
        "```",
        f"mlflow run . -e predict -P input=FOLDER -P output=clusters.csv -P model={address} --env-manager local",
        f'mlflow.pyfunc.load_model("{address}").predict(pandas.DataFrame({{"path": ["song.mp3"]}}))',
        "```",
    ]


def _cluster(one: Mapping[str, Any]) -> str:
    genres = [f"{genre} {count}" for genre, count in list((one["genres"] or {}).items())[:3]]
    told = f": {', '.join(genres)}" if genres else ""
    return f"- {one['cluster']}: {one['name']} ({one['size']} tracks{told})"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
