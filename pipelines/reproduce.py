"""Make a run again from what it kept, in a checkout of its own, and show what differs.

python -m pipelines.reproduce medium              # a run by id or name, a version or an alias

Its commit and the changes that were not committed are checked out aside, data and features come from DVC's cache (or
remote), and its configuration from the run. On the same machine and versions nothing differs, to the last bit.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from mlproject.errors import ConfigError, StageError
from mlproject.files import read_json, write_text
from mlproject.reporting.comparison.comparison import Compared
from mlproject.reporting.comparison.pair import paired_scores
from mlproject.tracking.runs import isolated_environment
from pipelines import _workspace as workspace
from pipelines._command import run_command, say, wants_help

KEPT = ("provenance", "scores.json", "assignments.parquet", "latent.npy")
STAGES = ("prepare", "audio_features", "lyrics_features")


def main(arguments: list[str]) -> None:
    """Reproduce one run."""
    if wants_help(arguments):
        print(__doc__)
        return
    if len(arguments) != 1:
        raise ConfigError(f"reproduce takes one run, not {len(arguments)}; python -m pipelines.reproduce --help")
    from mlproject.tracking.registry.register import result_hash
    from mlproject.tracking.search import files_of, find_task

    run = find_task(workspace.tracking_uri(), arguments[0])
    with tempfile.TemporaryDirectory() as scratch:
        kept = files_of(run.run_id, KEPT, Path(scratch) / "kept")
        with checkout(run.tags["commit"], kept / "provenance", Path(scratch) / "again") as root:
            bring_data(root, kept / "provenance")
            again = train(root, run.task, kept / "provenance")
            show(Compared("then", kept), Compared("now", again))
            if result_hash(again) == run.tags["result"]:
                print(f"{run.name}: the same to the last bit (vectors, partitions, scores: {run.tags['result'][:12]})")
            else:
                raise StageError(f"{run.name} came out differently; the table shows by how much")


@contextmanager
def checkout(commit: str, provenance: Path, root: Path) -> Iterator[Path]:
    """Check a commit out aside, with the changes that a run kept; it is gone when the block ends."""
    if commit == "unknown":
        raise StageError("the run was made outside git, so its code is not known")
    say(f"checking out {commit[:12]}")
    _git(workspace.ROOT, "worktree", "add", "--detach", str(root), commit)
    try:
        diff = provenance / "uncommitted.diff"
        if diff.exists():
            if diff.read_text(errors="surrogateescape").startswith("# not kept"):
                raise StageError("the run's uncommitted changes were too large to be kept, so its code is not known")
            _git(root, "apply", str(diff.absolute()))
        if (provenance / "dvc.lock").exists():
            shutil.copyfile(provenance / "dvc.lock", root / "dvc.lock")
        yield root
    finally:
        _git(workspace.ROOT, "worktree", "remove", "--force", str(root))


def bring_data(root: Path, provenance: Path) -> None:
    """Fill a checkout with the data and features that the run read, from this checkout's cache or DVC's remote."""
    say("fetching data and features from DVC's cache")
    cache = _run([sys.executable, "-m", "dvc", "cache", "dir"], workspace.ROOT, "dvc cache dir").strip()
    _run([sys.executable, "-m", "dvc", "cache", "dir", "--local", cache], root, "dvc cache dir")
    reads_lyrics = read_json(provenance / "config.json")["task"]["blocks"]["lyrics"] is not None
    stages = STAGES if reads_lyrics else STAGES[:2]
    for command in ("checkout", "pull"):
        try:
            _run([sys.executable, "-m", "dvc", command, "--quiet", *stages], root, f"dvc {command}")
            return
        except StageError as error:
            reason = error
    raise StageError(
        f"the run's data or features are neither in this checkout's DVC cache nor in a remote ({reason}); "
        "set the conf files as they were and run `dvc repro`, or add the remote that has them"
    ) from reason


def train(root: Path, task: str, provenance: Path) -> Path:
    """Run a task's stage in a checkout with the configuration that a run kept; return the folder of its output."""
    say(f"training {task} again")
    config = read_json(provenance / "config.json")
    write_text(root / "conf" / "tasks" / f"{task}.yaml", yaml.safe_dump(config["task"], sort_keys=False))
    evaluation = config["evaluation"] | {"figures": False}
    for name, section in (("evaluation", evaluation), ("features", config["features"])):
        write_text(root / "conf" / f"{name}.yaml", yaml.safe_dump(section, sort_keys=False))
    store = {"MLFLOW_TRACKING_URI": f"sqlite:///{root / 'mlflow.db'}"}
    _run([sys.executable, "-m", "pipelines.task", f"stage={task}"], root, "the training", **store)
    return root / "artifacts" / "tasks" / task


def show(then: Compared, now: Compared) -> None:
    """Print the scores that differ."""
    from rich.console import Console

    from mlproject.reporting.terminal import pair_tables

    differing = [row for row in paired_scores(then, now) if row[1] != row[2]]
    if differing:
        Console().print(pair_tables(("then", "now"), [], differing)[1])
    else:
        print(f"all {len(paired_scores(then, now))} scores of the primary clusterer are equal")


def _git(root: Path, *arguments: str) -> None:
    _run(["git", "-C", str(root), *arguments], root if root.exists() else workspace.ROOT, f"git {arguments[0]}")


def _run(command: list[str], folder: Path, what: str, **environment: str) -> str:
    done = subprocess.run(command, cwd=folder, env=isolated_environment() | environment, capture_output=True, text=True)
    if done.returncode:
        reason = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["no reason given"]
        raise StageError(f"{what} failed: {reason[0].removeprefix('error: ').removeprefix('ERROR: ')}")
    return done.stdout


if __name__ == "__main__":
    run_command(main)
