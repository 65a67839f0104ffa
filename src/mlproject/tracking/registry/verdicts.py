"""The verdict of a comparison -> tags and card of the version that it is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlproject.config import EvaluationConfig
from mlproject.evaluation.significance import CLAIMED
from mlproject.prediction.package import read_package
from mlproject.reporting.comparison.comparison import Compared
from mlproject.reporting.model_card import model_card
from mlproject.tracking.registry.versions import MODEL, describe, remove_tags, tag_version

__all__ = ["write_verdict"]

CLAIMS = ("verdict_", "difference_", "interval_")


def write_verdict(version: Any, row: Mapping[str, Any], compared: Compared, config: EvaluationConfig) -> dict[str, str]:
    """Tag a version with the verdict on it and bring its card up to date.

    Parameters
    ----------
    version : ModelVersion
    row : mapping
        Its row of the leaderboard.
    compared : Compared
        Its files.
    config : EvaluationConfig
        How many seeds and subsamples a claim needs.

    Returns
    -------
    dict of str to str
        beats, ties or loses by metric; empty for what was not evaluated or claims nothing.
    """
    verdicts = {name: str(row[f"verdict_{name}"]) for name in CLAIMED if row[f"verdict_{name}"] is not None}
    tags = {f"verdict_{name}": word for name, word in verdicts.items()}
    tags |= {f"difference_{name}": f"{row[f'mean_delta_{name}']:.4f}" for name in verdicts}
    tags |= {f"interval_{name}": f"{row[f'low_{name}']:+.4f} to {row[f'high_{name}']:+.4f}" for name in verdicts}
    tags["verdict"] = verdicts.get("ami", "no claim" if compared.evaluation else "not evaluated")
    tags["representation"] = str(row["representation"])
    tags["effort"] = _effort(compared.evaluation, config)
    stale = [key for key in version.tags if key.startswith(CLAIMS) and key not in tags]
    changed = {key: value for key, value in tags.items() if version.tags.get(key) != value}
    if changed or stale:
        remove_tags(version.version, stale)
        tag_version(version.version, changed)
        describe(version.version, _card(version, row, compared))
    return verdicts


def _effort(evaluation: Mapping[str, Any] | None, config: EvaluationConfig) -> str:
    if evaluation is None or evaluation["status"] != "finished":
        return "not at all"
    enough = evaluation["seeds"] >= config.seeds and evaluation["subsamples"] >= config.subsamples
    return "full" if enough else f"{evaluation['seeds']} seeds, {evaluation['subsamples']} subsamples"


def _card(version: Any, row: Mapping[str, Any], compared: Compared) -> str:
    evaluation, scores = compared.evaluation, compared.scores | {"task": version.tags["task"]}
    if evaluation is not None:
        scores |= {"representation": row["representation"], "audit": evaluation["audit"]}
        corrected = {
            name: found | {key: row[f"{key}_{name}"] for key in ("low", "high", "verdict")}
            for name, found in evaluation["differences"].items()
            if row[f"verdict_{name}"] is not None
        }
        evaluation = evaluation | {"differences": evaluation["differences"] | corrected}
    recipe, known = read_package(compared.folder / "model")
    return model_card(
        scores,
        {"clusters": known.clusters},
        description=(compared.evaluation or {}).get("description", ""),
        refusal=recipe.refusal,
        address=f"models:/{MODEL}/{version.version}",
        evaluation=evaluation,
    )
