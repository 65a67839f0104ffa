"""The verdict of a comparison -> tags and card of the version that it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlproject.config.evaluation import EvaluationConfig
from mlproject.reporting.comparison.leaderboard import Row, Verdicts
from mlproject.reporting.formatting import number
from mlproject.reporting.model_card import model_card
from mlproject.results.compared_run import ComparedRun
from mlproject.results.evaluation_record import EvaluationRecord
from mlproject.tracking.registry.versions import address, describe, tag_version
from mlproject.tracking.task_runs import describe_run

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion

__all__ = ["describe_again", "write_verdict"]

CLAIMS = ("verdict_", "difference_")


def write_verdict(version: ModelVersion, row: Row, run: ComparedRun, config: EvaluationConfig) -> dict[str, str]:
    """Tag a version with the verdict on it, and bring its card and the note of its run up to date.

    Return beats, ties or loses by metric; empty for what was not evaluated or claims nothing.
    """
    words = {metric: str(verdict.word) for metric, verdict in row.verdicts.items()}
    tags = {f"verdict_{metric}": word for metric, word in words.items()}
    tags |= {"difference_ami": number(row.delta["ami"], 4)} if "ami" in words else {}
    tags["verdict"] = words.get("ami", "not evaluated" if run.evaluation is None else "none")
    tags["label_use"] = row.label_use
    tags["evaluation_budget"] = _budget(run.evaluated, config)
    # Claims of an earlier comparison.
    stale = [key for key in version.tags if key.startswith(CLAIMS) and key not in tags]
    changed = {key: value for key, value in tags.items() if version.tags.get(key) != value}
    tag_version(str(version.version), changed, remove=stale)
    describe_again(version, run, row.verdicts)
    return words


def describe_again(version: ModelVersion, run: ComparedRun, verdicts: Verdicts) -> None:
    """Bring the card of a version and the note of its run up to date; `verdicts` are those of a table, by metric."""
    card = model_card(run, address=address(str(version.version)), verdicts=verdicts)
    if card != version.description:
        describe(str(version.version), card)
        describe_run(str(version.run_id), run, verdicts)


def _budget(evaluation: EvaluationRecord | None, config: EvaluationConfig) -> str:
    if evaluation is None:
        return "none"
    enough = evaluation.seeds >= config.seeds and evaluation.subsamples >= config.subsamples
    return "full" if enough else f"{evaluation.seeds} seeds, {evaluation.subsamples} subsamples"
