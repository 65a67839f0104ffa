"""Stage `audio_features`: MFCC frames and statistics of each clip, or the statistics that a table brings along.

Rows of clips that are there already are kept.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from mlproject.corpus.subset import TrackClip
from mlproject.features.audio import ClipFeatures, frame_count, statistics_names
from mlproject.features.caching import fill_missing
from mlproject.features.extraction import audio_key, extract_audio
from mlproject.files import atomic_folder, write_array, write_json, write_table
from pipelines import _workspace as workspace
from pipelines._command import progress_bar, run_command, say


def main(_: list[str]) -> None:
    """Write artifacts/features/audio/: index.parquet, statistics.npy and its names, and of audio mfcc.npy."""
    write = {"audio": _extract, "statistics": _copy}[workspace.corpus_facts()["holds"]]
    with atomic_folder(workspace.AUDIO) as folder:
        write(pd.read_parquet(workspace.TRACKS), folder)


def _copy(tracks: pd.DataFrame, folder: Path) -> None:
    """Copy the columns of a table."""
    (file,) = set(tracks.file)
    features = pd.read_parquet(workspace.SUBSET / file).iloc[tracks.row]
    write_array(folder / "statistics.npy", features.to_numpy(dtype=np.float32))
    write_json(folder / "statistics.json", {"columns": list(features.columns)})
    write_table(folder / "index.parquet", pd.DataFrame({"track_id": tracks.track_id, "key": tracks.sha256}))


def _extract(tracks: pd.DataFrame, folder: Path) -> None:
    """Compute the features of clips that are not there yet."""
    config, corpus = workspace.features_config().audio, workspace.corpus_facts()
    sr, seconds = corpus["sample_rate"], corpus["clip_seconds"]
    clips = [
        TrackClip(workspace.SUBSET / row.file, row.start, seconds, sr, row.complete) for row in tracks.itertuples()
    ]
    keys = [
        audio_key(row.sha256, start=row.start, seconds=seconds, sr=sr, config=config) for row in tracks.itertuples()
    ]
    n_frames = frame_count(seconds, sr=sr, config=config)

    def compute(missing: list[int]) -> list[ClipFeatures]:
        say(f"audio features: {len(missing)} clips to compute, {len(clips) - len(missing)} kept")
        bar = progress_bar("audio features", len(missing), unit=" clips")
        return extract_audio([clips[i] for i in missing], sr=sr, n_frames=n_frames, config=config, progress=bar)

    rows = fill_missing(keys, _known(workspace.AUDIO), compute)
    blank = np.full((config.n_mfcc, n_frames), np.nan, dtype=np.float32)
    write_array(folder / "mfcc.npy", np.stack([blank if row.mfcc is None else row.mfcc for row in rows]))
    write_array(folder / "statistics.npy", np.stack([row.statistics for row in rows]))
    write_json(folder / "statistics.json", {"columns": statistics_names(config)})
    write_table(folder / "index.parquet", pd.DataFrame({"track_id": tracks.track_id, "key": keys}))


def _known(folder: Path) -> dict[str, ClipFeatures]:
    """Rows of the output that is there, by key; those of a table are of no use to another corpus."""
    if not (folder / "mfcc.npy").exists():
        return {}
    keys = pd.read_parquet(folder / "index.parquet").key
    mfcc = np.load(folder / "mfcc.npy", mmap_mode="r")
    statistics = np.load(folder / "statistics.npy")
    return {
        key: ClipFeatures(None if np.isnan(mfcc[i, 0, 0]) else mfcc[i], statistics[i]) for i, key in enumerate(keys)
    }


if __name__ == "__main__":
    run_command(main)
