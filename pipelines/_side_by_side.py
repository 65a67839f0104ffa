"""Two runs side by side: in the terminal, as figures and as a run of its own."""

from __future__ import annotations

import tempfile
from pathlib import Path

from rich.console import Console

from mlproject.errors import ConfigError
from mlproject.files import write_figure
from mlproject.reporting.comparison.pair import agreement, differing, draw_pair, paired_scores
from mlproject.reporting.terminal import pair_tables
from pipelines import _workspace as workspace
from pipelines._comparing import Entry
from pipelines._report import REPORT, explored, listening_clips, write_report

__all__ = ["compare_two"]


def compare_two(uri: str, first: Entry, second: Entry | None = None) -> None:
    """Show what differs between two runs, and log it as a run of its own."""
    if second is None:
        raise ConfigError(f"both names mean the run {first.run.name!r} ({first.run.run_id}); give two runs")
    from mlproject.tracking.runs import artifacts_are_local, log_folder, open_run

    pair = first.compared, second.compared
    settings = differing(first.run.params, second.run.params)
    for table in pair_tables((pair[0].name, pair[1].name), settings, paired_scores(*pair)):
        Console().print(table)
    shared, index = agreement(*pair)
    alike = "no track in common" if index is None else f"{shared} tracks in common; their partitions: ARI {index:.3f}"
    print(alike)
    with tempfile.TemporaryDirectory() as scratch:
        folder, runs = Path(scratch), [explored(run.name, run.folder, run.evaluation) for run in pair]
        for stem, figure in draw_pair(*pair):
            write_figure(folder / "figures" / f"{stem}.png", figure)
        with open_run(uri, f"compare {pair[0].name} with {pair[1].name}", task="compare") as run:
            clips = listening_clips(runs) if artifacts_are_local(run) else {}
            write_report(folder / REPORT, runs, title=f"{pair[0].name} and {pair[1].name}", clips=clips)
            note = "\n".join([alike, "", *(f"- {name}: {own} | {other}" for name, own, other in settings)])
            log_folder(run, folder, kind="comparison", note=note)
    print(f"run: {run.name!r} in the experiment {workspace.experiment_name()!r}")
    print(f"figures and {REPORT} are among its artifacts")
