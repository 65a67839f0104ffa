"""A configuration -> the corpus that it names."""

from pathlib import Path

from mlproject.config.data import DataConfig
from mlproject.corpus.archives import open_contents
from mlproject.corpus.feature_table import FeatureTable
from mlproject.corpus.tracks import AudioCorpus
from mlproject.errors import CorpusNotFoundError

__all__ = ["open_corpus"]


def open_corpus(config: DataConfig, *, checksum_cache: Path | None = None) -> AudioCorpus | FeatureTable:
    """Open the corpus that a configuration names; `checksum_cache` remembers checksums of unchanged files.

    Raises
    ------
    CorpusNotFoundError
        If `root` is not set or not there.
    """
    from mlproject.corpus.demo.corpus import Demo
    from mlproject.corpus.folder import MusicFolder
    from mlproject.corpus.gtzan import HOW_TO_GET_GTZAN, Gtzan

    labelled = config.labels != "none"
    if config.corpus == "demo":
        return Demo(labelled=labelled)
    if config.root is None:
        how = f"; {HOW_TO_GET_GTZAN}" if config.corpus == "gtzan" else ""
        raise CorpusNotFoundError(
            f"corpus is {config.corpus!r} and root is null; set root in conf/data.yaml or MLPROJECT_ROOT{how}"
        )
    root = Path(config.root).expanduser()
    if config.corpus == "table":
        return FeatureTable(root, labelled=labelled, label_column=config.label_column)
    contents = open_contents(root, checksum_cache=checksum_cache)
    if config.corpus == "gtzan":
        return Gtzan(contents, labelled=labelled)
    return MusicFolder(contents, labels=config.labels)
