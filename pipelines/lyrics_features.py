"""Stage `lyrics_features`: one embedding a distinct text, and which track, or which genre, has which."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from mlproject.config import LyricsConfig
from mlproject.corpus import decoding
from mlproject.corpus import lyrics as texts
from mlproject.corpus.lyrics import THEMES, transcribe
from mlproject.corpus.subset import TrackClip
from mlproject.errors import ConfigError
from mlproject.features.caching import code_hash, content_key, fill_missing, versions
from mlproject.features.lyrics import encode_texts, text_key
from mlproject.files import atomic_folder, read_json, write_array, write_json, write_table
from pipelines import _workspace as workspace
from pipelines._command import progress_bar, run_command, say


def main(_: list[str]) -> None:
    """Write artifacts/features/lyrics/: vectors.npy, texts.parquet, index.parquet and lyrics.json."""
    config, corpus = workspace.features_config().lyrics, workspace.corpus_facts()
    source = config.source
    if source == "corpus":
        source = "themes" if corpus["lyrics"] == "themes" else "corpus"
    models = read_json(workspace.TEXT_MODELS)
    with atomic_folder(workspace.LYRICS) as folder:
        words = _texts(source, config, models["asr_model"], folder)
        owner = "genre" if source == "themes" else "track_id"
        if source == "themes":
            say("lyrics: theme words by genre stand in for them, which makes their tasks label-informed")
        distinct = sorted(set(words.values()))
        keys = [text_key(text, identity=models["model"]) for text in distinct]
        vectors = _encode(distinct, keys, config.model)
        row = {text: i for i, text in enumerate(distinct)}
        write_array(folder / "vectors.npy", vectors)
        write_table(folder / "texts.parquet", pd.DataFrame({"key": keys, "text": distinct}, dtype="object"))
        index = {owner: list(words), "row": [row[text] for text in words.values()]}
        write_table(folder / "index.parquet", pd.DataFrame(index))
        write_json(
            folder / "lyrics.json", {"source": source, "model": config.model, "texts": len(distinct), "by": owner}
        )


def _texts(source: str, config: LyricsConfig, asr_identity: str, folder: Path) -> dict[str, str]:
    """Map track ids, or genres, to texts."""
    if source == "themes":
        return dict(THEMES)
    if source == "none":
        return {}
    if source == "asr":
        return _transcripts(config.asr_model, asr_identity, folder)
    table = (
        pd.read_csv(workspace.LYRICS_TABLE, dtype=str, keep_default_na=False)
        if source == "file"
        else pd.read_parquet(workspace.TEXTS)
    )
    found = dict(zip(table.track_id, table.text, strict=True))
    ids = set(pd.read_parquet(workspace.TRACKS).track_id)
    say(f"lyrics: {len(ids & set(found))} of {len(ids)} tracks have a text")
    if strangers := sorted(set(found) - ids):
        example = f"{strangers[0]!r}; a track here is {min(ids)!r}"
        say(f"lyrics: {len(strangers)} ids of the file are no track of the subset, such as {example}")
    return {track_id: text for track_id, text in found.items() if track_id in ids}


def _transcripts(model: str, identity: str, folder: Path) -> dict[str, str]:
    """Let speech recognition hear the clips that it has not heard before."""
    tracks, corpus = pd.read_parquet(workspace.TRACKS), workspace.corpus_facts()
    if corpus["holds"] != "audio":
        raise ConfigError(
            "lyrics.source is 'asr', and a table of features has no audio to hear: "
            "set lyrics.source to file, themes or none in conf/features.yaml"
        )
    seconds, sr = corpus["clip_seconds"], corpus["sample_rate"]
    clips = [TrackClip(workspace.SUBSET / t.file, t.start, seconds, sr, t.complete) for t in tracks.itertuples()]
    made_by = (identity, versions("transformers", "torch", "soxr"), code_hash(texts.__file__, decoding.__file__))
    keys = [content_key(t.sha256, t.start, seconds, sr, made_by) for t in tracks.itertuples()]
    kept = workspace.LYRICS / "transcripts.parquet"
    known = dict(pd.read_parquet(kept).itertuples(index=False)) if kept.exists() else {}

    def compute(missing: list[int]) -> list[str]:
        bar = progress_bar("transcribing", len(missing), unit=" clips")
        return transcribe((clips[i].read() for i in missing), sr=sr, model=model, progress=bar)

    heard = fill_missing(keys, known, compute)
    write_table(folder / "transcripts.parquet", pd.DataFrame({"key": keys, "text": heard}))
    return {track_id: text for track_id, text in zip(tracks.track_id, heard, strict=True) if text}


def _encode(distinct: list[str], keys: list[str], model: str) -> np.ndarray:
    known: dict[str, np.ndarray] = {}
    if (workspace.LYRICS / "texts.parquet").exists():
        kept = pd.read_parquet(workspace.LYRICS / "texts.parquet").key
        known = dict(zip(kept, np.load(workspace.LYRICS / "vectors.npy"), strict=True))

    def compute(missing: list[int]) -> np.ndarray:
        say(f"lyrics: {len(missing)} distinct texts to encode, {len(distinct) - len(missing)} kept")
        return encode_texts([distinct[i] for i in missing], model=model, progress=True)

    rows = fill_missing(keys, known, compute)
    return np.stack(rows) if rows else np.empty((0, 0), dtype=np.float32)


if __name__ == "__main__":
    run_command(main)
