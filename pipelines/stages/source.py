"""Stage `source`: check every conf file and list what lies in `root`; always runs, in under two seconds."""

import csv
import io
from pathlib import Path

from mlproject.config.data import DataConfig, LyricsConfig
from mlproject.corpus.opening import open_corpus
from mlproject.corpus.sampling import sample_of
from mlproject.corpus.tracks import Corpus
from mlproject.corpus.user_tables import read_artists, read_text_table
from mlproject.features.lyrics import model_identity
from mlproject.files import write_json, write_text
from mlproject.workspace.all_settings import check_all_configs
from mlproject.workspace.console import log
from mlproject.workspace.paths import Workspace
from mlproject.workspace.settings import data_config, features_config
from pipelines._cli import run_command


def main(_: list[str], workspace: Workspace) -> None:
    """Write the tracks that are there, who made them, the user's texts and which models encode texts."""
    check_all_configs(workspace)
    config, lyrics = data_config(workspace), features_config(workspace).lyrics
    corpus = open_corpus(config, checksum_cache=workspace.cache / "files.json")
    sample_of(config, corpus.tracks())  # too few are found before anything is computed
    write_text(workspace.source, _listing(config.corpus, corpus))
    write_text(workspace.artists, _artists(config, corpus))
    write_text(workspace.lyrics_table, _user_texts(lyrics, workspace.root))
    write_json(workspace.text_models, {key: model_identity(getattr(lyrics, key)) for key in ("model", "asr_model")})


def _listing(kind: str, corpus: Corpus) -> str:
    checksums = corpus.checksums()
    rows = [(kind, t.track_id, t.genre or "", t.size, checksums[t.track_id]) for t in corpus.tracks()]
    return _csv([("corpus", "track_id", "genre", "size", "checksum"), *rows])


def _artists(config: DataConfig, corpus: Corpus) -> str:
    """List the artists of the user's file, or else those that the corpus knows."""
    if config.artists is not None:
        artists, notes = read_artists(Path(config.artists))
        _log_each(notes)
    else:
        artists = {track.track_id: track.artist for track in corpus.tracks() if track.artist}
    return _csv([("track_id", "artist"), *sorted(artists.items())])


def _user_texts(lyrics: LyricsConfig, root: Path) -> str:
    texts, notes = ({}, []) if lyrics.file is None else read_text_table(root / lyrics.file)
    _log_each(notes)
    return _csv([("track_id", "text"), *sorted(texts.items())])


def _log_each(notes: list[str]) -> None:
    for note in notes:
        log(note)


def _csv(rows: list[tuple[object, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


if __name__ == "__main__":
    run_command(main)
