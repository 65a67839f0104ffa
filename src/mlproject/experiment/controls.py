"""What a gain could come from instead: the same task with one thing taken away, permuted or replaced.

A gain that survives its control was not made by what the control removed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, cross_val_predict

from mlproject.config import PrincipalComponentsConfig, TaskConfig
from mlproject.experiment.design_matrix import Design
from mlproject.features.blocks import HAS_LYRICS, Block, DesignMatrix
from mlproject.models.factory import encoded_blocks
from mlproject.models.pca import PrincipalComponents

__all__ = ["Control", "controls_of", "probe_partition"]

# A step of this size leaves float32 weights as they were drawn.
NO_STEP = 1e-12

Fit = Callable[[TaskConfig, Design], np.ndarray]


@dataclass(frozen=True)
class Control:
    """One control of a task.

    Attributes
    ----------
    name : str
    meaning : str
        What it means if the gain survives.
    vectors : callable
        Takes a way to fit a task to a design, and a random generator; returns vectors to cluster.
    """

    name: str
    meaning: str
    vectors: Callable[[Fit, np.random.Generator], np.ndarray]


def controls_of(task: TaskConfig, design: Design, genres: np.ndarray) -> list[Control]:
    """Return the controls that apply to a task.

    Parameters
    ----------
    task : TaskConfig
    design : Design
    genres : ndarray of shape (n_tracks,)
    """
    found = list(_of_the_model(task, design))
    sides = [name for name in ("lyrics", "genre") if name in design.matrix.columns]
    if sides:
        found += _of_the_side_information(task, design, sides)
    if "lyrics" in sides:
        found += _of_the_lyrics(task, design, genres)
    if "genre" in sides:
        found.append(_permuted(task, design, "genre", ["genre"], None, "the condition was not what helped"))
    return found


def probe_partition(
    vectors: np.ndarray, genres: np.ndarray, groups: np.ndarray | None, *, seed: int
) -> np.ndarray | None:
    """Predict each track's genre from the other folds': a supervised ceiling, scored as if it were a partition.

    Parameters
    ----------
    vectors : ndarray of shape (n_tracks, n_columns)
    genres : ndarray of shape (n_tracks,)
    groups : ndarray of shape (n_tracks,) or None
        Artist of each track, kept within one fold.
    seed : int

    Returns
    -------
    ndarray of shape (n_tracks,), or None
        Predicted genres of a logistic regression, five folds, fewer for rare genres or few artists; None where the
        other folds cannot teach two genres. All axes are divided by one number, so that distances keep the proportions
        that the clusterer saw.
    """
    folds = _folds(genres, groups, seed)
    if not folds or any(len(np.unique(genres[train])) < 2 for train, _ in folds):
        return None
    probe = LogisticRegression(max_iter=2000)
    return np.asarray(cross_val_predict(probe, _at_unit_scale(vectors), genres, cv=folds))


def _at_unit_scale(vectors: np.ndarray) -> np.ndarray:
    """Centre vectors and bring their columns to a variance of 1 on average.

    A scale for each column would make all of n points in n - 1 dimensions equally far apart, which leaves chance.
    """
    values = vectors.astype(np.float64)
    centred = values - values.mean(axis=0)
    return np.asarray(centred / (np.sqrt(np.mean(centred**2)) or 1.0))


def _folds(genres: np.ndarray, groups: np.ndarray | None, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Split tracks in folds of like genres, an artist in one fold; empty where there are no two folds."""
    n_splits = int(min(5, np.unique(genres, return_counts=True)[1].min()))
    kind = StratifiedKFold
    if groups is not None:
        n_splits, kind = min(n_splits, len(np.unique(groups))), StratifiedGroupKFold
    if n_splits < 2:
        return []
    return list(kind(n_splits, shuffle=True, random_state=seed).split(genres, genres, groups))


