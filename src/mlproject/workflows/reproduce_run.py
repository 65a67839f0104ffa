"""A run that was logged -> the same run again, in a checkout of its own, and what differs."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from mlproject.errors import StageError
from mlproject.files import read_json, write_text
from mlproject.reporting.comparison.pair import paired_scores
from mlproject.results.compared_run import ComparedRun
from mlproject.results.hashes import result_hash
from mlproject.results.task_output import TaskOutput
from mlproject.tracking.search import files_of, find_task
from mlproject.tracking.store import ensure_store
from mlproject.workspace.console import log
from mlproject.workspace.environment import isolated_environment
from mlproject.workspace.paths import Workspace

__all__ = ["reproduce_run"]

KEPT = ("provenance", "scores.json", "assignments.parquet", "latent.npy")
STAGES = ("prepare", "audio_features", "lyrics_features")


def reproduce_run(workspace: Workspace, reference: str) -> None:
    """Train a run again from what it kept, and show what differs.

    Raises `ConfigError` if there is no such run (see `find_task`), `StageError` if its code or data are not to be had,
    or a single bit of the result differs.
    """
    run = find_task(ensure_store(workspace.root, log=log), reference)
    with tempfile.TemporaryDirectory() as scratch:
        kept = files_of(run.run_id, KEPT, Path(scratch) / "kept")
        provenance = kept / "provenance"  # what the run has kept of its code, data and configuration
        with _checkout(workspace, run.tags["commit"], provenance, Path(scratch) / "again") as again:
            _bring_data(workspace, again, provenance)
            folder = _train(again, run.task, provenance)
            _show(ComparedRun("then", TaskOutput(kept)), ComparedRun("now", TaskOutput(folder)))
            if result_hash(folder) != run.tags["result"]:
                raise StageError(f"{run.name} came out differently; the table shows by how much")
            print(f"{run.name}: the same to the last bit (vectors, partitions, scores: {run.tags['result'][:12]})")


@contextmanager
def _checkout(workspace: Workspace, commit: str, provenance: Path, root: Path) -> Iterator[Workspace]:
    """Check a commit out into a folder of its own, with the changes that a run kept; it is gone when the block ends."""
    if commit == "unknown":
        raise StageError("the run was made outside git, so its code is not known")
    log(f"checking out {commit[:12]}")
    _git(workspace.root, "worktree", "add", "--detach", str(root), commit)
    try:
        diff, lock = provenance / "uncommitted.diff", provenance / "dvc.lock"
        if diff.exists():
            if diff.read_text(errors="surrogateescape").startswith("# not kept"):
                raise StageError("the run's uncommitted changes were too large to be kept, so its code is not known")
            _git(root, "apply", str(diff.absolute()))
        if lock.exists():
            shutil.copyfile(lock, root / "dvc.lock")
        yield Workspace(root)
    finally:
        _git(workspace.root, "worktree", "remove", "--force", str(root))


def _bring_data(workspace: Workspace, again: Workspace, provenance: Path) -> None:
    """Fill a checkout with the data and features that the run read, from this checkout's cache or DVC's remote."""
    log("fetching data and features from DVC's cache")
    cache = _run([sys.executable, "-m", "dvc", "cache", "dir"], workspace.root, "dvc cache dir").strip()
    _run([sys.executable, "-m", "dvc", "cache", "dir", "--local", cache], again.root, "dvc cache dir")
    reads_lyrics = read_json(provenance / "config.json")["task"]["blocks"]["lyrics"] is not None
    stages = STAGES if reads_lyrics else STAGES[:2]
    for command in ("checkout", "pull"):
        try:
            _run([sys.executable, "-m", "dvc", command, "--quiet", *stages], again.root, f"dvc {command}")
            return
        except StageError as error:
            reason = error
    raise StageError(
        f"the run's data or features are neither in this checkout's DVC cache nor in a remote ({reason}); "
        "set the conf files as they were and run `dvc repro`, or add the remote that has them"
    ) from reason


def _train(again: Workspace, task: str, provenance: Path) -> Path:
    """Run a task's stage in a checkout with the configuration that a run kept; return the folder of its output."""
    log(f"training {task} again")
    config = read_json(provenance / "config.json")
    sections = {f"tasks/{task}": config["task"], "evaluation": config["evaluation"], "features": config["features"]}
    for name, section in sections.items():
        write_text(again.conf / f"{name}.yaml", yaml.safe_dump(section, sort_keys=False))
    _run([sys.executable, "-m", "pipelines.stages.task", task], again.root, "the training")
    return again.tasks / task


def _show(then: ComparedRun, now: ComparedRun) -> None:
    """Print the scores that differ."""
    from rich.console import Console

    from mlproject.reporting.terminal import pair_tables

    scores = paired_scores(then, now)
    if differing := [row for row in scores if row[1] != row[2]]:
        Console().print(pair_tables(("then", "now"), [], differing)[1])
    else:
        print(f"all {len(scores)} scores of the primary clusterer are equal")


def _git(root: Path, *arguments: str) -> None:
    _run(["git", *arguments], root, f"git {arguments[0]}")


def _run(command: list[str], folder: Path, purpose: str) -> str:
    done = subprocess.run(command, cwd=folder, env=isolated_environment(), capture_output=True, text=True)
    if done.returncode:
        reason = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["no reason given"]
        raise StageError(f"{purpose} failed: {reason[0].removeprefix('error: ').removeprefix('ERROR: ')}")
    return done.stdout
