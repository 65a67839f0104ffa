"""The version that new music is placed by: the alias ``champion``, the gate before it, each move and its undoing."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from mlproject.errors import ConfigError
from mlproject.tracking.registry.versions import BASELINE, MODEL, remove_tags, tag_version, version_at, versions

__all__ = ["CHAMPION", "margin", "promote", "refusal", "undo", "withdraw"]

CHAMPION = "champion"
HISTORY = "champion.history"  # tag of the model: versions in the order of their promotion
LEADING = "ami"  # the metric whose verdict and difference decide who is champion


def refusal(version: Any, verdicts: Mapping[str, str], *, by_hand: bool = False) -> str | None:
    """Say why a version may not become champion, or None if it may.

    Parameters
    ----------
    version : ModelVersion
    verdicts : mapping of str to str
        beats, ties or loses by metric, corrected over the table.
    by_hand : bool, default=False
        Whether a person asks for it, who may also bring back what was taken back.
    """
    tags, baseline, champion = version.tags, version_at(BASELINE), version_at(CHAMPION)
    if tags.get("representation") != "label-free":
        return f"{tags.get('representation')}: what saw a label is never promoted"
    if baseline is None or tags.get("data_hash") != baseline.tags.get("data_hash"):
        return "its data are not those of the baseline: run `python -m pipelines.task task=baseline` on them first"
    if verdicts.get(LEADING) != "beats" or "loses" in verdicts.values():
        said = ", ".join(f"{metric} {word}" for metric, word in verdicts.items()) or "not evaluated"
        return f"no win against PCA + K-Means ({said})"
    if tags.get("effort") != "full":
        return f"it was evaluated with less than conf/evaluation.yaml asks for ({tags.get('effort', 'not at all')})"
    if tags.get("champion.undone") and not by_hand:
        return f"a person took it back ({tags['champion.undone']})"
    rival = champion if champion is not None and champion.version != version.version else None
    same_data = rival is not None and rival.tags.get("data_hash") == tags.get("data_hash")
    if rival is not None and same_data and not by_hand and margin(rival) >= margin(version):
        return f"version {rival.version} beats PCA + K-Means by as much or more"
    return None


def margin(version: Any) -> float:
    """Return by how much a version is above PCA + K-Means in the leading metric, -inf where that is not known."""
    return float(version.tags.get(f"difference_{LEADING}", "-inf"))


def promote(version: Any, *, why: str, evidence: str) -> bool:
    """Let ``champion`` point to a version and leave who, why and what was before; return whether it moved."""
    from mlflow import MlflowClient

    champion = version_at(CHAMPION)
    if champion is not None and champion.version == version.version:
        return False
    tag_version(
        version.version,
        {
            "champion.by": getpass.getuser(),
            "champion.at": datetime.now(UTC).isoformat(timespec="seconds"),
            "champion.why": why,
            "champion.evidence": evidence,
            "champion.previous": "none" if champion is None else str(champion.version),
        },
    )
    remove_tags(version.version, {"champion.undone"} & version.tags.keys())
    client = MlflowClient()
    client.set_registered_model_alias(MODEL, CHAMPION, version.version)
    before = [] if champion is None else [*_before(client, str(champion.version)), str(champion.version)]
    client.set_registered_model_tag(MODEL, HISTORY, ",".join([*before, str(version.version)]))
    return True


def _before(client: Any, champion: str) -> list[str]:
    """Return the versions that were champion before the present one, were not taken back and are still there."""
    history, there = _history(client), {str(one.version) for one in versions()}
    while history and history[-1] == champion:
        history.pop()
    return [one for one in history if one in there]


def withdraw(champion: Any, why: str) -> None:
    """Take the alias from a champion that would not pass the gate any more."""
    from mlflow import MlflowClient

    MlflowClient().delete_registered_model_alias(MODEL, CHAMPION)
    tag_version(champion.version, {"champion.withdrawn": why})


def _history(client: Any) -> list[str]:
    """Return the versions that were champion and were not taken back, the present one last."""
    tag: str = client.get_registered_model(MODEL).tags.get(HISTORY, "")
    return [one for one in tag.split(",") if one]


def undo() -> str:
    """Give ``champion`` back to the version that had it before; return what was done.

    Raises
    ------
    ConfigError
        If there is no champion.
    """
    from mlflow import MlflowClient

    champion, client = version_at(CHAMPION), MlflowClient()
    if champion is None:
        raise ConfigError("there is no champion to take back")
    before = _before(client, str(champion.version))
    when = datetime.now(UTC).isoformat(timespec="seconds")
    tag_version(champion.version, {"champion.undone": f"by {getpass.getuser()} at {when}"})
    if not before:
        client.delete_registered_model_alias(MODEL, CHAMPION)
        client.set_registered_model_tag(MODEL, HISTORY, "")
        return f"version {champion.version} is no longer champion, and no version was before it"
    client.set_registered_model_alias(MODEL, CHAMPION, before[-1])
    client.set_registered_model_tag(MODEL, HISTORY, ",".join(before))
    return f"champion is version {before[-1]} again, no longer {champion.version}"
