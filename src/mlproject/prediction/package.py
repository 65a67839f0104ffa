"""How a track becomes a row of a task's design matrix, and what is kept of the tracks that are known.

A folder with these and the task's model (`mlproject.models.persistence`) is all that new music needs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field

from mlproject.config import AudioConfig
from mlproject.config.section import Section
from mlproject.files import read_json, write_arrays, write_json

__all__ = ["RECIPE", "KnownTracks", "Recipe", "read_package", "write_package"]

RECIPE, KNOWN = "recipe.json", "known.npz"


class Recipe(Section):
    """From a track to a row of the design matrix.

    Attributes
    ----------
    task : str
    refusal : str or None
        Why new music cannot be placed, in a sentence; None where it can.
    audio : {"mfcc", "statistics"}
    features : AudioConfig
    sample_rate : int
        Hz.
    clip_seconds : float
        Length of the part of a track that is heard, s.
    clip_from : {"start", "middle"}
    columns : dict of str to tuple of int
        First column and the one after the last of each block.
    lyrics_model : str or None
        What encodes lyrics; None for a task without them.
    clusterer : str
        K-Means gives a track to the nearest centre, any other clusterer to the cluster of the nearest known track.
    """

    task: str
    refusal: str | None = None
    audio: Literal["mfcc", "statistics"] = "statistics"
    features: AudioConfig = AudioConfig()
    sample_rate: int = 22050
    clip_seconds: float = 30.0
    clip_from: Literal["start", "middle"] = "middle"
    columns: dict[str, tuple[int, int]] = Field(default_factory=dict)
    lyrics_model: str | None = None
    clusterer: str = "kmeans"


@dataclass(frozen=True)
class KnownTracks:
    """The tracks that a task was trained on.

    Attributes
    ----------
    ids : sequence of str
    vectors : ndarray of shape (n_tracks, n_columns)
        What was clustered.
    labels : ndarray of shape (n_tracks,) of int
        Clusters; -1 is noise.
    mean_lyrics : ndarray of shape (n_dimensions,)
        Where a track without words stands; empty for a task without lyrics.
    clusters : sequence of mapping
        Of `mlproject.results.cluster_descriptions.describe_clusters`.
    """

    ids: Sequence[str]
    vectors: np.ndarray
    labels: np.ndarray
    mean_lyrics: np.ndarray
    clusters: Sequence[Mapping[str, Any]]


def write_package(folder: Path, recipe: Recipe, known: KnownTracks) -> None:
    """Write ``recipe.json`` and ``known.npz`` beside a saved model; plain values and arrays alone."""
    write_json(folder / RECIPE, {**recipe.model_dump(mode="json"), "clusters": list(known.clusters)})
    arrays = {"ids": np.asarray(known.ids, dtype=np.str_), "vectors": known.vectors}
    write_arrays(folder / KNOWN, arrays | {"labels": known.labels, "mean_lyrics": known.mean_lyrics})


def read_package(folder: Path) -> tuple[Recipe, KnownTracks]:
    """Read what `write_package` wrote."""
    content = read_json(folder / RECIPE)
    clusters = content.pop("clusters")
    with np.load(folder / KNOWN, allow_pickle=False) as arrays:
        known = KnownTracks(
            arrays["ids"].tolist(), arrays["vectors"], arrays["labels"], arrays["mean_lyrics"], clusters
        )
    return Recipe.model_validate(content), known
