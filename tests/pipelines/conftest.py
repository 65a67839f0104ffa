"""Clones of the working tree under a path with a space, and commands run in them as a user would."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.confs import configure, keep_tasks

ROOT = Path(__file__).resolve().parents[2]
TASKS = ("baseline", "easy", "hard", "medium")  # of a small clone
OURS = ("MLFLOW_", "MLPROJECT_", "GTZAN_ROOT", "DVC_")


class Clone:
    """A copy of what git tracks or would track, as a repository of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        listed = subprocess.run(
            ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for name in filter(None, listed.split("\0")):
            if (ROOT / name).is_file() and name != "dvc.lock":
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, folder / name)
        for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "A clone"]):
            identity = ["-c", "user.name=test", "-c", "user.email=test@localhost"]
            subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)

    @classmethod
    def at(cls, folder: Path) -> Clone:
        """Take a folder that is a clone already."""
        clone = object.__new__(cls)
        clone.folder = folder
        return clone

    def configure(self, file: str, **changes: object) -> None:
        """Change keys of a conf file; a double underscore goes one level down."""
        configure(self.folder / "conf", file, **changes)

    def keep_tasks(self, *names: str) -> None:
        """Leave all other tasks out of conf/tasks and the experiment."""
        keep_tasks(self.folder / "conf", *names)

    def environment(self, **extra: str) -> dict[str, str]:
        """The user's environment, without what this test run itself was given."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(OURS)}
        kept["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), kept["PATH"]])
        kept.pop("PYTHONPATH", None)
        return kept | {"MLFLOW_DISABLE_TELEMETRY": "true", "DVC_NO_ANALYTICS": "true"} | extra

    def start(self, *command: str, **extra: str) -> subprocess.Popen:
        """Start a command in a process group of its own."""
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=self.environment(**extra),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *command: str, status: int = 0, **extra: str) -> str:
        """Run a command, expect its exit status, return all it printed."""
        process = self.start(*command, **extra)
        output = process.communicate()[0]
        assert process.returncode == status, output[-6000:]
        return output

    def stages_run(self, output: str) -> list[str]:
        """Name the stages that a `dvc repro` did run."""
        return [line.split("'")[1] for line in output.splitlines() if line.startswith("Running stage")]

    def runs(self) -> list[dict[str, str]]:
        """Read all runs of the store: status, name and tags."""
        connection = sqlite3.connect(self.folder / "mlflow.db")
        rows = connection.execute("SELECT run_uuid, status, name, experiment_id, artifact_uri FROM runs").fetchall()
        found = [
            {"id": run, "status": status, "name": name, "experiment": str(experiment), "artifacts": artifacts}
            | dict(connection.execute("SELECT key, value FROM tags WHERE run_uuid = ?", (run,)).fetchall())
            for run, status, name, experiment, artifacts in rows
        ]
        connection.close()
        return found

    def locked_outputs(self) -> dict[str, str]:
        """Map each output of the pipeline to its hash in dvc.lock."""
        stages = yaml.safe_load((self.folder / "dvc.lock").read_text())["stages"]
        return {out["path"]: out["md5"] for stage in stages.values() for out in stage.get("outs", [])}

    def kill_group(self, process: subprocess.Popen) -> None:
        """End a command and all that it started, as hard as can be."""
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.fixture
def clone(tmp_path) -> Clone:
    """A clone with a small and quick configuration: 40 demo tracks, four tasks, two seeds, no figures."""
    return small_clone(tmp_path / "a clone")


def small_clone(folder: Path) -> Clone:
    """Make a clone with a small and quick configuration."""
    made = Clone(folder)
    made.configure("data", tracks_per_genre=4)
    made.keep_tasks(*TASKS)
    made.configure("evaluation", ablation=["baseline", "easy", "medium", "hard"])
    made.configure("evaluation", figures=False, seeds=2, subsamples=4, control_seeds=1)
    for task in ("easy", "medium", "hard"):
        made.configure(f"tasks/{task}", model__epochs=20)
    return made


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> Clone:
    """A small clone after `dvc repro`; tests that change it work on a copy."""
    made = small_clone(tmp_path_factory.mktemp("finished") / "a clone")
    made.output = made.run("dvc", "repro")
    return made


@pytest.fixture
def finished_copy(finished, tmp_path) -> Clone:
    """A copy of the finished clone that a test may change."""
    shutil.copytree(finished.folder, tmp_path / "copy", symlinks=True)
    return Clone.at(tmp_path / "copy")
