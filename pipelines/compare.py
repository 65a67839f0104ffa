"""Entry point and stage `compare`: which run is best, why, and how surely; leaderboard, figures, explorer, champion.

mlflow run . -e compare --env-manager local
python -m pipelines.compare                                the newest run of each name, on the present data
python -m pipelines.compare data=all since=2026-01-31 task=easy
python -m pipelines.compare medium baseline                two runs side by side: names, ids, versions or aliases
python -m pipelines.compare undo=champion                  give the alias back to the version that had it before
python -m pipelines.compare promote=7                      the same gate, asked by hand
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console

from mlproject.errors import ConfigError, did_you_mean
from mlproject.files import atomic_folder
from mlproject.reporting.comparison.comparison import Comparison
from mlproject.reporting.terminal import leaderboard_tables
from pipelines import _workspace as workspace
from pipelines._champion import move_champion, settle
from pipelines._command import run_command, say, wants_help, words_and_values
from pipelines._comparing import Selection, log_comparison, stage_results, stored
from pipelines._report import REPORT, explored, listening_clips, write_report
from pipelines._side_by_side import compare_two
from pipelines._taking_in import take_in

NARROWEST = 96  # columns that the leaderboard needs
KEYS = ("task", "data", "since", "undo", "promote", "stage", "runs")


def main(arguments: list[str]) -> None:
    """Compare runs of the store; with ``stage=compare``, as DVC's stage, what the other stages left in artifacts/."""
    if wants_help(arguments):
        print(__doc__)
        return
    named, given = words_and_values(arguments)
    for key in given:
        if key not in KEYS:
            raise ConfigError(f"unknown key {key!r} of compare; {did_you_mean(key, KEYS)}")
    named += [one.strip() for one in given.pop("runs", "").split(",") if one.strip()]
    workspace.check_all_configs()
    uri, commit = workspace.tracking_uri(), workspace.commit()
    if "undo" in given or "promote" in given:
        print(move_champion(given))
        name_started_run(f"compare {' '.join(given)}")
    elif "stage" in given:
        compare_stage(uri, commit)
    elif len(named) == 2:
        with TemporaryDirectory() as scratch:
            compare_two(uri, *stored(uri, Selection(named=tuple(named)), Path(scratch)))
    else:
        take_in(uri, commit)
        compare_stored(uri, Selection.of(given, named))


def compare_stage(uri: str, commit: Any) -> None:
    """Write artifacts/comparison/ from the results of the other stages, then give these runs, versions and verdicts."""
    comparison = Comparison(stage_results(), workspace.evaluation_config())
    with atomic_folder(workspace.COMPARISON) as folder:
        drawn = write(comparison, folder, clips=True)
    print(f"written: {workspace.COMPARISON.relative_to(workspace.ROOT)}/")
    if drawn:
        print(f"clusters to explore and hear, in a browser: {workspace.COMPARISON / REPORT}")
    take_in(uri, commit, checked=True)
    compare_stored(uri, Selection(data=workspace.data_hash()))


def compare_stored(uri: str, selection: Selection) -> None:
    """Compare runs of the store: show, log, and where the table is whole, settle verdicts and champion."""
    with TemporaryDirectory() as scratch:
        entries = stored(uri, selection, Path(scratch))
        if not entries:
            raise ConfigError(f"there is no finished run of a task {selection}; run one: mlflow run . -P task=medium")
        comparison = Comparison([entry.compared for entry in entries], workspace.evaluation_config())
        width = max(NARROWEST, Console().width)
        for table in leaderboard_tables(comparison.rows):
            Console(width=width).print(table)
        run_id, name = log_comparison(uri, comparison, partial(write, comparison))
        if selection.whole:
            for line in settle(entries, comparison, run_id):
                say(line)
    print(f"run: {name!r} in the experiment {workspace.experiment_name()!r}")
    print(f"tables, figures and {REPORT} are among its artifacts")


def write(comparison: Comparison, folder: Path, clips: bool) -> bool:
    """Write tables, figures and the explorer of all runs, with clips to listen to or without.

    Returns
    -------
    bool
        Whether there is an explorer: runs without figures have no maps to show.
    """
    comparison.write(folder)
    runs = [explored(run.name, run.folder, run.evaluation) for run in comparison.finished]
    heard = listening_clips(runs, all_tracks=True) if clips else {}
    return write_report(folder / REPORT, runs, title="Clusters of every run", clips=heard)


def name_started_run(name: str) -> None:
    """Say on the run of `mlflow run` what it was."""
    from mlproject.tracking.runs import name_started_run

    name_started_run(name, {"kind": "promotion", "task": "compare"})


if __name__ == "__main__":
    run_command(main)
