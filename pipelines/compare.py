"""Entry point and stage `compare`: which run is best, why, and how surely; leaderboard, figures, explorer, champion.

mlflow run . -e compare --env-manager local
python -m pipelines.compare                                the newest run of each name, on the present data
python -m pipelines.compare data=all since=2026-01-31 task=easy
python -m pipelines.compare medium baseline                two runs side by side: names, ids, versions or aliases
python -m pipelines.compare undo=champion                  give the alias back to the version that had it before
python -m pipelines.compare promote=7                      the same gate, asked by hand
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

from mlproject.artifacts import building
from mlproject.errors import ConfigError, did_you_mean
from mlproject.reporting.comparison import Compared, Comparison
from mlproject.reporting.terminal import leaderboard_tables
from pipelines import _workspace as workspace
from pipelines._command import run_command, say, wants_help, words_and_values
from pipelines._comparing import Entry, Selection, log_comparison, move_champion, settle, stage_results, stored, take_in
from pipelines._report import explored, listening_clips, write_report
from pipelines._side_by_side import compare_two

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
    elif "stage" in given:
        compare_stage(uri, commit)
    elif len(named) == 2:
        compare_two(uri, *stored(uri, Selection(named=tuple(named))))
    else:
        take_in(uri, commit)
        compare_stored(uri, Selection.of(given, named))


def compare_stage(uri: str, commit: Any) -> None:
    """Write artifacts/comparison/ from the results of the other stages, then give these runs, versions and verdicts."""
    comparison = Comparison(stage_results(), workspace.evaluation_config())
    with building(workspace.COMPARISON) as folder:
        write(comparison, folder, clips=True)
    take_in(uri, commit)
    found = stored(uri, Selection(data=workspace.data_hash()))
    entries = [entry for entry in found if _is_of_stage(entry, comparison.runs)]
    costs = {entry.compared.name: entry.compared.costs for entry in entries}
    runs = [replace(run, costs=costs.get(run.name, {})) for run in comparison.runs]
    show(uri, Comparison(runs, comparison.config), entries, workspace.COMPARISON)
    print(f"the same in {workspace.COMPARISON.relative_to(workspace.ROOT)}/: open report.html in a browser")


def compare_stored(uri: str, selection: Selection) -> None:
    """Compare runs of the store."""
    entries = stored(uri, selection)
    if not entries:
        raise ConfigError(f"there is no finished run of a task {selection}; run one: mlflow run . -P task=medium")
    comparison = Comparison([entry.compared for entry in entries], workspace.evaluation_config())
    with tempfile.TemporaryDirectory() as scratch:
        write(comparison, Path(scratch), clips=workspace.artifacts_are_local(uri))
        show(uri, comparison, entries, Path(scratch))


def write(comparison: Comparison, folder: Path, *, clips: bool) -> None:
    """Write tables, figures and the explorer of all runs."""
    comparison.write(folder)
    runs = [explored(run.name, run.folder, run.evaluation) for run in comparison.finished]
    heard = listening_clips(runs, all_tracks=True) if clips else {}
    write_report(folder / "report.html", runs, title="Clusters of every run", clips=heard)


def show(uri: str, comparison: Comparison, entries: Sequence[Entry], folder: Path) -> None:
    """Log a comparison, settle verdicts and champion, and say all of it in the terminal."""
    console = Console()
    for table in leaderboard_tables(comparison.rows):
        Console(width=max(NARROWEST, console.width)).print(table)
    run_id, name = log_comparison(uri, comparison, folder)
    for line in settle(entries, comparison, run_id):
        say(line)
    print(f"run: {name!r} in the experiment {workspace.experiment_name()!r}; tables, figures and report.html in it")


def _is_of_stage(entry: Entry, runs: Sequence[Compared]) -> bool:
    from mlproject.tracking.tasks import result_hash

    return entry.run.tags.get("result") in {result_hash(run.folder) for run in runs if run.finished}


if __name__ == "__main__":
    run_command(main)
