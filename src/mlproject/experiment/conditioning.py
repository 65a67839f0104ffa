"""What a conditional VAE's code still tells of the genre, and what it costs to have it tell less.

Each half of the tracks is measured by a model that was fitted to the other one, and no artist is in both halves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from threadpoolctl import threadpool_limits

from mlproject.config import CvaeConfig
from mlproject.errors import NotApplicableError
from mlproject.evaluation.probing import fresh_probes, independence_test
from mlproject.features.blocks import DesignMatrix
from mlproject.models.factory import make_encoder
from mlproject.models.scaling import block_columns
from mlproject.models.vae_diagnostics import active_units
from mlproject.seeding import generator, integer_seed

__all__ = ["ConditioningPoint", "ConditioningReport", "ProbeLevel", "conditioning_report"]

PENALTIES = (0.0, 10.0, 40.0, 100.0, 250.0, 400.0)
SWAPS = 5  # permutations of the condition
FREE = 0.05  # excess accuracy up to which a probe counts as at its permuted level
HEARD = 1.5  # ratio of errors from which the decoder counts as listening to the condition


@dataclass(frozen=True)
class ProbeLevel:
    """Balanced accuracy of one fresh probe of the genre, and its mean under permuted genres."""

    accuracy: float
    permuted: float

    @property
    def excess(self) -> float:
        """Accuracy above the permuted level."""
        return self.accuracy - self.permuted


@dataclass(frozen=True)
class ConditioningPoint:
    """One model, measured on held-out tracks; means over both halves.

    Attributes
    ----------
    penalty : float or None
        Weight of the dependence; None for the VAE without a condition.
    probes : dict of str to ProbeLevel
        Fresh probes of the genre, by name.
    hsic, hsic_p : float
        Independence test of codes and genres; the larger p of both halves.
    error : float
        Mean squared error by column of z-scored audio; 1 is the error of the overall mean.
    swapped_error : float or None
        The same where tracks are decoded under the genres of others.
    cost : float
        Error divided by that of the VAE without a condition.
    active_units : float
        Number of dimensions of the codes that are in use.
    """

    penalty: float | None
    probes: dict[str, ProbeLevel]
    hsic: float
    hsic_p: float
    error: float
    swapped_error: float | None
    cost: float
    active_units: float

    @property
    def swap_ratio(self) -> float | None:
        """How many times as large the error is under another track's genre."""
        return None if self.swapped_error is None else self.swapped_error / self.error

    @property
    def excess(self) -> float:
        """Largest excess of the probes."""
        return max(probe.excess for probe in self.probes.values())

    @property
    def separates(self) -> bool:
        """Whether the genre has left the code and the decoder listens to the condition instead."""
        return self.excess <= FREE and self.swap_ratio is not None and self.swap_ratio >= HEARD


