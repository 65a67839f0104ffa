"""A task's evaluation -> the files of its folder; none of them holds a time, a run's id or a path."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd

from mlproject.config.evaluation import EvaluationConfig
from mlproject.evaluation.metrics import TESTED
from mlproject.evaluation.significance import judge
from mlproject.evaluation.uncertainty import Difference
from mlproject.experiment.evaluate_task import TaskEvaluation
from mlproject.experiment.resampling import Retrieval
from mlproject.files import write_table
from mlproject.models.vae_diagnostics import ACTIVE
from mlproject.results.evaluation_record import EvaluationOutput, EvaluationRecord

__all__ = ["write_evaluation"]

# What bears the same name in an evaluation and in its record.
SAME = ("scores", "baseline", "chance", "stability", "controls", "silhouettes", "conditioning")


def write_evaluation(
    folder: Path, evaluation: TaskEvaluation, config: EvaluationConfig, *, name: str, description: str, corpus: str
) -> EvaluationOutput:
    """Write evaluation.json, seeds.csv, subsamples.csv and controls.csv of the task `name`."""
    values = {"task": name, "description": description, "corpus": corpus, **_values(evaluation, config)}
    record = EvaluationRecord.model_validate(values)
    output, replication = EvaluationOutput(folder, record), evaluation.replication
    output.write_record()
    seeds = {"seed": np.arange(config.seeds) + config.seed}  # as `with_seed` counts them
    seeds |= {f"task_{metric}": replication.task[:, i] for i, metric in enumerate(TESTED)}
    seeds |= {f"baseline_{metric}": replication.baseline[:, i] for i, metric in enumerate(TESTED)}
    write_table(folder / "seeds.csv", pd.DataFrame(seeds))
    subsamples = {"seed": replication.subsample_seeds + config.seed}  # the draw used that seed of both methods
    subsamples |= {f"difference_{metric}": replication.reclustered[:, i] for i, metric in enumerate(TESTED)}
    write_table(folder / "subsamples.csv", pd.DataFrame(subsamples))
    controls = [
        {"control": one.name, "supervised": one.supervised, **one.scores, "if the gain survives": one.meaning}
        for one in record.controls
    ]
    write_table(folder / "controls.csv", pd.DataFrame(controls))
    return output


def _values(evaluation: TaskEvaluation, config: EvaluationConfig) -> dict[str, object]:
    free = evaluation.audit.label_use == "label-free"
    audit, vae, null = evaluation.audit, evaluation.vae_diagnostics, evaluation.silhouette_null
    return {
        **{name: getattr(evaluation, name) for name in SAME},
        **{name: getattr(config, name) for name in ("n_clusters", "seeds", "subsamples", "level")},
        **{name: getattr(audit, name) for name in ("label_use", "label_derived", "findings")},
        "n_tracks": len(evaluation.rows),
        "clusterer": config.primary,
        "first_seed": config.seed,
        "by_artist": evaluation.groups_known,
        "labels_change_vectors": audit.labels_change_latent,
        "differences": _tested(evaluation.replication.differences(), free, config.level),
        "retrieval": _retrieval(evaluation.retrieval, free, config.level),
        "spread": evaluation.replication.spread(),
        "without_faults": evaluation.filtered,
        "baseline_without_faults": evaluation.filtered_baseline,
        # NaN where no draw had two clusters; JSON has none.
        "silhouette_null": {k: value if np.isfinite(value) else None for k, value in null.items()},
        "variance_shares": evaluation.shares,
        "vae_diagnostics": None if vae is None else asdict(vae) | {"active_variance": ACTIVE},
    }


def _tested(differences: Mapping[str, Difference], free: bool, level: float) -> dict[str, dict[str, float | str]]:
    return {
        metric: differences[metric]._asdict()
        | {"low": verdict.low, "high": verdict.high, "adjusted_p": verdict.p_value}
        | {"verdict": verdict.word if free else "none"}  # a difference that a label made claims nothing
        for metric, verdict in judge(differences, level=level).items()
    }


def _retrieval(found: Mapping[str, Retrieval], free: bool, level: float) -> dict[str, dict[str, float | str]]:
    tested = _tested({metric: one.difference for metric, one in found.items()}, free, level)
    scores = ("task", "baseline", "chance")
    return {metric: tested[metric] | {name: getattr(one, name) for name in scores} for metric, one in found.items()}
