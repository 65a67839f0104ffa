"""Tracks of music: where they lie, which of them are used, and how they sound.

`tracks` says what a corpus is; `gtzan`, `folder` and `demo` are the kinds of it that hold audio, `table` the one that
holds features; `archives` opens packed ones, `reading` users' tables. `sampling` chooses tracks, `decoding` checks and
reads their audio, `texts` gathers their words, `artists` who made them.
"""

from __future__ import annotations

from pathlib import Path

from mlproject.config import DataConfig
from mlproject.corpus.archives import open_contents
from mlproject.corpus.feature_table import FeatureTable
from mlproject.corpus.tracks import AudioCorpus, Corpus, Track
from mlproject.errors import CorpusNotFoundError

__all__ = ["AudioCorpus", "Corpus", "FeatureTable", "Track", "open_corpus"]


def open_corpus(config: DataConfig, *, checksum_cache: Path | None = None) -> AudioCorpus | FeatureTable:
    """Open the corpus that a configuration names.

    Parameters
    ----------
    config : DataConfig
    checksum_cache : Path, optional
        Where checksums of unchanged files are remembered.

    Raises
    ------
    CorpusNotFoundError
        If `root` is not set or not there.
    """
    from mlproject.corpus.demo.corpus import Demo
    from mlproject.corpus.folder import MusicFolder
    from mlproject.corpus.gtzan import HOW_TO_GET_GTZAN, Gtzan

    if config.corpus == "demo":
        return Demo()
    if config.root is None:
        how = f"; {HOW_TO_GET_GTZAN}" if config.corpus == "gtzan" else ""
        raise CorpusNotFoundError(
            f"corpus is {config.corpus!r} and root is null; set root in conf/data.yaml or MLPROJECT_ROOT{how}"
        )
    root = Path(config.root).expanduser()
    if config.corpus == "table":
        return FeatureTable(root, labelled=config.labelled)
    contents = open_contents(root, checksum_cache=checksum_cache)
    return Gtzan(contents) if config.corpus == "gtzan" else MusicFolder(contents, labelled=config.labelled)
