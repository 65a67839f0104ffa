"""What a conditional VAE's latent still says of the genre, and what a weaker dependence costs.

Each half of the tracks is measured by a model that was fitted to the other one, and no artist is in both halves.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from mlproject.config.evaluation import EvaluationConfig
from mlproject.config.models import MODELS, ModelConfig
from mlproject.config.tasks import TaskConfig
from mlproject.errors import NotApplicableError
from mlproject.evaluation.folds import Fold, stratified_folds
from mlproject.evaluation.probing import Probe, fresh_probes, independence_test
from mlproject.experiment.design_matrix import Design
from mlproject.features.blocks import DesignMatrix
from mlproject.models.encoder import Encoder
from mlproject.models.factory import encoder_class, make_encoder
from mlproject.models.vae_diagnostics import active_units, mean_error
from mlproject.seeding import generator, integer_seed
from mlproject.threads import limit_threads

__all__ = ["ConditioningPoint", "ConditioningReport", "conditioning_of", "conditioning_report"]

PENALTIES = (0.0, 10.0, 40.0, 100.0, 250.0, 400.0)
SWAPS = 5  # permutations of the condition


@dataclass(frozen=True, kw_only=True)
class ConditioningPoint:
    """One model, measured on held-out tracks; means over both halves."""

    penalty: float | None = None  # weight of the dependence; None for the VAE without a condition
    probes: dict[str, Probe]  # fresh probes of the genre, by name
    # Independence test of latent and genres; the larger p of both halves.
    hsic: float
    hsic_p: float
    error: float  # mean squared error by column of z-scored audio; 1 is the error of the overall mean
    swapped_error: float | None  # the same where tracks are decoded under the genres of others
    cost: float = 1.0  # error divided by that of the VAE without a condition
    active_units: float  # number of dimensions of the latent that are in use

    @property
    def swap_ratio(self) -> float | None:
        """How many times as large the error is under another track's genre."""
        return None if self.swapped_error is None else self.swapped_error / self.error

    @property
    def excess(self) -> float:
        """Largest excess of the probes."""
        return max(probe.excess for probe in self.probes.values())


