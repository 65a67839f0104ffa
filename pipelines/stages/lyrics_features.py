"""Stage `lyrics_features`: one embedding per distinct text, and which track, or which genre, has which."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from mlproject.config.data import LyricsConfig
from mlproject.corpus import audio_stream, decoding, lyrics
from mlproject.corpus.lyrics import THEMES, transcribe
from mlproject.corpus.texts import as_joined, by_name
from mlproject.corpus.track_clips import track_clips
from mlproject.errors import ConfigError
from mlproject.features.caching import code_hash, content_key, fill_missing, row_hash, versions, whole_rows
from mlproject.features.lyrics import encode_texts, text_key
from mlproject.files import atomic_folder, read_json, write_array, write_json, write_table
from mlproject.workspace.console import bars_are_shown, log, progress_bar
from mlproject.workspace.facts import corpus_facts
from mlproject.workspace.paths import Workspace
from mlproject.workspace.settings import features_config
from pipelines._cli import run_command

_DECODING = (audio_stream.__file__, decoding.__file__)


def main(_: list[str], workspace: Workspace) -> None:
    """Write artifacts/features/lyrics/: vectors.npy, texts.parquet, index.parquet and lyrics.json."""
    config, models = features_config(workspace).lyrics, read_json(workspace.text_models)
    source = config.source
    if source == "corpus" and corpus_facts(workspace).lyrics == "themes":
        source = "themes"
    with atomic_folder(workspace.lyrics) as folder:
        texts = _texts(source, config, models["asr_model"], workspace, folder)
        owner = "genre" if source == "themes" else "track_id"
        distinct = sorted(set(texts.values()))
        keys = [text_key(text, identity=models["model"]) for text in distinct]
        row = {text: i for i, text in enumerate(distinct)}
        vectors = _encode(distinct, keys, config.model, workspace.lyrics)
        write_array(folder / "vectors.npy", vectors)
        encoded = {"key": keys, "text": distinct, "hash": [row_hash(vector) for vector in vectors]}
        write_table(folder / "texts.parquet", pd.DataFrame(encoded, dtype="object"))
        index = {owner: list(texts), "row": [row[text] for text in texts.values()]}
        write_table(folder / "index.parquet", pd.DataFrame(index))
        facts = {"source": source, "model": config.model, "texts": len(distinct), "by": owner}
        write_json(folder / "lyrics.json", facts)


def _texts(source: str, config: LyricsConfig, asr_identity: str, workspace: Workspace, folder: Path) -> dict[str, str]:
    """Map track ids, or genres, to texts."""
    if source == "themes":
        log("lyrics: theme words by genre stand in for them, which makes their tasks label-informed")
        return dict(THEMES)
    if source == "none":
        return {}
    if source == "asr":
        return _transcripts(config.asr_model, asr_identity, workspace, folder)
    if source == "file":
        table = pd.read_csv(workspace.lyrics_table, dtype=str, keep_default_na=False)
    else:
        table = pd.read_parquet(workspace.texts)
    given, ids = dict(zip(table.track_id, table.text, strict=True)), pd.read_parquet(workspace.tracks).track_id
    texts = by_name(given, ids)
    log(f"lyrics: {len(texts)} of {len(ids)} tracks have a text")
    if strangers := sorted(set(map(as_joined, given)) - set(map(as_joined, ids))):
        example = f"{strangers[0]!r}; a track here is {min(ids)!r}"
        log(f"lyrics: {len(strangers)} ids of the file are no track of the subset, such as {example}")
    return texts


def _transcripts(model: str, identity: str, workspace: Workspace, folder: Path) -> dict[str, str]:
    """Let speech recognition hear the clips that it has not heard before."""
    tracks, facts = pd.read_parquet(workspace.tracks), corpus_facts(workspace)
    if facts.holds != "audio":
        raise ConfigError(
            "lyrics.source is 'asr', and a table of features has no audio to hear: "
            "set lyrics.source to file, themes or none in conf/features.yaml"
        )
    seconds, sr = facts.clip_seconds, facts.sample_rate
    clips = track_clips(tracks, workspace.subset, seconds=seconds, sr=sr)
    made_by = (identity, versions("transformers", "torch", "soxr", "av"), code_hash(lyrics.__file__, *_DECODING))
    keys = [content_key(track.sha256, track.start, seconds, sr, made_by) for track in tracks.itertuples()]

    def read() -> tuple[pd.Series[str], pd.Series[str], pd.Series[str]]:
        kept = pd.read_parquet(workspace.lyrics / "transcripts.parquet")
        return kept.key, kept.hash, kept.text

    known: dict[str, str] = whole_rows(read, row_hash)

    def compute(missing: list[int]) -> list[str]:
        bar = progress_bar("transcribing", len(missing), unit=" clips")
        return transcribe((clips[i].read() for i in missing), sr=sr, model=model, progress=bar)

    heard = fill_missing(keys, known, compute)
    transcripts = {"key": keys, "text": heard, "hash": [row_hash(text) for text in heard]}
    write_table(folder / "transcripts.parquet", pd.DataFrame(transcripts))
    return {track_id: text for track_id, text in zip(tracks.track_id, heard, strict=True) if text}


def _encode(distinct: list[str], keys: list[str], model: str, before: Path) -> np.ndarray:
    """Return the embeddings of texts, shape (n_texts, n_dimensions); those of an earlier output are kept."""

    def read() -> tuple[pd.Series[str], pd.Series[str], np.ndarray]:
        texts = pd.read_parquet(before / "texts.parquet")
        return texts.key, texts.hash, np.load(before / "vectors.npy")

    known = whole_rows(read, row_hash)

    def compute(missing: list[int]) -> np.ndarray:
        log(f"lyrics: {len(missing)} distinct texts to encode, {len(distinct) - len(missing)} kept")
        return encode_texts([distinct[i] for i in missing], model=model, progress=bars_are_shown())

    rows = fill_missing(keys, known, compute)
    return np.stack(rows) if rows else np.empty((0, 0), dtype=np.float32)


if __name__ == "__main__":
    run_command(main)
