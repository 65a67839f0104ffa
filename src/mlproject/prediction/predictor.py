"""New tracks -> their clusters, one by one: a track's answer does not depend on its company."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np

from mlproject.corpus.decoding import NO_LIMITS, Limits, fills_clip, inspect, place_clip
from mlproject.corpus.track_clips import TrackClip
from mlproject.errors import NotApplicableError, TrackDecodeError
from mlproject.features.blocks import HAS_LYRICS
from mlproject.models.persistence import load_model
from mlproject.prediction.package import ClusterDescription, KnownTracks, Recipe, check_package, read_package
from mlproject.threads import limit_threads

__all__ = ["NewTrack", "Prediction", "Predictor", "predict_all"]

N_NEAREST = 3
FEW = 32
NO_LYRICS = "no lyrics were given; placed by its sound alone"


class NewTrack(NamedTuple):
    """A track to place."""

    name: str  # what its answer is called
    audio: Path | bytes  # a file, or what is in one
    lyrics: str | None = None
    unusable: str | None = None  # why it cannot be read, where that is known already


class Prediction(NamedTuple):
    """Where a track belongs; all but its own name is None where it could not be placed.

    `confidence` is 1 - (distance to this centre) / (distance to the nearest other centre), at least 0: the simplified
    silhouette of E. R. Hruschka, R. Campello, L. de Castro, 2004.
    """

    track: str
    cluster: int | None = None  # -1 is noise
    name: str | None = None  # what the cluster is called
    distance: float | None = None  # to the cluster's centre, in the units of the vectors
    confidence: float | None = None  # in [0, 1]: 0 halfway between two clusters, 1 at a centre
    genres: str | None = None  # shares of the genres of the cluster's known tracks, falling; None without labels
    nearest: str | None = None  # ids of the nearest known tracks, nearest first, separated by ``"; "``
    note: str | None = None  # what was missing: lyrics, for a model that reads them
    error: str | None = None  # why the track could not be placed


@dataclass(frozen=True)
class Predictor:
    """A task's trained model, ready for new music."""

    recipe: Recipe
    known: KnownTracks
    model: Any
    limits: Limits = NO_LIMITS  # of the audio that is decoded

    @classmethod
    def load(cls, folder: Path, *, limits: Limits = NO_LIMITS) -> Self:
        """Load a package; one that cannot place new music raises `NotApplicableError` with the reason."""
        recipe, known = read_package(folder)
        if recipe.refusal:
            raise NotApplicableError(recipe.refusal)
        check_package(folder, recipe, known)
        return cls(recipe, known, load_model(folder), limits)

    def predict(self, tracks: Iterable[NewTrack]) -> Iterator[Prediction]:
        """Place tracks in their order; one that cannot be read gets its reason instead of a cluster."""
        for track in tracks:
            try:
                vector = self._vector(track)
            except TrackDecodeError as error:
                yield Prediction(track.name, error=str(error))
            else:
                yield self._place(track.name, vector, silent=not _words(track))

    def _vector(self, track: NewTrack) -> np.ndarray:
        """Return the vector that a track would have been clustered by, shape (n_columns,)."""
        # (1, n_columns): a design matrix of one track.
        row = np.zeros((1, max(end for _, end in self.recipe.columns.values())), dtype=np.float32)
        blocks = {"audio": self._hear(track), **self._read(_words(track))}
        for name, (first, end) in self.recipe.columns.items():
            row[0, first:end] = blocks[name]  # the genre block of a condition is never asked for: such models refuse
        with limit_threads(1):  # one row: a second thread only waits
            vector: np.ndarray = self.model.transform(row)[0]
        return vector

    def _hear(self, track: NewTrack) -> np.ndarray:
        """Compute the audio block of one track."""
        if track.unusable is not None:
            raise TrackDecodeError(track.unusable)
        audio = track.audio
        if audio == b"":
            raise TrackDecodeError("neither a path nor audio was given")
        from mlproject.features.audio import clip_features, frame_count, mfcc_frames
        from mlproject.features.extraction import extract_audio

        recipe = self.recipe
        info = inspect(audio, limits=self.limits)
        complete = fills_clip(info.seconds, recipe.clip_seconds)
        if recipe.audio == "mfcc" and not complete:
            raise TrackDecodeError(f"{info.seconds:.2f} s long, too short for MFCC frames of {recipe.clip_seconds:g} s")
        start = place_clip(info, recipe.clip_seconds, recipe.clip_from)
        clip = TrackClip(audio, start, recipe.clip_seconds, recipe.sample_rate, complete)
        n_frames = frame_count(recipe.clip_seconds, sr=recipe.sample_rate, config=recipe.features)
        compute = mfcc_frames if recipe.audio == "mfcc" else clip_features
        features: Any = extract_audio(
            [clip], sr=recipe.sample_rate, n_frames=n_frames, config=recipe.features, compute=compute, n_jobs=1
        )[0]
        block: np.ndarray = features.ravel() if recipe.audio == "mfcc" else features.statistics
        return block

    def _read(self, lyrics: str) -> dict[str, np.ndarray]:
        """Compute the blocks of a track's words; without any it stands where the known tracks stand on average."""
        if self.recipe.lyrics_model is None:
            return {}
        from mlproject.features.lyrics import encode_texts

        has = np.array([1.0 if lyrics else 0.0], dtype=np.float32)  # the column that says whether a track has words
        vector = encode_texts([lyrics], model=self.recipe.lyrics_model)[0] if lyrics else self.known.mean_lyrics
        return {"lyrics": vector, HAS_LYRICS: has}

    def _place(self, name: str, vector: np.ndarray, *, silent: bool) -> Prediction:
        """Find the cluster of a vector; that of a `silent` track, one without words, by what was heard alone."""
        columns = slice(None)
        if silent and "lyrics" in self.model.widths_:
            columns = slice(0, self.model.widths_["audio"])  # fused vectors begin with the audio
        to_known = np.linalg.norm((self.known.vectors - vector)[:, columns], axis=1)  # (n_known,)
        nearest = np.argsort(to_known, kind="stable")[:N_NEAREST]
        numbers, centres = self._centres
        to_centres = np.linalg.norm((centres - vector)[:, columns], axis=1)  # (n_clusters,)
        chosen = int(to_centres.argmin())
        if self.recipe.clusterer != "kmeans":
            # Other clusterers have no centres: the nearest known track decides.
            chosen = int(np.flatnonzero(numbers == self.known.labels[nearest[0]])[0])
        cluster = next(cluster for cluster in self.known.clusters if cluster.cluster == numbers[chosen])
        return Prediction(
            name,
            int(numbers[chosen]),
            cluster.name,
            float(to_centres[chosen]),
            _confidence(to_centres, chosen),
            _shares(cluster),
            "; ".join(self.known.ids[row] for row in nearest),
            NO_LYRICS if silent and self.recipe.lyrics_model is not None else None,
        )

    @cached_property
    def _centres(self) -> tuple[np.ndarray, np.ndarray]:
        numbers = np.unique(self.known.labels)
        means = [self.known.vectors[self.known.labels == number].mean(axis=0, dtype=np.float64) for number in numbers]
        return numbers, np.stack(means)


