"""What a gain could come from instead: the same task with one thing taken away, permuted or replaced.

A gain that survives its control was not made by what the control removed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from mlproject.config.models import PrincipalComponentsConfig
from mlproject.config.tasks import TaskConfig
from mlproject.experiment.design_matrix import Design
from mlproject.features.blocks import HAS_LYRICS, Block, DesignMatrix
from mlproject.models.factory import encoder_class
from mlproject.models.pca import PrincipalComponents
from mlproject.models.scaling import root_total_variance

__all__ = ["Control", "controls_of"]

# A step of this size leaves float32 weights as they were drawn.
NO_STEP = 1e-12

Fit = Callable[[TaskConfig, Design], np.ndarray]


@dataclass(frozen=True)
class Control:
    """One control of a task."""

    name: str
    meaning: str  # what it means if the gain survives
    # Takes a way to fit a task to a design, and a random generator; returns the latent to cluster.
    latent: Callable[[Fit, np.random.Generator], np.ndarray]


def controls_of(task: TaskConfig, design: Design, genres: np.ndarray) -> list[Control]:
    """Return the controls that apply to a task; `genres` have shape (n_tracks,)."""
    controls = list(_of_the_model(task, design))
    side_blocks = [name for name in ("lyrics", "genre") if name in design.matrix.columns]
    if side_blocks:
        controls += _of_the_side_information(task, design, side_blocks)
    if "lyrics" in side_blocks:
        controls += _of_the_lyrics(task, design, genres)
    if "genre" in side_blocks:
        controls.append(_permuted(task, design, "genre", ["genre"], None, "the condition was not what helped"))
    return controls


LINEAR_CONTROLS = {
    "zscores": ("PCA on the same blocks", "the input made it, not the model"),
    "quantile": ("PCA of the quantile-normalised columns", "the scaling made it"),
}


def _of_the_model(task: TaskConfig, design: Design) -> Iterator[Control]:
    encoder = encoder_class(task.model.name)
    for scaling in encoder.linear_counterparts:
        linear = _linear_counterpart(task, design, scaling)
        name, meaning = LINEAR_CONTROLS[scaling]
        yield Control(name, meaning, partial(_fit_on, linear, _reaching(task, design)))
    if encoder.trains:
        untrained = task.model.model_copy(update={"epochs": 1, "learning_rate": NO_STEP})
        raw = task.model_copy(update={"model": untrained})
        yield Control("untrained encoder", "the training added nothing", partial(_fit_on, raw, design))


def _fit_on(task: TaskConfig, design: Design, fit: Fit, _: np.random.Generator) -> np.ndarray:
    return fit(task, design)


def _linear_counterpart(task: TaskConfig, design: Design, scaling: str) -> TaskConfig:
    """Return the task with as many principal components in place of its encoder."""
    assert task.model.latent_dim is not None
    # PCA has at most as many components as columns and as tracks.
    size = min(task.model.latent_dim, *design.matrix.block("audio").shape)
    values = {"name": "pca", "latent_dim": size, "scaling": scaling, "lyrics_dim": task.model.lyrics_dim}
    return task.model_copy(update={"model": PrincipalComponentsConfig.model_validate(values)})


def _of_the_side_information(task: TaskConfig, design: Design, side_blocks: list[str]) -> Iterator[Control]:
    def alone(_: Fit, __: np.random.Generator) -> np.ndarray:
        parts = [design.matrix.block(name) for name in side_blocks]
        if "lyrics" in side_blocks:
            size = min(task.model.lyrics_dim, *parts[0].shape)
            parts[0] = PrincipalComponents(size).fit_transform(parts[0])
        # Each part gets a total variance of 1, so that all weigh the same in a distance.
        return np.hstack([part / root_total_variance(part) for part in parts]).astype(np.float32)

    def deaf(fit: Fit, rng: np.random.Generator) -> np.ndarray:
        audio = design.matrix.block("audio")
        # Gaussian noise with the mean and deviation of each column, so that scales and weights stay.
        noise = rng.standard_normal(audio.shape, dtype=np.float32) * audio.std(axis=0) + audio.mean(axis=0)
        return fit(task, _with(design, "audio", noise))

    yield Control("side information alone", "the music was not needed", alone)
    yield Control("audio replaced by noise", "the music was not needed", deaf)


def _of_the_lyrics(task: TaskConfig, design: Design, genres: np.ndarray) -> Iterator[Control]:
    words = [name for name in ("lyrics", HAS_LYRICS) if name in design.matrix.columns]
    yield _permuted(task, design, "lyrics", words, None, "the words were not what helped")
    yield _permuted(task, design, "lyrics", words, genres, "the words gave away the genre, not the song")
    if HAS_LYRICS in words:
        mask = design.matrix.block(HAS_LYRICS)
        yield Control("who has words, alone", "having words gave away the genre", lambda _, __: mask)


def _permuted(
    task: TaskConfig, design: Design, what: str, names: list[str], within: np.ndarray | None, meaning: str
) -> Control:
    """Permute blocks across tracks, within each genre if genres are given; several blocks move together."""

    def latent(fit: Fit, rng: np.random.Generator) -> np.ndarray:
        strata = np.zeros(len(design.matrix.values)) if within is None else within
        # order[i] is the track whose words or genre track i gets; it is of the same stratum.
        order = np.empty(len(strata), dtype=np.intp)
        for stratum in np.unique(strata):
            members = np.flatnonzero(strata == stratum)
            order[members] = rng.permutation(members)
        permuted = design
        for name in names:
            permuted = _with(permuted, name, design.matrix.block(name)[order])
        return fit(task, permuted)

    return Control(f"{what} permuted {'across tracks' if within is None else 'within genre'}", meaning, latent)


def _reaching(task: TaskConfig, design: Design) -> Design:
    """Leave out a condition that the encoder keeps out of its latent: PCA would join it."""
    if "genre" not in encoder_class(task.model.name).encodes or "genre" not in design.matrix.columns:
        return design
    matrix = design.matrix
    names = [name for name in matrix.columns if name != "genre"]
    blocks = [Block(name, matrix.block(name), name in matrix.label_derived) for name in names]
    return design._replace(matrix=DesignMatrix.join(blocks))


def _with(design: Design, name: str, values: np.ndarray) -> Design:
    start, end = design.matrix.columns[name]
    changed = design.matrix.values.copy()
    changed[:, start:end] = values
    return design._replace(matrix=replace(design.matrix, values=changed))
