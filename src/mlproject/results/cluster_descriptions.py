"""A partition -> what each cluster is: a name, its genres, what sets it apart, its most central tracks.

Names come from features and lyrics alone, so that they also serve where no genre is known.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

__all__ = ["TrackFacts", "cluster_distances", "describe_clusters"]

N_CENTRAL, N_DISTINGUISHING, N_ADJECTIVES, N_WORDS = 6, 5, 3, 3
TELLING = 0.3  # standard deviations from which a difference is worth a word (J. Cohen, 1988: .2 is small, .5 medium)
SHARE = 0.15  # by how much more of a cluster's tracks than of the others have a word


class Reading(NamedTuple):
    """Plain words for columns: a pattern of their names, what more and what less of them means, whether they name."""

    pattern: str
    more: str
    less: str
    names: bool = True


READINGS = (
    Reading(r"rms(_mean|_p90)", "loud", "quiet"),
    Reading(r"rms(_sd|_var)", "changing in loudness", "even in loudness"),
    Reading(r"(spectral_)?(centroid|rolloff)(_mean|_p90|_p10)", "bright", "dark"),
    Reading(r"(spectral_)?(centroid|rolloff)(_sd|_var)", "changing in brightness", "even in brightness"),
    Reading(r"(spectral_)?bandwidth(_mean|_p90|_p10)", "wide in sound", "narrow in sound"),
    Reading(r"zero_crossing_rate(_mean|_p90|_p10)", "noisy", "smooth"),
    Reading(r"tempo", "fast", "slow"),
    Reading(r"perceptr_var", "percussive", "with little percussion"),
    Reading(r"contrast_\d+(_mean|_p90|_p10)", "clear in tone", "dense in tone"),
    Reading(r"chroma_stft_mean", "many notes at once", "few notes at once"),
    Reading(r"mfcc_delta2?_\d+(_sd|_p90)", "restless in timbre", "steady in timbre"),
    Reading(r"mfcc_?\d+(_sd|_var)", "varied in timbre", "uniform in timbre"),
    *(
        Reading(rf"chroma_{i}(_mean|_p90|_p10)", f"more {note}", f"less {note}", names=False)
        for i, note in enumerate(["C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B"], start=1)
    ),
)


@dataclass(frozen=True)
class TrackFacts:
    """What is known of tracks beside what was clustered.

    Attributes
    ----------
    ids : sequence of str
    statistics : ndarray of shape (n_tracks, n_statistics)
    columns : sequence of str
        Names of the statistics.
    words : sequence of (str or None), optional
        Lyrics of each track, None where it has none; not texts that a genre stands for.
    artists : sequence of (str or None), optional
        None where the artist is not known.
    """

    ids: Sequence[str]
    statistics: np.ndarray
    columns: Sequence[str]
    words: Sequence[str | None] | None = None
    artists: Sequence[str | None] | None = None

    def take(self, rows: np.ndarray) -> TrackFacts:
        """Return the facts of some tracks in the given order."""
        words, artists = (None if of is None else [of[row] for row in rows] for of in (self.words, self.artists))
        return TrackFacts([self.ids[row] for row in rows], self.statistics[rows], self.columns, words, artists)


def cluster_distances(latent: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the distance of each vector to the mean of its cluster.

    Parameters
    ----------
    latent : ndarray of shape (n_tracks, n_columns)
    labels : ndarray of shape (n_tracks,) of int
        Noise (-1) has the distance to the mean of all noise.

    Returns
    -------
    ndarray of shape (n_tracks,)
        Euclidean, in the units of the vectors; float32.
    """
    clusters, index = np.unique(labels, return_inverse=True)
    centres = np.stack([latent[labels == cluster].mean(axis=0, dtype=np.float64) for cluster in clusters])
    return np.asarray(np.linalg.norm(latent - centres[index], axis=1), dtype=np.float32)