def _of_the_model(task: TaskConfig, design: Design) -> Iterator[Control]:
    if task.model.name == "pca":
        return
    start, end = design.matrix.columns["audio"]
    size = min(task.model.latent_dim, end - start, len(design.matrix.values))
    pca = PrincipalComponentsConfig(latent_dim=size, lyrics_dim=task.model.lyrics_dim)
    linear = task.model_copy(update={"model": pca})
    reaching = _reaching(task, design)
    yield Control("PCA on the same blocks", "the input made it, not the model", lambda fit, _: fit(linear, reaching))
    if task.model.name == "deep":
        ranked = task.model_copy(update={"model": pca.model_copy(update={"scaling": "normal_scores"})})
        yield Control("PCA of their normal scores", "the scaling made it", lambda fit, _: fit(ranked, design))
    fields = type(task.model).model_fields
    if {"epochs", "learning_rate"} <= fields.keys() and getattr(task.model, "n_encoders", True):
        still = task.model.model_copy(update={"epochs": 1, "learning_rate": NO_STEP})
        raw = task.model_copy(update={"model": still})
        yield Control("untrained encoder", "the training added nothing", lambda fit, _: fit(raw, design))


def _of_the_side_information(task: TaskConfig, design: Design, sides: list[str]) -> Iterator[Control]:
    def alone(_: Fit, __: np.random.Generator) -> np.ndarray:
        parts = [_columns(design, name) for name in sides]
        if "lyrics" in sides:
            size = min(task.model.lyrics_dim, *parts[0].shape)
            parts[0] = PrincipalComponents(size).fit_transform(parts[0])
        return np.hstack([part / (np.sqrt(part.var(axis=0).sum()) or 1) for part in parts]).astype(np.float32)

    def deaf(fit: Fit, rng: np.random.Generator) -> np.ndarray:
        audio = _columns(design, "audio")
        noise = rng.standard_normal(audio.shape, dtype=np.float32) * audio.std(axis=0) + audio.mean(axis=0)
        return fit(task, _with(design, "audio", noise))

    yield Control("side information alone", "the music was not needed", alone)
    yield Control("audio replaced by noise", "the music was not needed", deaf)


def _of_the_lyrics(task: TaskConfig, design: Design, genres: np.ndarray) -> Iterator[Control]:
    words = [name for name in ("lyrics", HAS_LYRICS) if name in design.matrix.columns]
    yield _permuted(task, design, "lyrics", words, None, "the words were not what helped")
    yield _permuted(task, design, "lyrics", words, genres, "the words told the genre, not the song")
    if HAS_LYRICS in words:
        mask = _columns(design, HAS_LYRICS)
        yield Control("who has words, alone", "having words told the genre", lambda _, __: mask)


def _permuted(
    task: TaskConfig, design: Design, what: str, names: list[str], within: np.ndarray | None, meaning: str
) -> Control:
    """Deal out blocks to other tracks, of the same genre if genres are given."""

    def vectors(fit: Fit, rng: np.random.Generator) -> np.ndarray:
        kinds = np.zeros(len(design.matrix.values)) if within is None else within
        order = np.empty(len(kinds), dtype=np.intp)
        for one in np.unique(kinds):
            members = np.flatnonzero(kinds == one)
            order[members] = rng.permutation(members)
        other = design
        for name in names:
            other = _with(other, name, _columns(design, name)[order])
        return fit(task, other)

    return Control(f"{what} permuted {'across tracks' if within is None else 'within genre'}", meaning, vectors)


def _reaching(task: TaskConfig, design: Design) -> Design:
    """Leave a condition out that the model keeps out of its vector: PCA would join it."""
    if "genre" not in encoded_blocks(task.model.name) or "genre" not in design.matrix.columns:
        return design
    kept = [name for name in design.matrix.columns if name != "genre"]
    derived = design.matrix.label_derived
    blocks = [Block(name, _columns(design, name), name in derived) for name in kept]
    return design._replace(matrix=DesignMatrix.join(blocks))


def _columns(design: Design, name: str) -> np.ndarray:
    start, end = design.matrix.columns[name]
    return design.matrix.values[:, start:end]


def _with(design: Design, name: str, values: np.ndarray) -> Design:
    start, end = design.matrix.columns[name]
    changed = design.matrix.values.copy()
    changed[:, start:end] = values
    return design._replace(matrix=replace(design.matrix, values=changed))
