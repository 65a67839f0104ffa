"""Two runs side by side: in the terminal, as figures and as a run of its own."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from mlproject.errors import ConfigError
from mlproject.files import write_figure
from mlproject.reporting.comparison.pair import agreement, differing, draw_pair, paired_scores
from mlproject.reporting.terminal import pair_tables
from mlproject.tracking.runs import artifacts_are_local, log_folder, open_run
from mlproject.workflows.explorer import REPORT, listening_clips, write_report
from mlproject.workflows.select_runs import StoredRun
from mlproject.workflows.tracking_session import TrackingSession

__all__ = ["compare_pair"]


def compare_pair(session: TrackingSession, runs: Sequence[StoredRun]) -> None:
    """Show what differs between two runs, and log it as a run of its own; `ConfigError` if both names mean one run."""
    if len(runs) < 2:
        only = runs[0].run
        raise ConfigError(f"both names mean the run {only.name!r} ({only.run_id}); give two runs")
    pair = runs[0].compared, runs[1].compared
    settings = differing(runs[0].run.params, runs[1].run.params)
    for table in pair_tables((pair[0].name, pair[1].name), settings, paired_scores(*pair)):
        Console().print(table)
    shared, index = agreement(*pair)
    alike = "no track in common" if index is None else f"{shared} tracks in common; their partitions: ARI {index:.3f}"
    print(alike)
    with (
        TemporaryDirectory() as scratch,
        open_run(session.uri, f"compare {pair[0].name} with {pair[1].name}", task="compare") as run,
    ):
        folder = Path(scratch)
        for stem, figure in draw_pair(*pair):
            write_figure(folder / "figures" / f"{stem}.png", figure)
        clips = listening_clips(session.workspace, pair) if artifacts_are_local(run) else {}
        write_report(folder / REPORT, pair, title=f"{pair[0].name} and {pair[1].name}", clips=clips)
        note = "\n".join([alike, "", *(f"- {name}: {first} | {second}" for name, first, second in settings)])
        log_folder(run, folder, kind="comparison", note=note)
    print(f"run: {run.name!r} in the experiment {run.experiment!r}")
    print(f"figures and {REPORT} are among its artifacts")
