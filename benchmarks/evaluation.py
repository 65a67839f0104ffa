"""How long the evaluation of a task takes beside the training it repeats, on a feature table of any size.

python -m benchmarks.evaluation --table features_30_sec.csv --tasks statistics vae umap
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

import pipelines  # noqa: F401 - finds the package of this checkout
from mlproject.config.evaluation import EvaluationConfig
from mlproject.config.loading import load_config
from mlproject.config.tasks import TaskConfig
from mlproject.corpus.feature_table import FeatureTable
from mlproject.experiment.design_matrix import TaskInputs
from mlproject.experiment.evaluate_task import evaluate_task
from mlproject.experiment.requirements import baseline_task
from mlproject.experiment.run_task import run_task

CONF = Path(__file__).resolve().parent.parent / "conf"


def main() -> None:
    """Print one row per task."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--table", type=Path, required=True, metavar="FILE", help="feature table with genres")
    parser.add_argument("--tasks", nargs="+", default=["statistics", "vae", "umap"], metavar="TASK")
    options = parser.parse_args()
    inputs = read_inputs(options.table)
    evaluation = load_config(EvaluationConfig, CONF / "evaluation.yaml")
    baseline = baseline_task(load_config(TaskConfig, CONF / "tasks" / "baseline.yaml"), inputs)
    print(f"{inputs.n_tracks} tracks, {evaluation.seeds} seeds, {evaluation.subsamples} subsamples")
    print("| task | one training with all clusterers, s | evaluation, s | ratio |\n|" + " --- |" * 4)
    for name in options.tasks:
        task = load_config(TaskConfig, CONF / "tasks" / f"{name}.yaml")
        run_task(task, baseline, evaluation, inputs)  # imports and compilation
        start = time.perf_counter()
        run_task(task, baseline, evaluation, inputs)
        middle = time.perf_counter()
        evaluate_task(task, baseline, evaluation, inputs)
        one, all_of_it = middle - start, time.perf_counter() - middle
        print(f"| {name} | {one:.1f} | {all_of_it:.1f} | {all_of_it / one:.0f} |", flush=True)


def read_inputs(path: Path) -> TaskInputs:
    """Return a feature table's tracks without known faults."""
    corpus = FeatureTable(path, labelled=True)
    tracks = [track for track in corpus.tracks() if not (track.fault or track.unusable)]
    genres = np.array([str(track.genre) for track in tracks])
    return TaskInputs(None, corpus.features(tracks).to_numpy(dtype=np.float32), None, genres)


if __name__ == "__main__":
    main()
