"""New music -> the clusters of a trained task, as a table or as playlists."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from mlproject.corpus.audio_stream import AUDIO_SUFFIXES
from mlproject.corpus.contents import Memory, is_unicode, shown
from mlproject.corpus.file_tree import FileTree
from mlproject.corpus.folder import MusicFolder
from mlproject.corpus.texts import as_joined
from mlproject.errors import ConfigError, CorpusNotFoundError
from mlproject.files import appending, write_text
from mlproject.prediction.predictor import NewTrack, Prediction, Predictor, predict_all
from mlproject.workspace.console import log, progress_bar
from mlproject.workspace.dvc import data_hash
from mlproject.workspace.paths import Workspace

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion

__all__ = ["new_tracks", "place", "predict_tracks", "write_playlists"]

PLAYLISTS, TABLES = (".m3u", ".m3u8"), (".csv", ".parquet")
TYPES = dict.fromkeys(Prediction._fields, "str") | {"cluster": "Int64", "distance": "float64", "confidence": "float64"}


def predict_tracks(workspace: Workspace, source: Path, output: Path, *, model: str | None = None) -> None:
    """Place the music of a folder, or one file, and say how many tracks went where.

    The suffix of `output` says whether a table or playlists are written. `model` is a version, alias, run or task of
    the registered model; default: the champion, or the baseline. Raises `ConfigError` if the suffix is none that is
    known, or there is no such model; `CorpusNotFoundError` if there is no audio.
    """
    if output.suffix not in PLAYLISTS + TABLES:
        raise ConfigError(f"output={str(output)!r}; expected a name that ends in {', '.join(TABLES + PLAYLISTS)}")
    if output.is_dir():
        raise ConfigError(f"output={str(output)!r} is a folder; give the name of a file")
    output.parent.mkdir(parents=True, exist_ok=True)  # what cannot be written is said before the work
    tracks, notes = new_tracks(source)
    for note in notes:
        log(note)
    version, predictor = load_predictor(workspace, model)
    bar = progress_bar("placing", len(tracks), unit=" tracks")
    table = place(output, bar(predict_all(predictor, tracks)))
    written = write_playlists(output, table) if output.suffix in PLAYLISTS else [output]
    name_run(version, table)
    summarise(table, written)


def place(output: Path, predictions: Iterable[Prediction]) -> pd.DataFrame:
    """Write predictions, if a table is asked for, as they come; return them all."""
    rows = []
    with appending(output, TYPES) if output.suffix in TABLES else nullcontext(lambda _: None) as append:
        for prediction in predictions:
            append(prediction)
            rows.append(prediction)
    return pd.DataFrame(rows, columns=list(TYPES)).astype(TYPES)


def new_tracks(root: Path) -> tuple[list[NewTrack], list[str]]:
    """List the audio in a folder, found and read as that of a corpus is, or one file; and notes, a line each."""
    if not root.exists():
        raise CorpusNotFoundError(f"input={str(root)!r} is not there; give a folder of music or one file")
    alone, folder = not root.is_dir(), (root if root.is_dir() else root.parent).absolute()
    if alone and (root.suffix.lower() not in AUDIO_SUFFIXES or root.name.startswith(".") or not is_unicode(root.name)):
        return [NewTrack(shown(root.absolute()), root)], []
    corpus = MusicFolder(FileTree(folder, Memory(None), deep=not alone), labels="none")
    tracks = [track for track in corpus.tracks() if not alone or as_joined(track.name) == as_joined(root.name)]
    words = corpus.words(tracks)
    found = [
        NewTrack(shown(folder / track.name), folder / track.name, words.by_track.get(track.track_id), track.unusable)
        for track in tracks
    ]
    return found, [*([] if alone else corpus.notes()), *words.refused.values(), *words.notes]


def load_predictor(workspace: Workspace, reference: str | None) -> tuple[ModelVersion, Predictor]:
    """Load a registered model, by default the champion or newest of the present data, and say which it is."""
    from mlproject.tracking.registry.loading import load_registered
    from mlproject.tracking.store import ensure_store

    uri = ensure_store(workspace.root, log=log)
    version, predictor = load_registered(uri, reference, data=data_hash(workspace))
    corpus = version.tags["corpus"]
    warning = "; synthetic: its clusters say nothing about music" if corpus == "demo" else ""
    log(f"model: version {version.version}, {version.tags['task']}, trained on the {corpus} corpus{warning}")
    return version, predictor


def name_run(version: ModelVersion, table: pd.DataFrame) -> None:
    """Say on the run of `mlflow run`, which logs nothing else, which model placed how many tracks."""
    from mlproject.tracking.runs import name_started_run

    counts = {"tracks": str(len(table)), "not_placed": str(int(table.error.notna().sum()))}
    tags = {"kind": "prediction", "task": "predict", "model_version": str(version.version), **counts}
    name_started_run(f"predict {len(table)} tracks with version {version.version}", tags)


def write_playlists(output: Path, table: pd.DataFrame) -> list[Path]:
    """Write a playlist for each cluster, the tracks that are surest of it first; no line holds a line break."""
    broken = table.track.str.contains(r"[\r\n]")
    if broken.any():
        log(f"{broken.sum()} of {len(table)} names have a line break and are in no playlist; a table has them")
    written = []
    for (cluster, name), rows in table[table.error.isna() & ~broken].groupby(["cluster", "name"]):
        path = output.with_name(f"{output.stem} {cluster} {_plain(str(name))}{output.suffix}")
        ordered = rows.sort_values("confidence", ascending=False, kind="stable").track
        write_text(path, "\n".join(["#EXTM3U", f"#PLAYLIST:{' '.join(str(name).split())}", *ordered]) + "\n")
        written.append(path)
    return written


def _plain(name: str) -> str:
    """Keep what every file system takes in a name, and not more than it takes."""
    return "".join(letter if letter.isalnum() or letter in " ,-()" else " " for letter in name).strip()[:60]


def summarise(table: pd.DataFrame, written: Iterable[Path]) -> None:
    """Say where the tracks went, which could not be placed, and where to look."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(title=f"{len(table)} tracks", title_justify="left")
    for column in ("cluster", "name", "tracks", "mean confidence"):
        shown.add_column(column, justify="left" if column == "name" else "right")
    for (cluster, name), rows in table[table.error.isna()].groupby(["cluster", "name"]):
        shown.add_row(str(cluster), Text(str(name)), str(len(rows)), f"{rows.confidence.mean():.2f}")
    Console().print(shown)
    failed = table[table.error.notna()]
    for row in failed.head(10).itertuples():
        log(f"  {row.track}: {row.error}")
    if len(failed):
        log(f"{len(failed)} of {len(table)} tracks could not be placed; a table (.csv, .parquet) has every reason")
    if noted := int(table.note.notna().sum()):
        log(f"{noted} of {len(table)} tracks have no text beside them and were placed by their sound alone")
    for path in written:
        print(f"written: {path}")
