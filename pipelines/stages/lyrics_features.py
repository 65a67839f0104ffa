"""Stage `lyrics_features`: one embedding per distinct text, and which track, or which genre, has which."""

from pathlib import Path

import numpy as np
import pandas as pd

from mlproject.config.data import LyricsConfig
from mlproject.corpus import decoding, lyrics
from mlproject.corpus.lyrics import THEMES, transcribe
from mlproject.corpus.track_clips import track_clips
from mlproject.errors import ConfigError
from mlproject.features.caching import code_hash, content_key, fill_missing, versions
from mlproject.features.lyrics import encode_texts, text_key
from mlproject.files import atomic_folder, read_json, write_array, write_json, write_table
from mlproject.workspace.console import log, progress_bar
from mlproject.workspace.facts import corpus_facts
from mlproject.workspace.paths import Workspace
from mlproject.workspace.settings import features_config
from pipelines._cli import run_command


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
        write_array(folder / "vectors.npy", _encode(distinct, keys, config.model, workspace.lyrics))
        write_table(folder / "texts.parquet", pd.DataFrame({"key": keys, "text": distinct}, dtype="object"))
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
    texts = dict(zip(table.track_id, table.text, strict=True))
    ids = set(pd.read_parquet(workspace.tracks).track_id)
    log(f"lyrics: {len(ids & set(texts))} of {len(ids)} tracks have a text")
    if strangers := sorted(set(texts) - ids):
        example = f"{strangers[0]!r}; a track here is {min(ids)!r}"
        log(f"lyrics: {len(strangers)} ids of the file are no track of the subset, such as {example}")
    return {track_id: text for track_id, text in texts.items() if track_id in ids}


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
    made_by = (identity, versions("transformers", "torch", "soxr"), code_hash(lyrics.__file__, decoding.__file__))
    keys = [content_key(track.sha256, track.start, seconds, sr, made_by) for track in tracks.itertuples()]
    kept = workspace.lyrics / "transcripts.parquet"
    known: dict[str, str] = dict(pd.read_parquet(kept).to_numpy()) if kept.exists() else {}

    def compute(missing: list[int]) -> list[str]:
        bar = progress_bar("transcribing", len(missing), unit=" clips")
        return transcribe((clips[i].read() for i in missing), sr=sr, model=model, progress=bar)

    heard = fill_missing(keys, known, compute)
    write_table(folder / "transcripts.parquet", pd.DataFrame({"key": keys, "text": heard}))
    return {track_id: text for track_id, text in zip(tracks.track_id, heard, strict=True) if text}


def _encode(distinct: list[str], keys: list[str], model: str, before: Path) -> np.ndarray:
    """Return the embeddings of texts, shape (n_texts, n_dimensions); those of an earlier output are kept."""
    known: dict[str, np.ndarray] = {}
    if (before / "texts.parquet").exists():
        known = dict(zip(pd.read_parquet(before / "texts.parquet").key, np.load(before / "vectors.npy"), strict=True))

    def compute(missing: list[int]) -> np.ndarray:
        log(f"lyrics: {len(missing)} distinct texts to encode, {len(distinct) - len(missing)} kept")
        return encode_texts([distinct[i] for i in missing], model=model, progress=True)

    rows = fill_missing(keys, known, compute)
    return np.stack(rows) if rows else np.empty((0, 0), dtype=np.float32)


if __name__ == "__main__":
    run_command(main)
