"""Where the files of one checkout lie."""

from dataclasses import dataclass
from pathlib import Path

__all__ = ["Workspace"]


class Below:
    """A path below the root of a workspace."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, workspace: "Workspace", _: object = None) -> Path:
        """Return the path in one workspace."""
        return workspace.root / self.name


@dataclass(frozen=True)
class Workspace:
    """Paths of one checkout. Two workspaces in one process do not know of each other."""

    root: Path  # what a user gives as a relative path is relative to it

    conf = Below("conf")
    # What the stage `source` lists: tracks, who made them, the user's own lyrics, and the models that encode texts.
    source = Below("data/source.csv")
    artists = Below("data/artists.csv")
    lyrics_table = Below("data/lyrics.csv")
    text_models = Below("data/text_models.json")
    # What the stage `prepare` writes. Labels are a file of their own.
    subset = Below("data/subset")
    tracks = Below("data/tracks.parquet")
    labels = Below("data/labels.parquet")
    rejected = Below("data/rejected.csv")
    texts = Below("data/texts.parquet")
    corpus = Below("data/corpus.json")
    # Folders of features.
    audio = Below("artifacts/features/audio")
    lyrics = Below("artifacts/features/lyrics")
    # Folders of results, with one folder per task or study.
    tasks = Below("artifacts/tasks")
    evaluations = Below("artifacts/evaluation")
    comparison = Below("artifacts/comparison")
    studies = Below("artifacts/studies")
    pending = Below("artifacts/pending")  # results that have no run yet
    # Folders of what DVC shows as metrics and as plots, with one file per task.
    metrics = Below("artifacts/metrics")
    losses = Below("artifacts/loss")
    # What can be computed again, and what each result took.
    cache = Below(".cache")
    measured = Below(".cache/measured")

    lock = Below("dvc.lock")
    requirements = Below("requirements.txt")