def _words(track: NewTrack) -> str:
    return (track.lyrics or "").strip()


def predict_all(predictor: Predictor, tracks: Iterable[NewTrack], *, n_jobs: int = -1) -> Iterator[Prediction]:
    """Place many tracks in parallel; the same answers in the same order as `Predictor.predict`, as they come.

    Each track is taken when it is its turn. So few that processes would take longer to start are placed in this one.
    """
    tracks = iter(tracks)
    first = list(islice(tracks, FEW))  # looks ahead without taking all
    if len(first) < FEW or n_jobs == 1:
        yield from predictor.predict(chain(first, tracks))
        return
    from joblib import Parallel, delayed

    parallel = Parallel(n_jobs=n_jobs, return_as="generator", batch_size=4, inner_max_num_threads=1, backend="loky")
    yield from parallel(delayed(_place_one)(predictor, track) for track in chain(first, tracks))


def _place_one(predictor: Predictor, track: NewTrack) -> Prediction:
    return next(predictor.predict([track]))


def _confidence(to_centres: np.ndarray, chosen: int) -> float:
    others = np.delete(to_centres, chosen)  # all centres but the chosen one
    if not len(others) or not others.min():
        return 1.0 if not len(others) else 0.0
    return float(max(0.0, 1 - to_centres[chosen] / others.min()))


def _shares(cluster: ClusterDescription) -> str | None:
    if cluster.genres is None:
        return None
    return ", ".join(f"{genre} {count / cluster.size:.0%}" for genre, count in cluster.genres.items())
