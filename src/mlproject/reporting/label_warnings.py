"""Sentences that tables, figures and runs share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlproject.experiment.run_task import TaskResult

__all__ = ["provenance_warning", "suspicion"]


def provenance_warning(result: TaskResult) -> str:
    """Say what is wrong with a comparison of a result whose vectors are not label-free; empty where they are."""
    audit = {"label_derived_blocks": result.task.label_derived, "findings": [one._asdict() for one in result.findings]}
    return suspicion({"representation": result.label_use, "audit": audit})


def suspicion(record: Mapping[str, Any]) -> str:
    """Say the same of what scores.json or evaluation.json holds."""
    if record["representation"] == "label-informed":
        blocks = ", ".join(record["audit"]["label_derived_blocks"]) or "none declared"
        return f"label-informed (blocks: {blocks}): the genre reached the vectors, so the difference proves nothing"
    if record["representation"] == "label-suspect":
        worst = max(record["audit"]["findings"], key=lambda finding: float(finding["ami"]))
        return (
            f"label-suspect: the block {worst['block']!r} alone tells the genre "
            f"({worst['check']}: AMI {worst['ami']:.2f}), so the difference proves nothing"
        )
    return ""
