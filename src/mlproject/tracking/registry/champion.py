"""The version that new music is placed by: the alias ``champion``, the gate before it, each move and its undoing."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mlproject.errors import ConfigError
from mlproject.tracking.registry.versions import BASELINE, MODEL, tag_version, version_at, versions
from mlproject.tracking.store import store_client

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion

__all__ = ["CHAMPION", "is_current", "margin", "promote", "refusal", "undo", "withdraw"]

CHAMPION = "champion"
HISTORY = "champion.history"  # tag of the model: versions in the order of their promotion
LEADING = "ami"  # the metric whose verdict and difference decide who is champion


def refusal(version: ModelVersion, verdicts: Mapping[str, str], *, by_hand: bool = False) -> str | None:
    """Say why a version may not become champion, or None if it may.

    `verdicts` are by metric, corrected over the table. With `by_hand` a person asks, who may also bring back what
    was taken back.
    """
    tags, baseline, champion = version.tags, version_at(BASELINE), version_at(CHAMPION)
    if not is_current(version):
        return "an earlier version of this project registered it: run its task again"
    if tags["label_use"] != "label-free":
        return f"{tags['label_use']}: what saw a label is never promoted"
    if baseline is None or tags.get("data_hash") != baseline.tags.get("data_hash"):
        return "its data are not those of the baseline: run `python -m pipelines.task task=baseline` on them first"
    if verdicts.get(LEADING) != "beats" or "loses" in verdicts.values():
        words = ", ".join(f"{metric} {word}" for metric, word in verdicts.items()) or "not evaluated"
        return f"no win against PCA + K-Means ({words})"
    if (budget := tags.get("evaluation_budget", "none")) != "full":
        return f"it was evaluated with less than conf/evaluation.yaml asks for ({budget})"
    if tags.get("champion.undone") and not by_hand:
        return f"a person took it back ({tags['champion.undone']})"
    rival = champion if champion is not None and champion.version != version.version else None
    same_data = rival is not None and rival.tags.get("data_hash") == tags.get("data_hash")
    if rival is not None and same_data and not by_hand and margin(rival) >= margin(version):
        return f"version {rival.version} beats PCA + K-Means by as much or more"
    return None


def is_current(version: ModelVersion) -> bool:
    """Whether the present code can read a version: only such ones say whether they saw labels."""
    return "label_use" in version.tags


def margin(version: ModelVersion) -> float:
    """Return by how much a version is above PCA + K-Means in the leading metric, -inf where that is not known."""
    return float(version.tags.get(f"difference_{LEADING}", "-inf"))


def promote(version: ModelVersion, *, why: str, evidence: str) -> bool:
    """Let ``champion`` point to a version and leave who, why and what was before; return whether it moved."""
    champion, client = version_at(CHAMPION), store_client()
    if champion is not None and champion.version == version.version:
        return False
    tags = {
        "champion.by": getpass.getuser(),
        "champion.at": _now(),
        "champion.why": why,
        "champion.evidence": evidence,
        "champion.previous": "none" if champion is None else str(champion.version),
    }
    tag_version(version.version, tags, remove={"champion.undone"} & version.tags.keys())
    client.set_registered_model_alias(MODEL, CHAMPION, version.version)
    before = [] if champion is None else [*_before(str(champion.version)), str(champion.version)]
    client.set_registered_model_tag(MODEL, HISTORY, ",".join([*before, str(version.version)]))
    return True


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _before(champion: str) -> list[str]:
    """Return the versions that were champion before the present one, were not taken back and are still there."""
    tag: str = store_client().get_registered_model(MODEL).tags.get(HISTORY, "")  # the present one stands last
    history, there = [version for version in tag.split(",") if version], {str(one.version) for one in versions()}
    while history and history[-1] == champion:
        history.pop()
    return [version for version in history if version in there]


def withdraw(champion: ModelVersion, why: str) -> None:
    """Take the alias from a champion that would not pass the gate any more."""
    store_client().delete_registered_model_alias(MODEL, CHAMPION)
    tag_version(champion.version, {"champion.withdrawn": why})


def undo() -> str:
    """Give ``champion`` back to the version that had it before; return what was done; `ConfigError` without one."""
    champion, client = version_at(CHAMPION), store_client()
    if champion is None:
        raise ConfigError("there is no champion to take back")
    before = _before(str(champion.version))
    tag_version(champion.version, {"champion.undone": f"by {getpass.getuser()} at {_now()}"})
    if not before:
        client.delete_registered_model_alias(MODEL, CHAMPION)
        client.set_registered_model_tag(MODEL, HISTORY, "")
        return f"version {champion.version} is no longer champion, and no version was before it"
    client.set_registered_model_alias(MODEL, CHAMPION, before[-1])
    client.set_registered_model_tag(MODEL, HISTORY, ",".join(before))
    return f"champion is version {before[-1]} again, no longer {champion.version}"
