"""New tracks -> their clusters, one by one: a track's answer does not depend on its company."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
from threadpoolctl import threadpool_limits

from mlproject.corpus.decoding import clip_start, fills_clip, inspect
from mlproject.corpus.subset import TrackClip
from mlproject.errors import NotApplicableError, TrackDecodeError
from mlproject.features.blocks import HAS_LYRICS
from mlproject.models.persistence import load_model
from mlproject.prediction.package import KnownTracks, Recipe, read_package

__all__ = ["NewTrack", "Prediction", "Predictor", "predict_all"]

N_NEAREST = 3
FEW = 32
NO_LYRICS = "no lyrics were given; placed by its sound alone"


class NewTrack(NamedTuple):
    """A track to place.

    Attributes
    ----------
    name : str
        What its answer is called.
    audio : Path or bytes
        A file, or what is in one.
    lyrics : str or None
    """

    name: str
    audio: Path | bytes
    lyrics: str | None = None


class Prediction(NamedTuple):
    """Where a track belongs; all but its own name is None where it could not be placed.

    Attributes
    ----------
    track : str
    cluster : int or None
        -1 is noise.
    name : str or None
        What the cluster is called.
    distance : float or None
        To the cluster's centre, in the units of the vectors.
    confidence : float or None
        In [0, 1]: 1 - (distance to this centre) / (distance to the nearest other centre), at least 0. The simplified
        silhouette of E. R. Hruschka, R. Campello, L. de Castro, 2004: 0 halfway between two clusters, 1 at a centre.
    genres : str or None
        Shares of the genres of the cluster's known tracks, falling; None without labels.
    nearest : str or None
        Ids of the nearest known tracks, nearest first, separated by ``"; "``.
    note : str or None
        What was missing: lyrics, for a model that reads them.
    error : str or None
        Why the track could not be placed.
    """

    track: str
    cluster: int | None = None
    name: str | None = None
    distance: float | None = None
    confidence: float | None = None
    genres: str | None = None
    nearest: str | None = None
    note: str | None = None
    error: str | None = None


@dataclass(frozen=True)
class Predictor:
    """A task's trained model, ready for new music."""

    recipe: Recipe
    known: KnownTracks
    model: Any

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Load a package.

        Raises
        ------
        NotApplicableError
            If the model cannot place new music, with the reason.
        """
        recipe, known = read_package(folder)
        if recipe.refusal:
            raise NotApplicableError(recipe.refusal)
        return cls(recipe, known, load_model(folder))

    def predict(self, tracks: Iterable[NewTrack]) -> Iterator[Prediction]:
        """Place tracks in their order; one that cannot be read gets its reason instead of a cluster."""
        for track in tracks:
            try:
                vector = self._vector(track)
            except TrackDecodeError as error:
                yield Prediction(track.name, error=str(error))
            else:
                yield self._place(track.name, vector, silent=not _words(track))

    @property
    def _heard(self) -> slice:
        """Columns of a vector that say something of a track without words: all but those of the lyrics."""
        widths: dict[str, int] = self.model.widths_
        return slice(0, widths["audio"]) if "lyrics" in widths else slice(None)

    def _vector(self, track: NewTrack) -> np.ndarray:
        """Return the vector that a track would have been clustered by, shape (n_columns,)."""
        row = np.zeros((1, max(end for _, end in self.recipe.columns.values())), dtype=np.float32)
        blocks = {"audio": self._hear(track.audio), **self._read(_words(track))}
        for name, (first, end) in self.recipe.columns.items():
            row[0, first:end] = blocks[name]
        with threadpool_limits(1):
            vector: np.ndarray = self.model.transform(row)[0]
        return vector

    def _hear(self, audio: Path | bytes) -> np.ndarray:
        """Compute the audio block of one track."""
        if audio == b"":
            raise TrackDecodeError("neither a path nor audio was given")
        if isinstance(audio, bytes):
            with tempfile.NamedTemporaryFile(prefix="track-") as file:
                file.write(audio)
                file.flush()
                return self._hear(Path(file.name))
        from mlproject.features.audio import clip_features, frame_count, mfcc_frames
        from mlproject.features.extraction import extract_audio

        recipe = self.recipe
        if not _is_file(audio):
            raise TrackDecodeError("there is no such file")
        seconds = inspect(audio).seconds
        complete = fills_clip(seconds, recipe.clip_seconds)
        if recipe.audio == "mfcc" and not complete:
            raise TrackDecodeError(f"{seconds:.2f} s long, too short for MFCC frames of {recipe.clip_seconds:g} s")
        start = clip_start(seconds, recipe.clip_seconds, recipe.clip_from)
        clip = TrackClip(audio, start, recipe.clip_seconds, recipe.sample_rate, complete)
        n_frames = frame_count(recipe.clip_seconds, sr=recipe.sample_rate, config=recipe.features)
        compute = mfcc_frames if recipe.audio == "mfcc" else clip_features
        found: Any = extract_audio(
            [clip], sr=recipe.sample_rate, n_frames=n_frames, config=recipe.features, compute=compute, n_jobs=1
        )[0]
        block: np.ndarray = found.ravel() if recipe.audio == "mfcc" else found.statistics
        return block

    def _read(self, lyrics: str) -> dict[str, np.ndarray]:
        """Compute the blocks of a track's words; without any it stands where the known tracks stand on average."""
        if self.recipe.lyrics_model is None:
            return {}
        from mlproject.features.lyrics import encode_texts

        has = np.array([1.0 if lyrics else 0.0], dtype=np.float32)
        vector = encode_texts([lyrics], model=self.recipe.lyrics_model)[0] if lyrics else self.known.mean_lyrics
        return {"lyrics": vector, HAS_LYRICS: has}

    def _place(self, name: str, vector: np.ndarray, *, silent: bool) -> Prediction:
        """Find the cluster of a vector; that of a `silent` track, one without words, by what was heard alone."""
        columns = self._heard if silent else slice(None)
        to_known = np.linalg.norm((self.known.vectors - vector)[:, columns], axis=1)
        nearest = np.argsort(to_known, kind="stable")[:N_NEAREST]
        numbers, centres = self._centres
        to_centres = np.linalg.norm((centres - vector)[:, columns], axis=1)
        own = int(to_centres.argmin())
        if self.recipe.clusterer != "kmeans":
            own = int(np.flatnonzero(numbers == self.known.labels[nearest[0]])[0])
        described = next(one for one in self.known.clusters if one["cluster"] == numbers[own])
        return Prediction(
            name,
            int(numbers[own]),
            described["name"],
            float(to_centres[own]),
            _confidence(to_centres, own),
            _shares(described),
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


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that no file can have
        return False


def predict_all(predictor: Predictor, tracks: Iterable[NewTrack], *, n_jobs: int = -1) -> Iterator[Prediction]:
    """Place many tracks in parallel; the same answers in the same order as `Predictor.predict`, as they come.

    Parameters
    ----------
    predictor : Predictor
    tracks : iterable of NewTrack
        Taken when it is a track's turn.
    n_jobs : int, default=-1
        Processes; -1 uses all cores. So few tracks that processes would take longer to start are placed in this one.
    """
    tracks = iter(tracks)
    first = list(islice(tracks, FEW))
    if len(first) < FEW or n_jobs == 1:
        yield from predictor.predict(chain(first, tracks))
        return
    from joblib import Parallel, delayed

    parallel = Parallel(n_jobs=n_jobs, return_as="generator", batch_size=4, inner_max_num_threads=1, backend="loky")
    yield from parallel(delayed(_place_one)(predictor, track) for track in chain(first, tracks))


def _place_one(predictor: Predictor, track: NewTrack) -> Prediction:
    return next(predictor.predict([track]))


def _confidence(to_centres: np.ndarray, own: int) -> float:
    others = np.delete(to_centres, own)
    if not len(others) or not others.min():
        return 1.0 if not len(others) else 0.0
    return float(max(0.0, 1 - to_centres[own] / others.min()))


def _shares(described: Any) -> str | None:
    counts: dict[str, int] | None = described["genres"]
    if counts is None:
        return None
    shares: Sequence[tuple[str, float]] = [(genre, count / described["size"]) for genre, count in counts.items()]
    return ", ".join(f"{genre} {share:.0%}" for genre, share in shares)