@dataclass(frozen=True)
class ConditioningReport:
    """The curve over the penalty."""

    latent_dim: int
    n_tracks: int
    by_artist: bool  # whether artists were known and kept on one side
    unconditioned: ConditioningPoint  # the VAE of equal size without a condition
    curve: tuple[ConditioningPoint, ...]  # by rising penalty
    # Excess accuracy up to which a probe counts as at its permuted level: the latent is free of the genre.
    largest_excess: float = 0.05
    smallest_swap_ratio: float = 1.5  # ratio of errors from which the decoder counts as using the condition

    @property
    def separating(self) -> tuple[float, ...]:
        """Penalties at which the genre has left the latent and the decoder uses the condition."""
        return tuple(
            point.penalty
            for point in self.curve
            if point.penalty is not None
            and point.excess <= self.largest_excess
            and (point.swap_ratio or 0.0) >= self.smallest_swap_ratio
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, with what is computed from them."""
        plain, *curve = [
            {**asdict(point), "swap_ratio": point.swap_ratio, "excess": point.excess}
            for point in (self.unconditioned, *self.curve)
        ]
        return {**asdict(self), "unconditioned": plain, "curve": curve, "separating": list(self.separating)}


def conditioning_report(
    model: ModelConfig,
    matrix: DesignMatrix,
    genres: np.ndarray,
    artists: np.ndarray | None = None,
    *,
    penalties: Sequence[float] = PENALTIES,
    seed: int = 0,
    n_permutations: int = 3,
) -> ConditioningReport:
    """Fit the conditional VAE with each penalty, and the VAE without a condition, and measure all of them.

    Parameters
    ----------
    model : ModelConfig
        Of an encoder that can do without its condition (`Encoder.unconditioned`); its own penalty is not used.
    matrix : DesignMatrix
        With the blocks ``audio`` and ``genre``.
    genres, artists : ndarray of shape (n_tracks,)
        Tracks of one artist stay together, in halves and in folds.

    Raises
    ------
    NotApplicableError
        If the matrix has no genre block, or a genre has fewer than four tracks.
    """
    if "genre" not in matrix.columns or np.unique(genres, return_counts=True)[1].min() < 4:
        raise NotApplicableError("the report on conditioning needs a genre condition with four tracks of each or more")
    unconditioned = encoder_class(model.name).unconditioned
    assert unconditioned is not None
    assert model.latent_dim is not None
    settings = model.encoder_settings()
    shared = {name: value for name, value in settings.items() if name in MODELS[unconditioned].model_fields}
    # Each half is fitted once and measured once; the points are means of both.
    halves = _halves(genres, artists, seed)
    trials = [_Trial(matrix, genres, artists, *order, seed, n_permutations) for order in (halves, halves[::-1])]
    with limit_threads(1):
        plain = _mean([trial.measure(unconditioned, shared) for trial in trials])
        curve = []
        for penalty in sorted(map(float, penalties)):
            # Every penalty starts from the same weights: the curve shows the penalty alone.
            point = _mean([trial.measure(model.name, settings | {"penalty": penalty}) for trial in trials])
            curve.append(replace(point, penalty=penalty, cost=point.error / plain.error))
    return ConditioningReport(model.latent_dim, len(genres), artists is not None, plain, tuple(curve))


def conditioning_of(
    task: TaskConfig, evaluation: EvaluationConfig, design: Design, genres: np.ndarray, groups: np.ndarray | None
) -> ConditioningReport | None:
    """Return the report of a task whose encoder has a condition; None for others, and for too few tracks or artists."""
    if encoder_class(task.model.name).unconditioned is None or "genre" not in design.matrix.columns:
        return None
    seed = integer_seed(evaluation.seed, "diagnosis")
    with suppress(NotApplicableError):
        return conditioning_report(task.model, design.matrix, genres, groups, seed=seed)
    return None


def _halves(genres: np.ndarray, artists: np.ndarray | None, seed: int) -> Fold:
    folds = stratified_folds(genres, artists, n_folds=2, seed=integer_seed(seed, "conditioning", "halves"))
    if not folds:
        raise NotApplicableError("the report on conditioning needs two artists, or none that are known")
    return folds[0]


def _mean(points: Sequence[ConditioningPoint]) -> ConditioningPoint:
    def mean(values: Iterable[float]) -> float:
        return float(np.mean(list(values)))

    swapped = [point.swapped_error for point in points if point.swapped_error is not None]
    probes = {
        name: Probe(
            mean(point.probes[name].accuracy for point in points), mean(point.probes[name].permuted for point in points)
        )
        for name in points[0].probes
    }
    means = {name: mean(getattr(point, name) for point in points) for name in ("hsic", "error", "active_units")}
    least_certain = max(point.hsic_p for point in points)
    return ConditioningPoint(
        probes=probes, hsic_p=least_certain, swapped_error=mean(swapped) if swapped else None, **means
    )


@dataclass(frozen=True)
class _Trial:
    """One half to fit, the other to measure."""

    matrix: DesignMatrix
    genres: np.ndarray
    artists: np.ndarray | None
    fitted: np.ndarray
    held_out: np.ndarray
    seed: int
    n_permutations: int

    def measure(self, kind: str, settings: dict[str, Any]) -> ConditioningPoint:
        """Fit one model and measure it."""
        encoder = make_encoder(kind, settings, random_state=integer_seed(self.seed, "conditioning", "training"))
        encoder.set_params(blocks=dict(self.matrix.columns)).fit(self.matrix.values[self.fitted])
        values, genres = self.matrix.values[self.held_out], self.genres[self.held_out]
        latent, artists = encoder.transform(values), None if self.artists is None else self.artists[self.held_out]
        probes = fresh_probes(latent, genres, artists, n_permutations=self.n_permutations, seed=self.seed)
        test = independence_test(latent, genres, seed=self.seed)
        return ConditioningPoint(
            probes=probes,
            hsic=test.statistic,
            hsic_p=test.p_value,
            error=mean_error(encoder, values, encoder.scale_),
            swapped_error=self._swapped_error(encoder, values) if encoder.unconditioned else None,
            active_units=active_units(latent),
        )

    def _swapped_error(self, encoder: Encoder, values: np.ndarray) -> float:
        rng, columns, errors = generator(self.seed, "conditioning", "swap"), slice(*self.matrix.columns["genre"]), []
        for _ in range(SWAPS):
            # Whole rows of the one-hot block are permuted: each track keeps exactly one genre.
            swapped = values.copy()
            swapped[:, columns] = rng.permutation(values[:, columns])
            errors.append(mean_error(encoder, swapped, encoder.scale_))
        return float(np.mean(errors))
