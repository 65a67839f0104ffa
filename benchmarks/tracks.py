"""400 distinct tracks from 80 real ones: each five times, shifted by a tenth of a second more and wrapped."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import soundfile

COPIES = 5
SHIFT = 0.1  # s


def gtzan_root() -> Path:
    """Return the folder of real tracks, or end the process with how to give one."""
    root = os.environ.get("GTZAN_ROOT")
    if not root:
        sys.exit("GTZAN_ROOT is not set; set it to a folder that holds genres_original/<genre>/<track>.wav")
    return Path(root)


def write_shifted(source: Path, target: Path) -> int:
    """Write the shifted copies of every .wav below `source` as <genre>/<track>.<copy>.wav; return their number."""
    count = 0
    for path in sorted(source.rglob("*.wav")):
        samples, sr = soundfile.read(path, dtype="int16")
        (target / path.parent.name).mkdir(parents=True, exist_ok=True)
        for copy in range(COPIES):
            shifted = np.roll(samples, -round(copy * SHIFT * sr), axis=0)
            soundfile.write(target / path.parent.name / f"{path.stem}.{copy}.wav", shifted, sr, subtype="PCM_16")
            count += 1
    return count
