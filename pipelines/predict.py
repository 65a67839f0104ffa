"""Entry point `predict`: put new music into the clusters of a trained task.

mlflow run . -e predict -P input=FOLDER -P output=clusters.csv --env-manager local
python -m pipelines.predict input=~/new_music output=clusters.parquet model=champion
python -m pipelines.predict input=~/new_music output=playlists.m3u8          # one playlist a cluster

input   a folder (all audio in it), or one file; a text song.txt beside song.mp3 is its lyrics
output  .csv or .parquet, written as the answers come and there when all have come; or .m3u8: one playlist a cluster,
        its number and name added to the given name
model   version, alias, run or task of the registered model; default: champion, or baseline where there is none
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from mlproject.corpus.folder import AUDIO_SUFFIXES
from mlproject.errors import ConfigError, CorpusNotFoundError, did_you_mean
from mlproject.files import appending, write_text
from mlproject.prediction.predictor import NewTrack, Prediction, predict_all
from pipelines import _workspace as workspace
from pipelines._command import key_values, progress_bar, run_command, say, wants_help

KEYS = ("input", "output", "model")
PLAYLISTS, TABLES = (".m3u", ".m3u8"), (".csv", ".parquet")
TYPES = dict.fromkeys(Prediction._fields, "str") | {"cluster": "Int64", "distance": "float64", "confidence": "float64"}


def main(arguments: list[str]) -> None:
    """Predict, write the table or the playlists, and say how many tracks went where."""
    if wants_help(arguments):
        print(__doc__)
        return
    given = key_values(arguments)
    for key in given:
        if key not in KEYS:
            raise ConfigError(f"unknown key {key!r} of predict; {did_you_mean(key, KEYS)}")
    for key in ("input", "output"):
        if not given.get(key):
            raise ConfigError(f"predict needs {key}=PATH; python -m pipelines.predict --help says more")
    output = Path(given["output"]).expanduser()
    if output.suffix not in PLAYLISTS + TABLES:
        raise ConfigError(f"output={given['output']!r}; expected a name that ends in {', '.join(TABLES + PLAYLISTS)}")
    paths = audio_files(Path(given["input"]).expanduser())
    version, predictor = load_predictor(given.get("model"))
    bar = progress_bar("placing", len(paths), unit=" tracks")
    table = place(output, bar(predict_all(predictor, new_tracks(paths))))
    written = write_playlists(output, table) if output.suffix in PLAYLISTS else [output]
    name_run(version, table)
    summarise(table, written)


def place(output: Path, predictions: Iterable[Prediction]) -> pd.DataFrame:
    """Write predictions, if a table is asked for, as they come; return them all."""
    if output.suffix in TABLES:
        kept = []
        with appending(output, TYPES) as append:
            for one in predictions:
                append(one)
                kept.append(one)
    else:
        kept = list(predictions)
    return pd.DataFrame(kept, columns=list(TYPES)).astype(TYPES)


def audio_files(root: Path) -> list[Path]:
    """List the audio in a folder, or one file."""
    if not root.exists():
        raise CorpusNotFoundError(f"input={str(root)!r} is not there; give a folder of music or one file")
    found = (
        sorted(path for path in root.rglob("*") if path.suffix.lower() in AUDIO_SUFFIXES) if root.is_dir() else [root]
    )
    if not found:
        raise CorpusNotFoundError(f"no audio in {str(root)!r}; looked for {', '.join(sorted(AUDIO_SUFFIXES))}")
    return found


def new_tracks(paths: Sequence[Path]) -> Iterator[NewTrack]:
    """Return audio files with the texts beside them."""
    for path in paths:
        text = path.with_suffix(".txt")
        words = text.read_text(errors="replace").strip() if text.is_file() else ""
        yield NewTrack(str(path.absolute()), path, words or None)


def load_predictor(reference: str | None) -> tuple[Any, Any]:
    """Load a registered model, by default the champion, and say which it is."""
    from mlproject.tracking.registry.loading import load_registered

    version, predictor = load_registered(workspace.tracking_uri(), reference)
    corpus = version.tags["corpus"]
    warning = "; synthetic: its clusters say nothing about music" if corpus == "demo" else ""
    say(f"model: version {version.version}, {version.tags['task']}, trained on the {corpus} corpus{warning}")
    return version, predictor


def name_run(version: Any, table: pd.DataFrame) -> None:
    """Say on the run of `mlflow run`, which logs nothing else, which model placed how many tracks."""
    from mlproject.tracking.runs import name_started_run

    counts = {"tracks": str(len(table)), "not_placed": str(int(table.error.notna().sum()))}
    tags = {"kind": "prediction", "task": "predict", "model_version": str(version.version), **counts}
    name_started_run(f"predict {len(table)} tracks with version {version.version}", tags)


def write_playlists(output: Path, table: pd.DataFrame) -> list[Path]:
    """Write a playlist for each cluster, the tracks that are surest of it first."""
    written = []
    for (cluster, name), rows in table[table.error.isna()].groupby(["cluster", "name"]):
        path = output.with_name(f"{output.stem} {cluster} {_plain(name)}{output.suffix}")
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
        shown.add_row(str(cluster), Text(name), str(len(rows)), f"{rows.confidence.mean():.2f}")
    Console().print(shown)
    failed = table[table.error.notna()]
    for row in failed.head(10).itertuples():
        say(f"  {row.track}: {row.error}")
    if len(failed):
        say(
            f"{len(failed)} of {len(table)} tracks could not be placed; a table (.csv, .parquet) has the reason of each"
        )
    if noted := int(table.note.notna().sum()):
        say(f"{noted} of {len(table)} tracks have no text beside them and were placed by their sound alone")
    for path in written:
        print(f"written: {path}")


if __name__ == "__main__":
    run_command(main)
