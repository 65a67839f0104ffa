"""New music -> the clusters of a trained task, as a table or as playlists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from mlproject.corpus.folder import AUDIO_SUFFIXES
from mlproject.errors import ConfigError, CorpusNotFoundError
from mlproject.files import appending, write_text
from mlproject.prediction.predictor import NewTrack, Prediction, Predictor, predict_all
from mlproject.workspace.console import log, progress_bar
from mlproject.workspace.paths import Workspace

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion

__all__ = ["audio_files", "place", "predict_tracks", "write_playlists"]

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
    paths = audio_files(source)
    version, predictor = load_predictor(workspace, model)
    bar = progress_bar("placing", len(paths), unit=" tracks")
    table = place(output, bar(predict_all(predictor, new_tracks(paths))))
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


def audio_files(root: Path) -> list[Path]:
    """List the audio in a folder, or one file."""
    if not root.exists():
        raise CorpusNotFoundError(f"input={str(root)!r} is not there; give a folder of music or one file")
    if not root.is_dir():
        return [root]
    paths = sorted(path for path in root.rglob("*") if path.suffix.lower() in AUDIO_SUFFIXES)
    if not paths:
        raise CorpusNotFoundError(f"no audio in {str(root)!r}; looked for {', '.join(sorted(AUDIO_SUFFIXES))}")
    return paths


def new_tracks(paths: Sequence[Path]) -> Iterator[NewTrack]:
    """Return audio files with the texts beside them."""
    for path in paths:
        text = path.with_suffix(".txt")
        words = text.read_text(errors="replace").strip() if text.is_file() else ""
        yield NewTrack(str(path.absolute()), path, words or None)


def load_predictor(workspace: Workspace, reference: str | None) -> tuple[ModelVersion, Predictor]:
    """Load a registered model, by default the champion, and say which it is."""
    from mlproject.tracking.registry.loading import load_registered
    from mlproject.tracking.store import ensure_store

    version, predictor = load_registered(ensure_store(workspace.root, log=log), reference)
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
    """Write a playlist for each cluster, the tracks that are surest of it first."""
    written = []
    for (cluster, name), rows in table[table.error.isna()].groupby(["cluster", "name"]):
        path = output.with_name(f"{output.stem} {cluster} {_plain(str(name))}{output.suffix}")
        ordered = rows.sort_values("confidence", ascending=False, kind="stable").track
        write_text(path, "\n".join(["#EXTM3U", f"#PLAYLIST:{name}", *ordered]) + "\n")
        written.append(path)
    return written


def _plain(name: str) -> str:
    """Keep what every file system takes in a name."""
    return "".join(letter if letter.isalnum() or letter in " ,-()" else " " for letter in name).strip()


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
