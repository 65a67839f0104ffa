"""Features and labels of a corpus -> the design matrix that a task file describes.

This is the one place where labels become columns, and where each block learns whether it is derived from them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from mlproject.config.tasks import BlocksConfig
from mlproject.errors import NotApplicableError
from mlproject.features.blocks import HAS_LYRICS, Block, DesignMatrix
from mlproject.models.row_space import is_wide, row_space
from mlproject.models.scaling import column_statistics, optional_columns

__all__ = [
    "Design",
    "TaskInputs",
    "TextVectors",
    "block_widths",
    "build_design",
    "require_inputs",
    "rotated",
    "usable_rows",
]


@dataclass(frozen=True)
class TextVectors:
    """Encoded texts and how they belong to tracks."""

    vectors: np.ndarray  # (n_texts, n_dimensions): float32
    row_by_track: np.ndarray | None = None  # (n_tracks,) or None: row of each track's text, -1 where it has none
    row_by_genre: Mapping[str, int] | None = None  # row of each genre's text; such texts are a function of the label


@dataclass(frozen=True)
class TaskInputs:
    """All that tasks can read of a corpus, rows in one order."""

    # (n_tracks, n_mfcc, n_frames) or None: float32, dB; NaN for a track that is too short. None for a corpus without
    # frames, a feature table.
    mfcc: np.ndarray | None
    statistics: np.ndarray  # (n_tracks, n_statistics): float32
    texts: TextVectors | None
    genres: np.ndarray | None  # (n_tracks,); None for a corpus without labels
    # (n_tracks,): group of tracks that are drawn together; a track whose artist is not known has a group of its own.
    # None where no artist is known.
    artists: np.ndarray | None = None
    # (n_tracks,): tracks with a known fault that are in use all the same; None where no fault is known.
    faulty: np.ndarray | None = None

    @property
    def n_tracks(self) -> int:
        """Number of tracks."""
        return len(self.statistics)


class Design(NamedTuple):
    """A design matrix, what is known of its blocks beside their columns, and where they came from."""

    matrix: DesignMatrix
    lyrics_coverage: float | None = None  # share of the tracks that have words, in [0, 1]; None without lyrics
    frame_shape: tuple[int, int] | None = None  # (n_mfcc, n_frames) where the audio block is flattened frames
    # Of an audio block that is z-scored and rotated onto its row space already; see `rotated`.
    rotation_scale: float | None = None
    # (n_more, n_columns) or None: float32; tracks that train the model and are not scored, since the baseline cannot
    # use them.
    more: np.ndarray | None = None

    @property
    def training_rows(self) -> np.ndarray:
        """Rows that a model is fitted to, float32 of shape (n_tracks + n_more, n_columns)."""
        values = self.matrix.values
        return values if self.more is None else np.concatenate([values, self.more])

    def mean_lyrics(self) -> np.ndarray:
        """Return where a track without words stands, float32 of shape (n_dimensions,); empty without lyrics."""
        lyrics = optional_columns(self.matrix.values, self.matrix.columns, "lyrics")
        return np.asarray(lyrics.mean(axis=0, dtype=np.float64), dtype=np.float32)


def usable_rows(config: BlocksConfig, inputs: TaskInputs) -> np.ndarray:
    """Return the rows of the corpus that have the task's audio feature, ascending."""
    return np.flatnonzero(np.isfinite(_audio(config, inputs)).all(axis=1))


def block_widths(config: BlocksConfig, inputs: TaskInputs) -> dict[str, int]:
    """Map the blocks that are measured, audio and lyrics, to their numbers of columns."""
    widths = {"audio": _audio(config, inputs).shape[1]}
    if config.lyrics and inputs.texts is not None:
        widths["lyrics"] = inputs.texts.vectors.shape[1]
    return widths


def require_inputs(config: BlocksConfig, inputs: TaskInputs) -> None:
    """Raise `NotApplicableError` if the corpus lacks an input that the task names."""
    if config.lyrics:
        _lyrics(inputs, usable_rows(config, inputs))
    if config.genre:
        _genres(inputs, "a genre condition")


