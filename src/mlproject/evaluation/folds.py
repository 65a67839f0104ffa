"""Folds of a cross-validation with like shares of each class, whole groups where groups are known."""

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

__all__ = ["Fold", "stratified_folds"]

Fold = tuple[np.ndarray, np.ndarray]


def stratified_folds(
    classes: np.ndarray, groups: np.ndarray | None = None, *, n_folds: int = 5, seed: int
) -> list[Fold]:
    """Split tracks into training and test rows; empty where there are no two folds.

    Each fold has about the same share of each class, such as a genre. Tracks of one group, such as an artist, are never
    on both sides. Both have shape (n_tracks,). The number of folds is lowered to that of the tracks of the rarest
    class, and to that of the groups.
    """
    n_folds = min(n_folds, int(np.unique(classes, return_counts=True)[1].min()))
    splitter = StratifiedKFold
    if groups is not None:
        n_folds, splitter = min(n_folds, len(np.unique(groups))), StratifiedGroupKFold
    if n_folds < 2:
        return []
    return list(splitter(n_folds, shuffle=True, random_state=seed).split(np.zeros(len(classes)), classes, groups))
