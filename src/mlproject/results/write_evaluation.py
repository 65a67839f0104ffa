"""A task's evaluation -> the files of its folder; none of them holds a time, a run's id or a path."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from mlproject.config import EvaluationConfig
from mlproject.evaluation.significance import CLAIMED, Verdict, judge
from mlproject.experiment.evaluate_task import TaskEvaluation
from mlproject.experiment.label_audit import LabelUse
from mlproject.files import write_json, write_table

__all__ = ["evaluation_of", "write_evaluation", "write_no_evaluation"]

NO_CLAIM = "no claim"  # of vectors that a label reached


def write_evaluation(folder: Path, record: dict[str, Any], evaluation: TaskEvaluation) -> None:
    """Write evaluation.json, seeds.csv, subsamples.csv and controls.csv.

    Parameters
    ----------
    folder : Path
    record : dict
        Of `evaluation_of`.
    evaluation : TaskEvaluation
    """
    import pandas as pd

    write_json(folder / "evaluation.json", record)
    replication = evaluation.replication
    columns = {f"task_{name}": replication.task[:, i] for i, name in enumerate(CLAIMED)}
    columns |= {f"baseline_{name}": replication.baseline[:, i] for i, name in enumerate(CLAIMED)}
    write_table(
        folder / "seeds.csv", pd.DataFrame({"seed": np.arange(record["seeds"]) + record["first_seed"], **columns})
    )
    columns = {f"difference_{name}": replication.reclustered[:, i] for i, name in enumerate(CLAIMED)}
    write_table(
        folder / "subsamples.csv", pd.DataFrame({"seed": replication.subsample_seeds + record["first_seed"], **columns})
    )
    controls = [
        {"control": one.name, "supervised": one.supervised, **one.scores, "if the gain survives": one.meaning}
        for one in evaluation.controls
    ]
    write_table(folder / "controls.csv", pd.DataFrame(controls))
    (folder / "figures").mkdir(exist_ok=True)


def write_no_evaluation(folder: Path, *, name: str, corpus: str, reason: str) -> None:
    """Write the outputs of an evaluation that the corpus has not the inputs for: none but the reason."""
    record = {"status": "not applicable", "task": name, "corpus": corpus, "reason": reason}
    write_json(folder / "evaluation.json", record)
    (folder / "figures").mkdir(exist_ok=True)


def evaluation_of(
    evaluation: TaskEvaluation, config: EvaluationConfig, *, name: str, corpus: str, description: str = ""
) -> dict[str, Any]:
    """Return an evaluation as plain values, which everything that is shown of it is read from.

    Parameters
    ----------
    evaluation : TaskEvaluation
    config : EvaluationConfig
    name, corpus : str
        Of the task and of the kind of corpus.
    description : str
        One line on the task.
    """
    differences = evaluation.replication.differences()
    verdicts = judge(differences, level=config.level)
    audit = evaluation.audit
    return {
        "status": "finished",
        "task": name,
        "description": description,
        "corpus": corpus,
        "tracks": len(evaluation.rows),
        "n_clusters": config.n_clusters,
        "clusterer": config.primary,
        "seeds": config.seeds,
        "first_seed": config.seed,
        "subsamples": config.subsamples,
        "by_artist": evaluation.groups_known,
        "level": config.level,
        "representation": audit.label_use,
        "audit": {
            "label_derived_blocks": list(audit.label_derived),
            "labels_change_vectors": audit.labels_change_vectors,
            "findings": [finding._asdict() for finding in audit.findings],
        },
        "scores": evaluation.scores,
        "baseline": evaluation.baseline,
        "chance": {metric: level._asdict() for metric, level in evaluation.chance.items()},
        "differences": {
            metric: {**one._asdict(), **_verdict(verdicts[metric], audit.label_use)}
            for metric, one in differences.items()
        },
        "spread": evaluation.replication.spread(),
        "stability": evaluation.stability,
        "without_faults": evaluation.filtered,
        "baseline_without_faults": evaluation.filtered_baseline,
        "controls": [asdict(control) for control in evaluation.controls],
        "silhouette_null": {k: _finite(value) for k, value in evaluation.silhouette_null.items()},
        "silhouettes": evaluation.silhouettes,
        "block_shares": evaluation.shares,
        **_diagnosis(evaluation),
    }


def _verdict(verdict: Verdict, provenance: LabelUse) -> dict[str, Any]:
    word = verdict.word if provenance == "label-free" else NO_CLAIM
    return {"verdict": word, "low": verdict.low, "high": verdict.high, "adjusted_p": verdict.p_value}


def _diagnosis(evaluation: TaskEvaluation) -> dict[str, Any]:
    found = evaluation.diagnosis
    return {
        "hygiene": None if found.hygiene is None else asdict(found.hygiene),
        "conditioning": None if found.conditioning is None else found.conditioning.to_dict(),
    }


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