@dataclass(frozen=True)
class ConditioningReport:
    """The curve over the penalty.

    Attributes
    ----------
    latent_dim, n_tracks : int
    by_artist : bool
        Whether artists were known and kept on one side.
    unconditioned : ConditioningPoint
        The VAE of equal size without a condition.
    curve : tuple of ConditioningPoint
        By rising penalty.
    """

    latent_dim: int
    n_tracks: int
    by_artist: bool
    unconditioned: ConditioningPoint
    curve: tuple[ConditioningPoint, ...]

    @property
    def separating(self) -> tuple[float, ...]:
        """Penalties at which the genre has left the code and the decoder listens; empty if there is none."""
        return tuple(point.penalty for point in self.curve if point.separates and point.penalty is not None)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, with what is computed from them."""
        plain, *curve = [
            {**asdict(point), "swap_ratio": point.swap_ratio, "excess": point.excess}
            for point in (self.unconditioned, *self.curve)
        ]
        return {**asdict(self), "unconditioned": plain, "curve": curve, "separating": list(self.separating)}


def conditioning_report(
    model: CvaeConfig,
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
    model : CvaeConfig
        Settings; its own penalty is not used.
    matrix : DesignMatrix
        With the blocks ``audio`` and ``genre``.
    genres : ndarray of shape (n_tracks,)
    artists : ndarray of shape (n_tracks,), optional
        Groups of tracks that stay together, in halves and in folds.
    penalties : sequence of float
    seed : int
        Of halves, weights, noise and permutations.
    n_permutations : int
        Behind the level of the probes.

    Raises
    ------
    NotApplicableError
        If the matrix has no genre block, or a genre has fewer than four tracks.
    """
    if "genre" not in matrix.columns or np.unique(genres, return_counts=True)[1].min() < 4:
        raise NotApplicableError("the report on conditioning needs a genre condition with four tracks of each or more")
    shared = model.model_dump(exclude={"name", "lyrics_dim", "penalty", "n_conditions"})
    halves = _halves(genres, artists, seed)
    trials = [_Trial(matrix, genres, artists, *order, seed, n_permutations) for order in (halves, halves[::-1])]
    with threadpool_limits(1):
        plain = _mean([trial.measure("vae", shared) for trial in trials])
        curve = []
        for penalty in sorted(map(float, penalties)):
            settings = shared | {"penalty": penalty, "n_conditions": model.n_conditions}
            point = _mean([trial.measure("cvae", settings) for trial in trials])
            curve.append(replace(point, penalty=penalty, cost=point.error / plain.error))
    return ConditioningReport(model.latent_dim, len(genres), artists is not None, plain, tuple(curve))


def _halves(genres: np.ndarray, artists: np.ndarray | None, seed: int) -> tuple[np.ndarray, np.ndarray]:
    kind = StratifiedKFold if artists is None else StratifiedGroupKFold
    splitter = kind(2, shuffle=True, random_state=integer_seed(seed, "conditioning", "halves"))
    first, second = next(iter(splitter.split(np.zeros(len(genres)), genres, artists)))
    return first, second


def _mean(points: Sequence[ConditioningPoint]) -> ConditioningPoint:
    def mean(values: Iterable[float]) -> float:
        return float(np.mean(list(values)))

    swapped = [point.swapped_error for point in points if point.swapped_error is not None]
    probes = {
        name: ProbeLevel(
            mean(point.probes[name].accuracy for point in points), mean(point.probes[name].permuted for point in points)
        )
        for name in points[0].probes
    }
    return ConditioningPoint(
        penalty=None,
        probes=probes,
        hsic=mean(point.hsic for point in points),
        hsic_p=max(point.hsic_p for point in points),
        error=mean(point.error for point in points),
        swapped_error=mean(swapped) if swapped else None,
        cost=1.0,
        active_units=mean(point.active_units for point in points),
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
        codes, artists = encoder.transform(values), None if self.artists is None else self.artists[self.held_out]
        probes = fresh_probes(codes, genres, artists, n_permutations=self.n_permutations, seed=self.seed)
        test = independence_test(codes, genres, seed=self.seed)
        return ConditioningPoint(
            penalty=None,
            probes={name: ProbeLevel(*probe) for name, probe in probes.items()},
            hsic=test.statistic,
            hsic_p=test.p_value,
            error=_error(encoder, values),
            swapped_error=self._swapped_error(encoder, values) if kind == "cvae" else None,
            cost=1.0,
            active_units=active_units(codes),
        )

    def _swapped_error(self, encoder: Any, values: np.ndarray) -> float:
        rng, columns, errors = generator(self.seed, "conditioning", "swap"), slice(*self.matrix.columns["genre"]), []
        for _ in range(SWAPS):
            swapped = values.copy()
            swapped[:, columns] = rng.permutation(values[:, columns])
            errors.append(_error(encoder, swapped))
        return float(np.mean(errors))


def _error(encoder: Any, values: np.ndarray) -> float:
    audio = block_columns(values, encoder.blocks, "audio")
    return float(np.mean(((encoder.reconstruct(values) - audio) / encoder.scale_) ** 2))
