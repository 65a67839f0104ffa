"""A table of features with whatever a user's table may have."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd


def write_small_table(folder: Path) -> Path:
    """Write 20 tracks of two genres: a constant, a gap, a twin in the other genre, titles, row numbers, artists."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(20, 3)), columns=["loudness", "tempo", "pitch"])
    frame.insert(0, "filename", [f"{'ab'[i % 2]}.{i:02d}.wav" for i in range(20)])
    frame["label"] = ["left" if i % 2 else "right" for i in range(20)]
    frame["constant"], frame["title"], frame["length"] = 1, "song", range(20)
    frame["artist"] = ["Nina" if i < 6 else None for i in range(20)]
    frame.loc[3, "tempo"] = np.nan
    frame.loc[19, ["loudness", "tempo", "pitch"]] = frame.loc[0, ["loudness", "tempo", "pitch"]]
    frame.to_csv(folder / "features.csv")
    return folder / "features.csv"
