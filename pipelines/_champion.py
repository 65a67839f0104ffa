"""What a comparison settles: verdicts on versions, and which of them is champion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlproject.errors import ConfigError
from mlproject.reporting.comparison.comparison import Comparison
from mlproject.tracking.registry import champion
from mlproject.tracking.registry import versions as registry
from mlproject.tracking.registry.verdicts import write_verdict
from pipelines._comparing import Entry

__all__ = ["move_champion", "settle"]


def settle(entries: Sequence[Entry], comparison: Comparison, evidence: str) -> list[str]:
    """Write verdicts onto versions and let the best become champion; return what was decided, in words.

    Only a comparison of all runs on the present data may: verdicts are corrected over its whole table.
    """
    verdicts = _write_verdicts(entries, comparison)
    candidates = sorted((registry.find_version(number) for number in verdicts), key=champion.margin, reverse=True)
    said = _recheck_champion(verdicts)
    refused = dict[str, list[str]]()
    for version in candidates:
        reason = champion.refusal(version, verdicts[str(version.version)])
        if reason is None:
            said += _promote(version, evidence)
            break
        if version.tags.get("baseline") != "true":  # what all others are compared with is no candidate
            refused.setdefault(reason, []).append(f"{version.tags['task']} ({version.version})")
    return [*(f"not promoted: {', '.join(names)}: {reason}" for reason, names in refused.items()), *said]


def _write_verdicts(entries: Sequence[Entry], comparison: Comparison) -> dict[str, dict[str, str]]:
    """Write its verdicts onto the version of each entry that has one; return them by the version's number."""
    rows, by_run = {row["task"]: row for row in comparison.rows}, {one.run_id: one for one in registry.versions()}
    verdicts: dict[str, dict[str, str]] = {}
    for entry in entries:
        version = by_run.get(entry.run.run_id)
        if version is not None and entry.compared.name in rows and entry.compared.finished:
            row = rows[entry.compared.name]
            verdicts[str(version.version)] = write_verdict(version, row, entry.compared, comparison.config)
    return verdicts


def _promote(version: Any, evidence: str) -> list[str]:
    """Let a version that passed the gate be champion; say so if it was not before."""
    why = f"beats PCA + K-Means by {champion.margin(version):+.3f} AMI on the same data"
    if not champion.promote(version, why=why, evidence=f"run {evidence}"):
        return []
    return [
        f"version {version.version} ({version.tags['task']}) is champion now: it {why}",
        "to take that back: python -m pipelines.compare undo=champion",
    ]


def _recheck_champion(verdicts: Mapping[str, dict[str, str]]) -> list[str]:
    """Take the alias from a champion that this comparison judged and that would not pass the gate any more."""
    version = registry.version_at(champion.CHAMPION)
    if version is None or str(version.version) not in verdicts:
        return []
    reason = champion.refusal(version, verdicts[str(version.version)], by_hand=True)
    if reason is None:
        return []
    champion.withdraw(version, reason)
    return [f"version {version.version} ({version.tags['task']}) is no longer champion: {reason}"]


def move_champion(given: dict[str, str]) -> str:
    """Take the last promotion back (``undo=champion``), or promote a version by hand (``promote=VERSION``)."""
    if "undo" in given:
        if given["undo"] != champion.CHAMPION:
            raise ConfigError(f"undo={given['undo']!r}; only undo=champion is there")
        return champion.undo()
    version = registry.find_version(given["promote"])
    verdicts = {key.removeprefix("verdict_"): word for key, word in version.tags.items() if key.startswith("verdict_")}
    if reason := champion.refusal(version, verdicts, by_hand=True):
        raise ConfigError(f"version {version.version} cannot be champion: {reason}")
    champion.promote(version, why="asked for by hand", evidence="; ".join(f"{k} {v}" for k, v in verdicts.items()))
    return f"champion is version {version.version} now; to take that back: python -m pipelines.compare undo=champion"
