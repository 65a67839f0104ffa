"""Stage `audio_features`: MFCC frames and statistics of each clip, or the statistics that a table brings along.

Rows of clips that were computed before are kept.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from mlproject.config.data import AudioConfig
from mlproject.corpus.track_clips import track_clips
from mlproject.features.audio import ClipFeatures, frame_count, statistics_names
from mlproject.features.caching import fill_missing, row_hash, whole_rows
from mlproject.features.extraction import audio_key, extract_audio
from mlproject.files import atomic_folder, write_array, write_json, write_table
from mlproject.workspace.console import log, progress_bar
from mlproject.workspace.facts import CorpusFacts, corpus_facts
from mlproject.workspace.paths import Workspace
from mlproject.workspace.settings import features_config
from pipelines._cli import run_command


def main(_: list[str], workspace: Workspace) -> None:
    """Write artifacts/features/audio/: index.parquet, statistics.npy with its names, and mfcc.npy of audio."""
    tracks, facts = pd.read_parquet(workspace.tracks), corpus_facts(workspace)
    with atomic_folder(workspace.audio) as folder:
        if facts.holds == "audio":
            _extract(tracks, facts, features_config(workspace).audio, workspace, folder)
        else:
            _copy(tracks, workspace.subset, folder)


def _copy(tracks: pd.DataFrame, subset: Path, folder: Path) -> None:
    """Copy the columns of a table."""
    (file,) = set(tracks.file)
    features = pd.read_parquet(subset / file).iloc[tracks.row]
    write_array(folder / "statistics.npy", features.to_numpy(dtype=np.float32))
    write_json(folder / "statistics.json", {"columns": list(features.columns)})
    write_table(folder / "index.parquet", pd.DataFrame({"track_id": tracks.track_id, "key": tracks.sha256}))


def _extract(tracks: pd.DataFrame, facts: CorpusFacts, config: AudioConfig, workspace: Workspace, folder: Path) -> None:
    """Compute the features of clips that were not computed before."""
    sr, seconds = facts.sample_rate, facts.clip_seconds
    clips = track_clips(tracks, workspace.subset, seconds=seconds, sr=sr)
    columns = zip(tracks.sha256, tracks.start, strict=True)
    keys = [audio_key(sha256, start=start, seconds=seconds, sr=sr, config=config) for sha256, start in columns]
    n_frames = frame_count(seconds, sr=sr, config=config)

    def compute(missing: list[int]) -> list[ClipFeatures]:
        log(f"audio features: {len(missing)} clips to compute, {len(clips) - len(missing)} kept")
        bar = progress_bar("audio features", len(missing), unit=" clips")
        return extract_audio([clips[i] for i in missing], sr=sr, n_frames=n_frames, config=config, progress=bar)

    rows = fill_missing(keys, _known(workspace.audio), compute)
    blank = np.full((config.n_mfcc, n_frames), np.nan, dtype=np.float32)  # of a clip that is too short
    write_array(folder / "mfcc.npy", np.stack([blank if row.mfcc is None else row.mfcc for row in rows]))
    write_array(folder / "statistics.npy", np.stack([row.statistics for row in rows]))
    write_json(folder / "statistics.json", {"columns": statistics_names(config)})
    index = {"track_id": tracks.track_id, "key": keys, "hash": [row_hash(row.mfcc, row.statistics) for row in rows]}
    write_table(folder / "index.parquet", pd.DataFrame(index))


def _known(folder: Path) -> dict[str, ClipFeatures]:
    """Map the keys of an earlier output to its rows; those of a table are of no use to another corpus."""

    def read() -> tuple[pd.Series[str], pd.Series[str], list[ClipFeatures]]:
        index = pd.read_parquet(folder / "index.parquet")
        mfcc, statistics = np.load(folder / "mfcc.npy", mmap_mode="r"), np.load(folder / "statistics.npy")
        pairs = zip(mfcc, statistics, strict=True)
        return index.key, index.hash, [ClipFeatures(None if np.isnan(m[0, 0]) else m, s) for m, s in pairs]

    return whole_rows(read, lambda row: row_hash(row.mfcc, row.statistics))


if __name__ == "__main__":
    run_command(main)
