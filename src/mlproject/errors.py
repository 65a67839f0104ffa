"""Every error that this project raises on purpose: one root, and each leaf is also the builtin that people catch.

The message is one line: what came, what was needed, what to do.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Self


class MlprojectError(Exception):
    """Root of the project's own errors; a command shows its message alone and ends with status 2."""


class ConfigError(MlprojectError, ValueError):
    """A configuration key or value that cannot be right."""


class CorpusNotFoundError(MlprojectError, FileNotFoundError):
    """No music where the configuration points."""


class ArchiveError(MlprojectError, ValueError):
    """An archive that cannot be read safely."""


class TrackDecodeError(MlprojectError, ValueError):
    """One track whose audio cannot be used."""


class TextSourceError(MlprojectError, ValueError):
    """A lyric file or a text model that cannot be used."""


class NotApplicableError(MlprojectError, ValueError):
    """A task that needs an input which the corpus lacks."""


class TooFewTracksError(MlprojectError, ValueError):
    """Fewer tracks than a model or a clusterer needs."""

    @classmethod
    def for_clusters(cls, n_tracks: int, needed: int) -> Self:
        """Say how many usable tracks there are and how many are needed for two clusters."""
        return cls(f"usable tracks: {n_tracks}, which is too few; {needed} make two clusters of two, so add music")


class ResultError(MlprojectError, ValueError):
    """A folder of results that is damaged: a file is missing, broken or has other fields."""


class OutdatedResultError(ResultError, ValueError):
    """A result that another version of the project has written."""


class DamagedFileError(MlprojectError, ValueError):
    """A file of the project's own that is half-written or holds something else."""

    @classmethod
    def of(cls, path: object, reason: object) -> Self:
        """Name the file, and say what to do."""
        said = f"damaged ({' '.join(str(reason).split()) or type(reason).__name__})"
        said = "missing" if isinstance(reason, FileNotFoundError) else said
        return cls(f"{path} is {said}; restore it, or delete it and run the command again that wrote it")


class TrainingError(MlprojectError, ArithmeticError):
    """A training that left the finite numbers."""

    @classmethod
    def diverged(cls, epoch: int, learning_rate: float) -> Self:
        """Say when it happened, and what to lower."""
        return cls(
            f"the training left the finite numbers in epoch {epoch}; lower learning_rate (now {learning_rate:g})"
        )


class StoreError(MlprojectError, OSError):
    """A tracking store, or a study's storage, that cannot be opened."""


class StudyChangedError(MlprojectError, ValueError):
    """A study that is to go on with other settings than it was started with."""


class StageError(MlprojectError, RuntimeError):
    """A stage of the pipeline that did not end."""


class FigureWarning(UserWarning):
    """A figure that could not be drawn; the result that it was to show is kept."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Name what would have been right, the spelling nearest to `word` first if there is one.

    Such as ``"did you mean 'medium'? Known: easy, medium"``.
    """
    options = sorted(known)
    last = {option.rsplit(".", 1)[-1]: option for option in options}
    near = get_close_matches(word, options, n=1, cutoff=0.6)
    near = near or [last[leaf] for leaf in get_close_matches(word, list(last), n=1, cutoff=0.6)]
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"{hint}Known: {', '.join(options)}"
