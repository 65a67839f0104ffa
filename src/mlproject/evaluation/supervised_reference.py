"""What a classifier that was taught the genres finds in a latent: a reference for clusters, which are not taught."""

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV

from mlproject.evaluation.folds import Fold, stratified_folds
from mlproject.threads import limit_threads

__all__ = ["predicted_genres"]

# Inverse strengths of the penalty, the strongest first: it wins where several predict as well. Under a strong one the
# boundaries lie half-way between the means of genres; a weak one heeds directions in which genres hardly vary.
STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0)


def predicted_genres(
    latent: np.ndarray, genres: np.ndarray, groups: np.ndarray | None, *, seed: int
) -> np.ndarray | None:
    """Predict each track's genre from the other folds', by a logistic regression.

    The latent has shape (n_tracks, n_columns), all others and the prediction (n_tracks,). There are five folds, fewer
    for rare genres or few artists; tracks of one group, the artist, are kept within one fold. The penalty is chosen
    inside each training part, by folds of the same kind. None where the other folds cannot teach two genres. All axes
    are divided by one number, so that distances keep the proportions that the clusterer saw.
    """
    folds = _teaching_folds(genres, groups, seed)
    if not folds:
        return None
    predicted, centred = np.empty_like(genres), latent.astype(np.float64)
    centred -= centred.mean(axis=0)
    # A scale for each column would make all of n points in n - 1 dimensions equally far apart, which leaves chance.
    values = centred / (np.sqrt(np.mean(centred**2)) or 1.0)
    with limit_threads(1):  # threads would only wait for each other on matrices as small as these
        for train, test in folds:
            inner = _teaching_folds(genres[train], None if groups is None else groups[train], seed)
            model = LogisticRegression(max_iter=2000)
            if inner:  # else there is nothing to choose by
                model = GridSearchCV(model, {"C": STRENGTHS}, cv=inner)
            predicted[test] = model.fit(values[train], genres[train]).predict(values[test])
    return predicted


def _teaching_folds(genres: np.ndarray, groups: np.ndarray | None, seed: int) -> list[Fold]:
    folds = stratified_folds(genres, groups, seed=seed)
    return folds if all(len(np.unique(genres[train])) > 1 for train, _ in folds) else []
