"""An evaluation's folder: `evaluation.json`, what a task's scores are worth as typed values, and its tables."""

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Literal

import pandas as pd
from pydantic import BeforeValidator, Field

from mlproject.evaluation.probing import Probe
from mlproject.evaluation.uncertainty import Difference
from mlproject.models import vae_diagnostics
from mlproject.results.output import Output
from mlproject.results.record import Part, Record, Scores, read_file

__all__ = ["Conditioning", "ConditioningPoint", "Control", "EvaluationOutput", "EvaluationRecord", "VaeDiagnostics"]

Word = Literal["beats", "ties", "loses", "none"]


class TestedDifference(Part):
    """A `mlproject.evaluation.uncertainty.Difference` to PCA + K-Means of one metric, and its verdict.

    Interval, adjusted p-value and verdict are corrected over the metrics of this task alone.
    """

    __test__ = False  # pytest takes it for a class of tests

    estimate: float
    standard_error: float
    degrees: float
    p_value: float
    low: float
    high: float
    adjusted_p: float
    verdict: Annotated[Word, BeforeValidator(lambda word: "none" if word == "no claim" else word)]  # in older stores

    @property
    def uncorrected(self) -> Difference:
        """The difference as a table of several tasks corrects it."""
        return Difference(self.estimate, self.standard_error, self.degrees, self.p_value)


class TestedRetrieval(TestedDifference):
    """The same of a retrieval metric, with the scores themselves; corrected over these metrics."""

    task: float
    baseline: float
    chance: float  # of a random order


class Control(Part):
    """Scores of the task with one thing taken from it; `supervised` marks one that has seen the genres."""

    name: str
    meaning: str
    scores: Scores
    supervised: bool


@dataclass(frozen=True)
class VaeDiagnostics(vae_diagnostics.VaeDiagnostics):
    """Plain figures of one variational encoder; `active_variance` is from where a dimension counts as active."""

    __pydantic_config__ = Part.model_config

    active_variance: float


class ConditioningPoint(Part):
    """One conditional encoder; see `mlproject.experiment.conditioning.ConditioningPoint`."""

    penalty: float | None
    probes: dict[str, Probe]
    excess: float
    hsic: float
    hsic_p: float
    error: float
    swapped_error: float | None
    swap_ratio: float | None
    cost: float
    active_units: float


class Conditioning(Part):
    """The curve over the penalty.

    The genre counts as gone from the code up to `largest_excess`, and the decoder as listening to the condition from
    `smallest_swap_ratio`; `separating` are the penalties that do both.
    """

    latent_dim: int
    n_tracks: int
    by_artist: bool
    largest_excess: float
    smallest_swap_ratio: float
    unconditioned: ConditioningPoint
    curve: tuple[ConditioningPoint, ...]
    separating: tuple[float, ...]


class EvaluationRecord(Record):
    """All that an evaluation finds out about a task; see `mlproject.experiment.evaluate_task.TaskEvaluation`."""

    n_clusters: int
    seeds: int
    first_seed: int
    subsamples: int
    by_artist: bool  # whether subsamples were drawn by artist
    level: float  # chance of any wrong verdict
    labels_change_vectors: bool | None
    scores: Scores  # means over seeds
    differences: dict[str, TestedDifference]  # by metric; undefined ones are absent
    retrieval: dict[str, TestedRetrieval] = Field({})  # by metric; see `mlproject.evaluation.retrieval`
    spread: dict[str, float]
    stability: dict[str, float | None]
    without_faults: Scores | None
    baseline_without_faults: Scores | None
    controls: tuple[Control, ...]
    silhouette_null: dict[str, float | None]
    silhouettes: dict[str, dict[str, float | None]]
    variance_shares: dict[str, float]  # of the squared distance, by block
    vae_diagnostics: VaeDiagnostics | None
    conditioning: Conditioning | None


class EvaluationOutput(Output[EvaluationRecord]):
    """What `mlproject.results.write_evaluation` wrote."""

    FILE, KIND = "evaluation.json", EvaluationRecord

    @cached_property
    def seeds(self) -> pd.DataFrame:
        """One row per seed: ``seed``, ``task_<metric>``, ``baseline_<metric>``."""
        table: pd.DataFrame = read_file(self.folder / "seeds.csv", pd.read_csv)
        return table
