"""Stage `source`: check every conf file and list what lies in `root`; always runs, in under two seconds."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from mlproject.config import DataConfig
from mlproject.corpus import Corpus, open_corpus
from mlproject.corpus.artists import read_artists
from mlproject.features.lyrics import model_identity
from mlproject.files import write_json, write_text
from pipelines import _workspace as workspace
from pipelines._command import run_command


def main(_: list[str]) -> None:
    """Write what there is (source.csv), who made it (artists.csv), the user's texts and which models encode texts."""
    workspace.check_all_configs()
    data = workspace.data_config()
    corpus = open_corpus(data, checksum_cache=workspace.CACHE / "files.json")
    write_text(workspace.SOURCE, _listing(data.corpus, corpus))
    write_text(workspace.ARTISTS, _artists(data, corpus))
    write_text(workspace.LYRICS_TABLE, _user_texts())
    lyrics = workspace.features_config().lyrics
    write_json(workspace.TEXT_MODELS, {key: model_identity(getattr(lyrics, key)) for key in ("model", "asr_model")})


def _listing(kind: str, corpus: Corpus) -> str:
    checksums = corpus.checksums()
    rows = [(kind, t.track_id, t.genre or "", t.size, checksums[t.track_id]) for t in corpus.tracks()]
    return _csv([("corpus", "track_id", "genre", "size", "checksum"), *rows])


def _artists(data: DataConfig, corpus: Corpus) -> str:
    """List the artists of the user's file, or else those that the corpus knows."""
    if data.artists is not None:
        artists = read_artists(Path(data.artists))
    else:
        artists = {track.track_id: track.artist for track in corpus.tracks() if track.artist}
    return _csv([("track_id", "artist"), *sorted(artists.items())])


def _user_texts() -> str:
    lyrics = workspace.features_config().lyrics
    rows: list[tuple[str, str]] = []
    if lyrics.file is not None:
        from mlproject.corpus.lyrics import read_text_table

        rows = sorted(read_text_table(workspace.ROOT / lyrics.file).items())
    return _csv([("track_id", "text"), *rows])


def _csv(rows: list[tuple[object, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


if __name__ == "__main__":
    run_command(main)