def describe_clusters(
    latent: np.ndarray, labels: np.ndarray, *, genres: np.ndarray | None, facts: TrackFacts
) -> list[dict[str, Any]]:
    """Describe every cluster of a partition.

    Parameters
    ----------
    latent : ndarray of shape (n_tracks, n_columns)
        What was clustered.
    labels : ndarray of shape (n_tracks,) of int
        -1 is noise.
    genres : ndarray of shape (n_tracks,) of str, or None
    facts : TrackFacts

    Returns
    -------
    list of dict
        By number: ``cluster``, ``name`` (no two are the same), ``size``, ``genres`` (counts, falling) and ``purity``
        (both None without labels), ``distinguishing`` (features by falling difference to the other tracks, in standard
        deviations of all), ``words`` (of the lyrics), ``central`` (ids of the tracks nearest to its centre).
    """
    distances, scores = cluster_distances(latent, labels), _standardised(facts.statistics)
    described: list[dict[str, Any]] = []
    taken: set[str] = set()
    for cluster in np.unique(labels).tolist():
        inside = labels == cluster
        sets_apart, words = _differences(scores, inside, facts.columns), _words(facts.words, inside)
        name = _unique("noise" if cluster < 0 else _name(sets_apart, words), taken)
        counts = None if genres is None else dict(Counter(genres[inside].tolist()).most_common())
        described.append(
            {
                "cluster": cluster,
                "name": name,
                "size": int(inside.sum()),
                "genres": counts,
                "purity": None if counts is None else max(counts.values()) / int(inside.sum()),
                "distinguishing": sets_apart[:N_DISTINGUISHING],
                "words": words,
                "central": [facts.ids[row] for row in _most_central(distances, inside)],
            }
        )
    return described


def _standardised(statistics: np.ndarray) -> np.ndarray:
    spread = statistics.std(axis=0, dtype=np.float64)
    return np.asarray((statistics - statistics.mean(axis=0, dtype=np.float64)) / np.where(spread > 0, spread, 1))


def _differences(scores: np.ndarray, inside: np.ndarray, columns: Sequence[str]) -> list[dict[str, Any]]:
    """List the columns that have a reading by falling difference, one of each reading."""
    if inside.all():
        return []
    by_column = scores[inside].mean(axis=0) - scores[~inside].mean(axis=0)
    found, read = [], set[str]()
    for column in np.argsort(-np.abs(by_column), kind="stable").tolist():
        reading, difference = _reading(columns[column]), float(by_column[column])
        if reading is None or reading.more in read or abs(difference) < TELLING:
            continue
        read.add(reading.more)
        phrase = reading.more if difference > 0 else reading.less
        found.append({"feature": columns[column], "phrase": phrase, "difference": round(difference, 3)})
    return found


def _reading(column: str) -> Reading | None:
    return next((reading for reading in READINGS if re.fullmatch(reading.pattern, column)), None)


def _words(texts: Sequence[str | None] | None, inside: np.ndarray) -> list[str]:
    """Name the words that far more tracks of the cluster have than others do; both sides need lyrics."""
    known = None if texts is None else np.array([text is not None for text in texts])
    if texts is None or known is None or not (known & inside).any() or not (known & ~inside).any():
        return []
    from sklearn.feature_extraction.text import CountVectorizer

    count = CountVectorizer(binary=True, stop_words="english", token_pattern=r"(?u)\b[^\W\d_]{3,}\b")
    try:
        has = count.fit_transform([text for text in texts if text is not None]).toarray()
    except ValueError:  # not one word but stop words
        return []
    mine = inside[known]
    more = has[mine].mean(axis=0) - has[~mine].mean(axis=0)
    order = np.argsort(-more, kind="stable")[:N_WORDS]
    return [str(count.get_feature_names_out()[i]) for i in order if more[i] > SHARE]


def _name(sets_apart: Iterable[dict[str, Any]], words: Sequence[str]) -> str:
    naming = [one["phrase"] for one in sets_apart if getattr(_reading(one["feature"]), "names", False)]
    name = ", ".join(naming[:N_ADJECTIVES]) or "middling"
    return f"{name}: {', '.join(words)}" if words else name


def _unique(name: str, taken: set[str]) -> str:
    """Number the second and later bearers of a name."""
    number, unique = 1, name
    while unique in taken:
        number += 1
        unique = f"{name} ({number})"
    taken.add(unique)
    return unique


def _most_central(distances: np.ndarray, inside: np.ndarray) -> list[int]:
    members = np.flatnonzero(inside)
    order: list[int] = members[np.argsort(distances[members], kind="stable")][:N_CENTRAL].tolist()
    return order
