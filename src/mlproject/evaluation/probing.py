"""How much a code still tells of a condition: probes trained afresh, and a kernel test of independence.

Both stand beside their level under permuted conditions: what a probe reaches, or the statistic is, without dependence.
"""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np
from scipy.spatial.distance import pdist, squareform
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from mlproject.errors import NotApplicableError

__all__ = ["PROBES", "IndependenceTest", "Probe", "fresh_probes", "hsic", "independence_test"]

PROBES = ("linear", "mlp", "neighbours")


class Probe(NamedTuple):
    """Balanced accuracy of a classifier that predicts the condition of tracks it was not trained on.

    Attributes
    ----------
    accuracy : float
        In [0, 1]: the mean over conditions of the share of their tracks that is predicted right.
    permuted : float
        The same after permuting the conditions, mean over permutations.
    """

    accuracy: float
    permuted: float

    @property
    def excess(self) -> float:
        """What the code tells of the condition: accuracy above the permuted level."""
        return self.accuracy - self.permuted


class IndependenceTest(NamedTuple):
    """A statistic of dependence and how often it is as large without any.

    Attributes
    ----------
    statistic : float
        HSIC, 0 or more.
    p_value : float
        In (0, 1], by permutation.
    """

    statistic: float
    p_value: float


def fresh_probes(
    codes: np.ndarray,
    conditions: np.ndarray,
    groups: np.ndarray | None = None,
    *,
    n_folds: int = 5,
    n_permutations: int = 5,
    seed: int = 0,
) -> dict[str, Probe]:
    """Train a linear, a neural and a nearest-neighbour classifier of the condition on z-scored codes.

    Parameters
    ----------
    codes : ndarray of shape (n_tracks, latent_dim)
    conditions : ndarray of shape (n_tracks,)
        A discrete condition, such as the genre; at least two tracks of each.
    groups : ndarray of shape (n_tracks,), optional
        Tracks of one group, such as an artist, are never on both sides of a fold.
    n_folds : int
        Folds of the cross-validation, lowered to the number of tracks of the rarest condition.
    n_permutations : int
        Permutations of the conditions behind the level without dependence.
    seed : int
        Of folds, permutations and initial weights.

    Returns
    -------
    dict of str to Probe
        By the names of `PROBES`.
    """
    rng = np.random.default_rng(seed)
    shuffled = [rng.permutation(conditions) for _ in range(n_permutations)]
    fold_seed = int(rng.integers(2**31))

    def accuracy(classifier: Any, targets: np.ndarray) -> float:
        folds = _folds(targets, groups, n_folds, fold_seed)
        return _cross_validated(classifier, codes, targets, folds)

    # These matrices are so small that threads would only wait for each other.
    with threadpool_limits(1):
        return {
            name: Probe(
                accuracy(classifier, conditions),
                float(np.mean([accuracy(classifier, targets) for targets in shuffled])),
            )
            for name, classifier in _classifiers(len(codes), n_folds).items()
        }


def independence_test(
    codes: np.ndarray, conditions: np.ndarray, *, n_permutations: int = 200, seed: int = 0
) -> IndependenceTest:
    """Test whether codes and conditions are independent, by permuting conditions across tracks.

    A. Gretton et al., *A kernel statistical test of independence*, NeurIPS 2008. Tracks are taken to be exchangeable:
    where artists have several tracks of one genre each, p is too small rather than too large.

    Parameters
    ----------
    codes : ndarray of shape (n_tracks, latent_dim)
    conditions : ndarray of shape (n_tracks,) or (n_tracks, n_conditions)
        One-hot or continuous columns, or one discrete condition.
    n_permutations : int
    seed : int

    Returns
    -------
    IndependenceTest
        p is (1 + permutations with a statistic as large) / (1 + permutations).
    """
    first, second = _centred_kernel(codes), _kernel(_columns(conditions))
    rng = np.random.default_rng(seed)
    statistic = _hsic(first, second)
    orders = (rng.permutation(len(codes)) for _ in range(n_permutations))
    reached = sum(_hsic(first, second[np.ix_(order, order)]) >= statistic * (1 - 1e-9) for order in orders)
    return IndependenceTest(statistic, (1 + reached) / (1 + n_permutations))


def hsic(codes: np.ndarray, conditions: np.ndarray) -> float:
    """Return the Hilbert-Schmidt independence criterion, 0 or more.

    A. Gretton et al., *Measuring statistical dependence with Hilbert-Schmidt norms*, ALT 2005, the biased estimate
    ``tr(K H L H) / n**2`` (as in the test of 2008) with Gaussian kernels ``exp(-d**2 / (2 sigma**2))``, sigma the
    median distance of different tracks. Shapes as in `independence_test`.
    """
    return _hsic(_centred_kernel(codes), _kernel(_columns(conditions)))


def _hsic(centred: np.ndarray, kernel: np.ndarray) -> float:
    return max(float(np.einsum("ij,ij->", centred, kernel)) / len(kernel) ** 2, 0.0)


def _columns(conditions: np.ndarray) -> np.ndarray:
    if conditions.ndim == 2:
        return conditions
    one_hot: np.ndarray = conditions[:, None] == np.unique(conditions)
    return one_hot


def _kernel(values: np.ndarray) -> np.ndarray:
    distances = pdist(np.asarray(values, dtype=np.float64))
    apart = distances[distances > 0]
    sigma = np.median(apart) if apart.size else 1.0
    kernel: np.ndarray = np.exp(-(squareform(distances) ** 2) / (2 * sigma**2))
    return kernel


def _centred_kernel(values: np.ndarray) -> np.ndarray:
    kernel = _kernel(values)
    return np.asarray(kernel - kernel.mean(axis=0) - kernel.mean(axis=1)[:, None] + kernel.mean())


def _classifiers(n_tracks: int, n_folds: int) -> dict[str, Any]:
    neighbours = max(1, min(10, n_tracks * (n_folds - 1) // n_folds))
    network = MLPClassifier((32,), solver="lbfgs", alpha=1.0, max_iter=100, random_state=0)
    classifiers = (LogisticRegression(max_iter=1000), network, KNeighborsClassifier(neighbours))
    return {name: make_pipeline(StandardScaler(), kind) for name, kind in zip(PROBES, classifiers, strict=True)}


def _folds(targets: np.ndarray, groups: np.ndarray | None, n_folds: int, seed: int) -> list[tuple[Any, Any]]:
    n_folds = min(n_folds, int(np.unique(targets, return_counts=True)[1].min()))
    kind = StratifiedKFold
    if groups is not None:
        n_folds, kind = min(n_folds, len(np.unique(groups))), StratifiedGroupKFold
    if n_folds < 2:
        raise NotApplicableError("a probe needs two tracks of each condition, by two artists where these are known")
    folds = list(kind(n_folds, shuffle=True, random_state=seed).split(np.zeros(len(targets)), targets, groups))
    if any(len(np.unique(targets[train])) < 2 for train, _ in folds):
        raise NotApplicableError("a probe needs two conditions in every training fold; the artists are too few")
    return folds


def _cross_validated(classifier: Any, codes: np.ndarray, targets: np.ndarray, folds: list[tuple[Any, Any]]) -> float:
    found = targets.copy()
    with warnings.catch_warnings():
        # A probe that could still be trained on says what it says.
        warnings.simplefilter("ignore", category=ConvergenceWarning)
        for train, test in folds:
            found[test] = clone(classifier).fit(codes[train], targets[train]).predict(codes[test])
    return float(balanced_accuracy_score(targets, found))
