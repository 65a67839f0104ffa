"""How long a new track takes, after loading, on one core.

python -m benchmarks.prediction --music FOLDER          (after dvc repro)
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from pathlib import Path

import pipelines  # noqa: F401 - finds the package of this checkout
from mlproject.errors import NotApplicableError
from mlproject.prediction.predictor import Predictor
from mlproject.workflows.predict_tracks import new_tracks
from mlproject.workspace.task_settings import task_names
from pipelines._cli import CHECKOUT

LIMIT = 0.3  # s a clip of 30 s


def main() -> None:
    """Print the median and the longest time a track for each task that can place new music."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--music", type=Path, required=True, metavar="FOLDER", help="audio that models are asked about")
    options = parser.parse_args()
    os.sched_setaffinity(0, {next(iter(os.sched_getaffinity(0)))})
    tracks = new_tracks(options.music)[0][:20]
    tracks = [
        track._replace(lyrics=track.lyrics or "words of a song that is heard for the first time") for track in tracks
    ]
    print(f"{len(tracks)} tracks on one core\n| task | median s | longest s | share of {LIMIT} s |\n|" + " --- |" * 4)
    for name in task_names(CHECKOUT):
        folder = CHECKOUT.tasks / name / "model"
        try:
            predictor = Predictor.load(folder)
        except (NotApplicableError, FileNotFoundError) as error:
            print(f"| {name} | – | – | {error} |")
            continue
        list(predictor.predict(tracks[:1]))  # imports and compilation belong to the loading
        seconds = []
        for track in tracks:
            start = time.perf_counter()
            list(predictor.predict([track]))
            seconds.append(time.perf_counter() - start)
        longest = max(seconds)
        print(f"| {name} | {statistics.median(seconds):.3f} | {longest:.3f} | {longest / LIMIT:.0%} |", flush=True)


if __name__ == "__main__":
    main()