def build_design(config: BlocksConfig, inputs: TaskInputs, rows: np.ndarray) -> Design:
    """Build the design matrix of a task from some rows of the corpus, of `usable_rows`, shape (n_tracks,).

    The task's other usable rows train it too, unless it reads more than audio: what lyrics and genres did is found
    out by permuting them among the scored tracks.

    Raises
    ------
    NotApplicableError
        If the corpus lacks an input that the task names.
    """
    audio = _audio(config, inputs)
    # With all rows in use the corpus's own matrix is taken: indexing would copy its 25,840 columns.
    blocks, coverage = [Block("audio", audio if len(rows) == len(audio) else audio[rows])], None
    if config.lyrics:
        block, known = _lyrics(inputs, rows)
        blocks.append(block)
        if not known.all():  # a constant column would say nothing
            blocks.append(Block(HAS_LYRICS, known.astype(np.float32)[:, None], block.label_derived))
        coverage = float(known.mean())
    if config.genre:
        blocks.append(Block("genre", one_hot(_genres(inputs, "a genre condition")[rows]), label_derived=True))
    shape = inputs.mfcc.shape[1:] if config.audio == "mfcc" and inputs.mfcc is not None else None
    more = None
    if not (config.lyrics or config.genre) and len(others := np.setdiff1d(usable_rows(config, inputs), rows)):
        more = audio[others]
    return Design(DesignMatrix.join(blocks), coverage, shape, more=more)


def rotated(design: Design) -> Design:
    """Do once what each training on wide audio would do first: z-score it and rotate it onto its row space.

    A latent that is fitted to it is that of the original columns up to rounding. An audio block that is not wide is
    left as it is.
    """
    start, end = design.matrix.columns["audio"]
    audio, n_tracks = design.training_rows[:, start:end], len(design.matrix.values)
    if not is_wide(audio):
        return design
    mean, scale = column_statistics(audio)
    standardised = (audio - mean) / scale
    space = row_space(standardised)
    turned = space.rotate(standardised)
    blocks = {name: design.matrix.block(name) for name in design.matrix.columns} | {"audio": turned[:n_tracks]}
    joined = DesignMatrix.join([Block(name, values) for name, values in blocks.items()])
    # What a block is derived from does not change with its basis.
    matrix = replace(joined, label_derived=design.matrix.label_derived)
    more = None if design.more is None else turned[n_tracks:]
    return design._replace(matrix=matrix, frame_shape=None, rotation_scale=space.scale, more=more)


def one_hot(genres: np.ndarray) -> np.ndarray:
    """Return float32 indicators of shape (n_tracks, n_genres), genres in order of their names."""
    indicators: np.ndarray = genres[:, None] == np.unique(genres)[None, :]
    return indicators.astype(np.float32)


def _audio(config: BlocksConfig, inputs: TaskInputs) -> np.ndarray:
    if config.audio == "statistics":
        return inputs.statistics
    if inputs.mfcc is None:
        raise NotApplicableError("the task needs MFCC frames, and a feature table has none")
    # (n_tracks, n_mfcc, n_frames) -> (n_tracks, n_mfcc * n_frames), coefficient by coefficient
    return inputs.mfcc.reshape(len(inputs.mfcc), -1)


def _genres(inputs: TaskInputs, purpose: str) -> np.ndarray:
    if inputs.genres is None:
        raise NotApplicableError(f"the task needs {purpose}, and the corpus has no labels")
    return inputs.genres


def _lyrics(inputs: TaskInputs, rows: np.ndarray) -> tuple[Block, np.ndarray]:
    texts = inputs.texts
    if texts is None:
        raise NotApplicableError("the task needs lyrics, and the corpus has none (lyrics.source in conf/features.yaml)")
    by_genre = texts.row_by_genre
    if by_genre is not None:
        text_row = np.array([by_genre.get(genre, -1) for genre in _genres(inputs, "the themes of a genre")])[rows]
    else:
        assert texts.row_by_track is not None
        text_row = texts.row_by_track[rows]
    known = text_row >= 0
    if not known.any():
        raise NotApplicableError(
            "the task needs lyrics, and none of the tracks has any (lyrics.source in conf/features.yaml)"
        )
    # A track without words stands at the mean of those with words: it says nothing about them.
    values = np.tile(texts.vectors[text_row[known]].mean(axis=0, dtype=np.float64).astype(np.float32), (len(rows), 1))
    values[known] = texts.vectors[text_row[known]]
    return Block("lyrics", values, label_derived=by_genre is not None), known
