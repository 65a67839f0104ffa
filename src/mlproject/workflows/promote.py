"""Which version is champion: settled by a comparison of all runs, asked for by hand, or given back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from mlproject.errors import ConfigError
from mlproject.reporting.comparison.comparison import Comparison
from mlproject.tracking.registry import champion, versions
from mlproject.tracking.registry.verdicts import write_verdict
from mlproject.tracking.store import ensure_store
from mlproject.workflows.select_runs import StoredRun
from mlproject.workspace.console import log
from mlproject.workspace.paths import Workspace

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion

__all__ = ["UNDO", "promote_version", "settle", "undo_promotion"]

UNDO = "python -m pipelines.promote --undo"


def settle(runs: Sequence[StoredRun], comparison: Comparison, evidence: str) -> list[str]:
    """Write verdicts onto versions and let the best become champion; return what was decided, in sentences.

    Only a comparison of all runs on the present data may do this: verdicts are corrected over its whole table.
    `evidence` is the id of the run that it is logged as.
    """
    verdicts = _write_verdicts(runs, comparison)
    candidates = sorted((versions.find_version(number) for number in verdicts), key=champion.margin, reverse=True)
    decisions = _recheck_champion(verdicts)
    refused = dict[str, list[str]]()
    for version in candidates:
        reason = champion.refusal(version, verdicts[str(version.version)])
        if reason is None:
            decisions += _promote_best(version, evidence)
            break
        if version.tags.get("baseline") != "true":  # the baseline is what candidates are compared with
            refused.setdefault(reason, []).append(f"{version.tags['task']} ({version.version})")
    return [*(f"not promoted: {', '.join(names)}: {reason}" for reason, names in refused.items()), *decisions]


def promote_version(workspace: Workspace, reference: str) -> None:
    """Let a version be champion because a person asks for it; it has to pass the same gate.

    `reference` is its number, alias, run or task. Raises `ConfigError` if there is none, or it does not pass.
    """
    ensure_store(workspace.root, log=log)
    version = versions.find_version(reference)
    verdicts = {key.removeprefix("verdict_"): word for key, word in version.tags.items() if key.startswith("verdict_")}
    if reason := champion.refusal(version, verdicts, by_hand=True):
        raise ConfigError(f"version {version.version} cannot be champion: {reason}")
    evidence = "; ".join(f"{metric} {word}" for metric, word in verdicts.items())
    champion.promote(version, why="asked for by hand", evidence=evidence)
    print(f"champion is version {version.version} now; to take that back: {UNDO}")


def undo_promotion(workspace: Workspace) -> None:
    """Give the alias back to the version that had it before; `ConfigError` if there is no champion."""
    ensure_store(workspace.root, log=log)
    print(champion.undo())


def _write_verdicts(runs: Sequence[StoredRun], comparison: Comparison) -> dict[str, dict[str, str]]:
    """Write the verdict on each run onto the version that it has; return the verdicts by the version's number."""
    rows = {row.name: row for row in comparison.rows}
    by_run = {version.run_id: version for version in versions.versions()}
    verdicts: dict[str, dict[str, str]] = {}
    for stored in runs:
        version, compared = by_run.get(stored.run.run_id), stored.compared
        if version is not None and compared.name in rows and compared.finished:
            row = rows[compared.name]
            verdicts[str(version.version)] = write_verdict(version, row, compared, comparison.config)
    return verdicts


def _promote_best(version: ModelVersion, evidence: str) -> list[str]:
    """Let a version that passed the gate be champion; say so if it was not before."""
    why = f"beats PCA + K-Means by {champion.margin(version):+.3f} AMI on the same data"
    if not champion.promote(version, why=why, evidence=f"run {evidence}"):
        return []
    return [
        f"version {version.version} ({version.tags['task']}) is champion now: it {why}",
        f"to take that back: {UNDO}",
    ]


def _recheck_champion(verdicts: Mapping[str, dict[str, str]]) -> list[str]:
    """Take the alias from a champion that this comparison judged and that would not pass the gate any more.

    One that an earlier version of this project registered is in no comparison, and cannot be loaded.
    """
    version = versions.version_at(champion.CHAMPION)
    if version is None or (champion.is_current(version) and str(version.version) not in verdicts):
        return []
    reason = champion.refusal(version, verdicts.get(str(version.version), {}), by_hand=True)
    if reason is None:
        return []
    champion.withdraw(version, reason)
    return [f"version {version.version} ({version.tags['task']}) is no longer champion: {reason}"]
