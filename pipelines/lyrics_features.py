"""Stage `lyrics_features`: one embedding a distinct text, and which track, or which genre, has which."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from mlproject.artifacts import building, write_array, write_json, write_table
from mlproject.config import LyricsConfig
from mlproject.corpus.subset import TrackClip
from mlproject.corpus.texts import THEMES, transcribe
from mlproject.features.extraction import content_key, fill_missing
from mlproject.features.text import encode_texts, model_identity
from pipelines import _workspace as workspace
from pipelines._command import progress_bar, run_command, say


def main(_: list[str]) -> None:
    """Write artifacts/features/lyrics/: vectors.npy, texts.parquet, index.parquet and lyrics.json."""
    config, corpus = workspace.features_config().lyrics, workspace.corpus_facts()
    source = config.source
    if source == "corpus":
        source = "themes" if corpus["lyrics"] == "themes" else "corpus"
    with building(workspace.LYRICS) as folder:
        texts = _texts(source, config, folder)
        owner = "genre" if source == "themes" else "track_id"
        if source == "themes":
            say(
                "lyrics: GTZAN has none; theme words by genre stand in for them, which makes their tasks label-informed"
            )
        distinct = sorted(set(texts.values()))
        vectors = _encode(distinct, config.model)
        row = {text: i for i, text in enumerate(distinct)}
        write_array(folder / "vectors.npy", vectors)
        write_table(folder / "texts.parquet", pd.DataFrame({"key": _keys(distinct, config.model)}, dtype="object"))
        index = {owner: list(texts), "row": [row[text] for text in texts.values()]}
        write_table(folder / "index.parquet", pd.DataFrame(index))
        write_json(
            folder / "lyrics.json", {"source": source, "model": config.model, "texts": len(distinct), "by": owner}
        )


def _texts(source: str, config: LyricsConfig, folder: Path) -> dict[str, str]:
    """Map track ids, or genres, to texts."""
    if source == "themes":
        return dict(THEMES)
    if source == "none":
        return {}
    if source == "asr":
        return _transcripts(config.asr_model, folder)
    table = pd.read_csv(workspace.LYRICS_TABLE) if source == "file" else pd.read_parquet(workspace.TEXTS)
    texts = dict(zip(table.track_id.astype(str), table.text, strict=True))
    ids = set(pd.read_parquet(workspace.TRACKS).track_id)
    if source == "file":
        say(f"lyrics: {len(ids & set(texts))} of {len(ids)} tracks have a text in the file")
    return {track_id: text for track_id, text in texts.items() if track_id in ids}


def _transcripts(model: str, folder: Path) -> dict[str, str]:
    """Let speech recognition hear the clips that it has not heard before."""
    tracks, corpus = pd.read_parquet(workspace.TRACKS), workspace.corpus_facts()
    seconds, sr = corpus["clip_seconds"], corpus["sample_rate"]
    clips = [TrackClip(workspace.SUBSET / t.file, t.start, seconds, sr, t.complete) for t in tracks.itertuples()]
    keys = [content_key(t.sha256, t.start, seconds, sr, model) for t in tracks.itertuples()]
    kept = workspace.LYRICS / "transcripts.parquet"
    known = dict(pd.read_parquet(kept).itertuples(index=False)) if kept.exists() else {}

    def compute(missing: list[int]) -> list[str]:
        bar = progress_bar("transcribing", len(missing))
        return transcribe((clips[i].read() for i in missing), sr=sr, model=model, progress=bar)

    texts = fill_missing(keys, known, compute)
    write_table(folder / "transcripts.parquet", pd.DataFrame({"key": keys, "text": texts}))
    return {track_id: text for track_id, text in zip(tracks.track_id, texts, strict=True) if text}


def _encode(texts: list[str], model: str) -> np.ndarray:
    known: dict[str, np.ndarray] = {}
    if (workspace.LYRICS / "texts.parquet").exists():
        keys = pd.read_parquet(workspace.LYRICS / "texts.parquet").key
        known = dict(zip(keys, np.load(workspace.LYRICS / "vectors.npy"), strict=True))

    def compute(missing: list[int]) -> np.ndarray:
        say(f"lyrics: {len(missing)} distinct texts to encode, {len(texts) - len(missing)} kept")
        return encode_texts([texts[i] for i in missing], model=model, progress=True)

    rows = fill_missing(_keys(texts, model), known, compute)
    return np.stack(rows) if rows else np.empty((0, 0), dtype=np.float32)


def _keys(texts: list[str], model: str) -> list[str]:
    return [content_key(text, model_identity(model)) for text in texts]


if __name__ == "__main__":
    run_command(main)
