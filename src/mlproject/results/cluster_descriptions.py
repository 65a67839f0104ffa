"""A partition -> what each cluster is: a name, its genres, what sets it apart, its most central tracks.

Names come from features and lyrics alone, so that they also serve where no genre is known.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer

from mlproject.prediction.package import ClusterDescription, Distinction

__all__ = ["TrackFacts", "cluster_distances", "describe_clusters"]

N_CENTRAL, N_DISTINGUISHING, N_ADJECTIVES, N_WORDS = 6, 5, 3, 3
NOTABLE = 0.3  # standard deviations from which a difference is worth a word (J. Cohen, 1988: .2 is small, .5 medium)
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
    """What is known of tracks beside what was clustered."""

    ids: Sequence[str]
    statistics: np.ndarray  # (n_tracks, n_statistics)
    columns: Sequence[str]  # names of the statistics
    words: Sequence[str | None] | None = None  # lyrics of each track, if any; not what a genre stands for
    artists: Sequence[str | None] | None = None  # None where it is not known

    def take(self, rows: np.ndarray) -> "TrackFacts":
        """Return the facts of some tracks in the given order."""
        words, artists = (None if of is None else [of[row] for row in rows] for of in (self.words, self.artists))
        return TrackFacts([self.ids[row] for row in rows], self.statistics[rows], self.columns, words, artists)


def cluster_distances(latent: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the Euclidean distance of each vector to the mean of its cluster, shape (n_tracks,), float32.

    `latent` has shape (n_tracks, n_columns), `labels` (n_tracks,). Noise (-1) counts as one cluster.
    """
    clusters, index = np.unique(labels, return_inverse=True)
    # (n_clusters, n_columns).
    centres = np.stack([latent[labels == cluster].mean(axis=0, dtype=np.float64) for cluster in clusters])
    # Each row minus the centre of its own cluster.
    return np.asarray(np.linalg.norm(latent - centres[index], axis=1), dtype=np.float32)


def describe_clusters(
    latent: np.ndarray, labels: np.ndarray, *, genres: np.ndarray | None, facts: TrackFacts
) -> list[ClusterDescription]:
    """Describe every cluster of a partition, by number.

    `latent`, of shape (n_tracks, n_columns), is what was clustered; `labels`, -1 for noise, and `genres` have shape
    (n_tracks,).
    """
    by_distance = np.argsort(cluster_distances(latent, labels), kind="stable")  # (n_tracks,): rows, nearest first
    scores = _standardised(facts.statistics)
    descriptions: list[ClusterDescription] = []
    names: set[str] = set()
    for cluster in np.unique(labels).tolist():
        inside = labels == cluster
        size, differences, words = int(inside.sum()), _differences(scores, inside, facts.columns), _words(facts, inside)
        counts = None if genres is None else dict(Counter(genres[inside].tolist()).most_common())
        descriptions.append(
            ClusterDescription(
                cluster=cluster,
                name=_unique("noise" if cluster < 0 else _name(differences, words), names),
                size=size,
                genres=counts,
                purity=None if counts is None else max(counts.values()) / size,
                distinguishing=tuple(differences[:N_DISTINGUISHING]),
                words=tuple(words),
                central=tuple(facts.ids[row] for row in by_distance[inside[by_distance]][:N_CENTRAL]),
            )
        )
    return descriptions


def _standardised(statistics: np.ndarray) -> np.ndarray:
    spread = statistics.std(axis=0, dtype=np.float64)  # float64: columns span many orders of magnitude
    # A constant column becomes zeros.
    return np.asarray((statistics - statistics.mean(axis=0, dtype=np.float64)) / np.where(spread > 0, spread, 1))


def _differences(scores: np.ndarray, inside: np.ndarray, columns: Sequence[str]) -> list[Distinction]:
    """List the columns that have a reading by falling difference, one of each reading."""
    if inside.all():  # one cluster differs from nothing
        return []
    # (n_statistics,), in standard deviations of all tracks.
    by_column = scores[inside].mean(axis=0) - scores[~inside].mean(axis=0)
    differences, read = list[Distinction](), set[str]()
    for column in np.argsort(-np.abs(by_column), kind="stable").tolist():
        reading, difference = _reading(columns[column]), float(by_column[column])
        if reading is None or reading.more in read or abs(difference) < NOTABLE:
            continue
        read.add(reading.more)
        phrase = reading.more if difference > 0 else reading.less
        differences.append(Distinction(feature=columns[column], phrase=phrase, difference=round(difference, 3)))
    return differences


def _reading(column: str) -> Reading | None:
    return next((reading for reading in READINGS if re.fullmatch(reading.pattern, column)), None)


def _words(facts: TrackFacts, inside: np.ndarray) -> list[str]:
    """Name the words that far more tracks of the cluster have than others do; inside and outside need lyrics."""
    texts = facts.words or ()
    known = np.array([text is not None for text in texts], dtype=bool)
    if not len(texts) or not (known & inside).any() or not (known & ~inside).any():
        return []
    count = CountVectorizer(binary=True, stop_words="english", token_pattern=r"(?u)\b[^\W\d_]{3,}\b")
    try:
        has = count.fit_transform([text for text in texts if text is not None]).toarray()
    except ValueError:  # not one word but stop words
        return []
    mine = inside[known]  # rows of `has` are the tracks with lyrics
    more = has[mine].mean(axis=0) - has[~mine].mean(axis=0)  # share of tracks with the word, inside minus outside
    order = np.argsort(-more, kind="stable")[:N_WORDS]
    return [str(count.get_feature_names_out()[i]) for i in order if more[i] > SHARE]


def _name(differences: Iterable[Distinction], words: Sequence[str]) -> str:
    naming = [one.phrase for one in differences if (reading := _reading(one.feature)) and reading.names]
    name = ", ".join(naming[:N_ADJECTIVES]) or "middling"
    return f"{name}: {', '.join(words)}" if words else name


def _unique(name: str, names: set[str]) -> str:
    """Number the second and later bearers of a name."""
    number, unique = 1, name
    while unique in names:
        number += 1
        unique = f"{name} ({number})"
    names.add(unique)
    return unique
