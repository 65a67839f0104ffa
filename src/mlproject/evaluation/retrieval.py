"""How well a genre is found again by nearness, among tracks of other artists: scores that need no clusters.

An album's sound makes tracks of one artist near to each other, whatever their genre, so they are no candidates for one
another (A. Flexer, *A closer look on artist filters for musical genre classification*, 2007).
"""

import numpy as np
from scipy.spatial.distance import cdist
from scipy.stats import rankdata

from mlproject.evaluation.metrics import RETRIEVAL_METRICS

__all__ = ["retrieval_chance", "retrieval_scores"]

NEAREST = 5
ROWS = 512  # tracks whose distances are in memory at once

Scores = dict[str, float | None]


def retrieval_scores(latent: np.ndarray, genres: np.ndarray, artists: np.ndarray | None = None) -> Scores:
    """Score vectors by whose tracks are nearest in Euclidean distance, the metrics of `RETRIEVAL_METRICS`.

    A track is asked about if another artist has one of its genre, and one of another genre. Its score is the share of
    its genre among its five nearest candidates, whether the nearest one is of its genre, and the chance that a
    candidate of its genre is nearer than one of another genre (the area under the ROC curve, ties half).

    Parameters
    ----------
    latent : ndarray of shape (n_tracks, n_columns)
    genres : ndarray of shape (n_tracks,)
    artists : ndarray of shape (n_tracks,) or None
        None takes each track for one of an artist of its own.

    Returns
    -------
    dict of str to float or None
        Means over tracks, each in [0, 1]; None where no track can be asked about.
    """
    found = [_scored(latent[rows], latent, candidates, same) for rows, candidates, same in _blocks(genres, artists)]
    by_track = np.concatenate(found)  # (n_asked, n_metrics)
    means = by_track.mean(axis=0).tolist() if len(by_track) else [None] * len(RETRIEVAL_METRICS)
    return dict(zip(RETRIEVAL_METRICS, means, strict=True))


def retrieval_chance(genres: np.ndarray, artists: np.ndarray | None = None) -> Scores:
    """Return what an order at random scores on average; see `retrieval_scores`."""
    shares = [(same.sum(axis=1) / candidates.sum(axis=1)) for _, candidates, same in _blocks(genres, artists)]
    asked = np.concatenate(shares)
    share = float(asked.mean()) if len(asked) else None
    return {"precision_at_5": share, "nearest_neighbour": share, "auc": None if share is None else 0.5}


def _blocks(genres: np.ndarray, artists: np.ndarray | None) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Return rows that can be asked about, their candidates, and which of these are of their genre, block by block."""
    artists = np.arange(len(genres)) if artists is None else artists
    blocks = []
    for start in range(0, len(genres), ROWS):
        rows = np.arange(start, min(start + ROWS, len(genres)))
        candidates = artists[rows, None] != artists[None]  # (n_rows, n_tracks), as the next one
        same = candidates & (genres[rows, None] == genres[None])
        asked = same.any(axis=1) & (candidates & ~same).any(axis=1)
        blocks.append((rows[asked], candidates[asked], same[asked]))
    return blocks


def _scored(queries: np.ndarray, latent: np.ndarray, candidates: np.ndarray, same: np.ndarray) -> np.ndarray:
    """Return the scores of each query, shape (n_queries, n_metrics)."""
    if not len(queries):
        return np.empty((0, len(RETRIEVAL_METRICS)))
    distances = np.where(candidates, cdist(queries, latent), np.inf)  # (n_queries, n_tracks)
    nearest = np.argsort(distances, axis=1, kind="stable")[:, :NEAREST]
    there = np.take_along_axis(candidates, nearest, axis=1)
    hits = np.take_along_axis(same, nearest, axis=1)
    # Mann-Whitney: the ranks of n_same candidates sum to n_same (n_same + 1) / 2 where all of them come first.
    ranks, n_same = rankdata(distances, axis=1), same.sum(axis=1)
    n_other = candidates.sum(axis=1) - n_same
    late = np.where(same, ranks, 0.0).sum(axis=1) - n_same * (n_same + 1) / 2
    return np.stack([hits.sum(axis=1) / there.sum(axis=1), hits[:, 0], 1 - late / (n_same * n_other)], axis=1)
