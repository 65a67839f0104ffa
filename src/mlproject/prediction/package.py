"""How a track becomes a row of a task's design matrix, and what is kept of the tracks that are known.

A folder with these and the task's model (`mlproject.models.persistence`) is all that new music needs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field, ValidationError

from mlproject.config.data import AudioConfig
from mlproject.config.section import Section
from mlproject.errors import DamagedFileError
from mlproject.features.blocks import HAS_LYRICS
from mlproject.files import read_arrays, read_json, write_arrays, write_json

__all__ = ["RECIPE", "ClusterDescription", "Distinction", "KnownTracks", "Recipe", "check_package"]
__all__ += ["read_package", "write_package"]

RECIPE, KNOWN = "recipe.json", "known.npz"


class Recipe(Section):
    """From a track to a row of the design matrix."""

    task: str
    refusal: str | None = None  # why new music cannot be placed, in a sentence; None where it can
    audio: Literal["mfcc", "statistics"] = "statistics"
    features: AudioConfig = AudioConfig()
    sample_rate: int = Field(22050, gt=0)  # Hz
    clip_seconds: float = Field(30.0, gt=0)  # length of the part of a track that is heard, s
    clip_from: Literal["start", "middle"] = "middle"
    columns: dict[str, tuple[int, int]] = Field(default_factory=dict)  # first of each block, and the one after its last
    lyrics_model: str | None = None  # what encodes lyrics; None for a task without them
    clusterer: str = "kmeans"  # K-Means: the nearest centre; any other: the cluster of the nearest known track


class Distinction(Section):
    """By how much the tracks of a cluster differ from all others in a feature, in standard deviations of all."""

    feature: str
    phrase: str
    difference: float


class ClusterDescription(Section):
    """What a cluster is."""

    cluster: int  # -1 is noise
    name: str  # no two clusters of a partition have the same
    size: int  # number of tracks
    genres: dict[str, int] | None  # tracks by genre, falling; None without labels, as `purity`
    purity: float | None  # share of the most frequent genre
    distinguishing: tuple[Distinction, ...] = ()  # by falling difference
    words: tuple[str, ...] = ()  # of the lyrics
    central: tuple[str, ...] = ()  # ids of the tracks nearest to the centre, nearest first


@dataclass(frozen=True)
class KnownTracks:
    """The tracks that a task was trained on."""

    ids: Sequence[str]
    vectors: np.ndarray  # (n_tracks, n_columns): what was clustered
    labels: np.ndarray  # (n_tracks,) of int: clusters; -1 is noise
    mean_lyrics: np.ndarray  # (n_dimensions,): where a track without words stands; empty for a task without lyrics
    clusters: Sequence[ClusterDescription]


def write_package(folder: Path, recipe: Recipe, known: KnownTracks) -> None:
    """Write ``recipe.json`` and ``known.npz`` beside a saved model; plain values and arrays alone."""
    clusters = [cluster.model_dump(mode="json") for cluster in known.clusters]
    write_json(folder / RECIPE, {**recipe.model_dump(mode="json"), "clusters": clusters})
    arrays = {"ids": np.asarray(known.ids, dtype=np.str_), "vectors": known.vectors}  # text, not objects: no pickle
    write_arrays(folder / KNOWN, arrays | {"labels": known.labels, "mean_lyrics": known.mean_lyrics})


def read_package(folder: Path) -> tuple[Recipe, KnownTracks]:
    """Read what `write_package` wrote; `DamagedFileError` if a file is broken or lacks something."""
    content = read_json(folder / RECIPE)  # the recipe, and the clusters beside its keys
    try:
        clusters = [ClusterDescription.model_validate(cluster) for cluster in content.pop("clusters")]
        recipe = Recipe.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        raise DamagedFileError.of(folder / RECIPE, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    except (KeyError, TypeError) as error:
        raise DamagedFileError.of(folder / RECIPE, f"it lacks {error}") from error
    with read_arrays(folder / KNOWN) as arrays:
        known = KnownTracks(
            arrays["ids"].tolist(), arrays["vectors"], arrays["labels"], arrays["mean_lyrics"], clusters
        )
    return recipe, known


def check_package(folder: Path, recipe: Recipe, known: KnownTracks) -> None:
    """Raise `DamagedFileError` for parts of a package that are whole and do not belong together."""
    numbers = {cluster.cluster for cluster in known.clusters}
    if not {"audio"} <= set(recipe.columns) <= {"audio", "lyrics", HAS_LYRICS}:
        raise DamagedFileError.of(folder / RECIPE, f"no track has the columns {', '.join(recipe.columns) or 'none'}")
    if known.vectors.ndim != 2 or not len(known.ids) == len(known.vectors) == len(known.labels):
        raise DamagedFileError.of(folder / KNOWN, "its ids, vectors and labels are not of the same tracks")
    if not set(known.labels.tolist()) <= numbers:
        raise DamagedFileError.of(folder / RECIPE, "it lacks clusters of the known tracks")
