"""How much a latent still says of a condition: probes trained afresh, and a kernel test of independence.

Both stand beside their level under permuted conditions: what a probe reaches, or the statistic is, without dependence.
"""

import warnings
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.spatial.distance import pdist, squareform
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import cross_val_predict
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlproject.errors import NotApplicableError
from mlproject.evaluation.folds import Fold, stratified_folds
from mlproject.threads import limit_threads

__all__ = ["PROBES", "IndependenceTest", "Probe", "biased_hsic", "centred_kernel", "fresh_probes", "independence_test"]

PROBES = ("linear", "mlp", "neighbours")


@dataclass(frozen=True)
class Probe:
    """Balanced accuracy of a classifier that predicts the condition of tracks it was not trained on."""

    accuracy: float  # in [0, 1]: the mean over conditions of the share of their tracks that is predicted right
    permuted: float  # the same after permuting the conditions, mean over permutations

    @property
    def excess(self) -> float:
        """What the latent says of the condition: accuracy above the permuted level."""
        return self.accuracy - self.permuted


class IndependenceTest(NamedTuple):
    """A statistic of dependence and how often it is as large without any."""

    statistic: float  # HSIC, 0 or more
    p_value: float  # in (0, 1], by permutation


def fresh_probes(
    latent: np.ndarray,
    conditions: np.ndarray,
    groups: np.ndarray | None = None,
    *,
    n_permutations: int = 5,
    seed: int = 0,
) -> dict[str, Probe]:
    """Train a linear, a neural and a nearest-neighbour classifier of the condition on the z-scored latent.

    Parameters
    ----------
    latent : ndarray of shape (n_tracks, latent_dim)
    conditions : ndarray of shape (n_tracks,)
        A discrete condition, such as the genre; at least two tracks of each. Fewer than five lower the number of folds.
    groups : ndarray of shape (n_tracks,), optional
        Tracks of one group, such as an artist, are never on both sides of a fold.
    n_permutations : int
        Permutations of the conditions behind the level without dependence.
    """
    rng = np.random.default_rng(seed)
    shuffled = [rng.permutation(conditions) for _ in range(n_permutations)]
    fold_seed = int(rng.integers(2**31))

    def accuracy(name: str, targets: np.ndarray) -> float:
        folds = _probe_folds(targets, groups, fold_seed)
        classifier = _classifiers(min(len(train) for train, _ in folds))[name]
        with warnings.catch_warnings():
            # A probe whose optimisation stopped early still gives a lower bound.
            warnings.simplefilter("ignore", category=ConvergenceWarning)
            predicted = cross_val_predict(classifier, latent, targets, cv=folds)
        return float(balanced_accuracy_score(targets, predicted))

    # These matrices are so small that threads would only wait for each other.
    with limit_threads(1):
        return {
            name: Probe(accuracy(name, conditions), float(np.mean([accuracy(name, targets) for targets in shuffled])))
            for name in PROBES
        }


def independence_test(
    latent: np.ndarray, conditions: np.ndarray, *, n_permutations: int = 200, seed: int = 0
) -> IndependenceTest:
    """Test whether latent and conditions are independent, by permuting conditions across tracks.

    A. Gretton et al., *A kernel statistical test of independence*, NeurIPS 2008. Tracks are taken to be exchangeable:
    where artists have several tracks of one genre each, p is too small rather than too large. The conditions are
    one-hot or continuous columns of shape (n_tracks, n_conditions), or one discrete condition of shape (n_tracks,).
    Both kernels are Gaussian, ``exp(-d**2 / (2 sigma**2))``, sigma the median distance of different tracks.
    """
    one_hot = conditions if conditions.ndim == 2 else conditions[:, None] == np.unique(conditions)
    first, second = centred_kernel(_kernel(latent)), _kernel(one_hot)
    rng = np.random.default_rng(seed)
    statistic = biased_hsic(first, second)
    orders = (rng.permutation(len(latent)) for _ in range(n_permutations))
    # A permutation moves rows and columns of one kernel alike; rounding must not decide about ties.
    reached = sum(biased_hsic(first, second[np.ix_(order, order)]) >= statistic * (1 - 1e-9) for order in orders)
    return IndependenceTest(statistic, (1 + reached) / (1 + n_permutations))


def biased_hsic(centred: np.ndarray, kernel: np.ndarray) -> float:
    """Return the Hilbert-Schmidt independence criterion ``tr(K H L H) / n**2`` of two kernels, 0 or more.

    A. Gretton et al., *Measuring statistical dependence with Hilbert-Schmidt norms*, ALT 2005, the biased estimate. The
    kernels have shape (n_tracks, n_tracks); the first one is ``H K H``. The penalty `mlproject.models.elbo.hsic` is
    the same estimate with cheaper kernels.
    """
    # tr(K H L H) is the sum of (H K H) * L, entry by entry: centring one of both kernels is enough.
    return max(float(np.einsum("ij,ij->", centred, kernel)) / len(kernel) ** 2, 0.0)


def _kernel(values: np.ndarray) -> np.ndarray:
    distances = pdist(np.asarray(values, dtype=np.float64))  # each pair once, (n_tracks * (n_tracks - 1) / 2,)
    apart = distances[distances > 0]
    sigma = np.median(apart) if apart.size else 1.0  # equal tracks say nothing about the scale
    kernel: np.ndarray = np.exp(-(squareform(distances) ** 2) / (2 * sigma**2))
    return kernel


def centred_kernel(kernel: np.ndarray) -> np.ndarray:
    """Return ``H K H`` with ``H = I - 1/n``: rows, columns and the whole get a mean of 0."""
    return np.asarray(kernel - kernel.mean(axis=0) - kernel.mean(axis=1)[:, None] + kernel.mean())


def _classifiers(n_training: int) -> dict[str, BaseEstimator]:
    network = MLPClassifier((32,), solver="lbfgs", alpha=1.0, max_iter=100, random_state=0)
    classifiers = (LogisticRegression(max_iter=1000), network, KNeighborsClassifier(min(10, n_training)))
    return {name: make_pipeline(StandardScaler(), kind) for name, kind in zip(PROBES, classifiers, strict=True)}


def _probe_folds(targets: np.ndarray, groups: np.ndarray | None, seed: int) -> list[Fold]:
    folds = stratified_folds(targets, groups, seed=seed)
    if not folds:
        raise NotApplicableError("a probe needs two tracks of each condition, by two artists where these are known")
    if any(len(np.unique(targets[train])) < 2 for train, _ in folds):
        raise NotApplicableError("a probe needs two conditions in every training fold; the artists are too few")
    return folds
