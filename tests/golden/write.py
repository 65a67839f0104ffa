"""Scores of every task on the demo corpus, and the file that holds them: python -m tests.golden.write

The demo corpus is rendered, so anyone gets the same tracks. What trains or embeds differs in its last bits from one
processor to another, and these grow; so the file names the processor that it was made on.
"""

from __future__ import annotations

import json
import platform
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

import pipelines  # noqa: F401 - finds the package of this checkout
from mlproject.files import write_text
from mlproject.workflows.compute_task import compute_task
from mlproject.workflows.inputs import LoadedCorpus, load_corpus
from mlproject.workflows.jobs import committed_job
from mlproject.workspace.paths import Workspace
from mlproject.workspace.task_settings import task_names
from pipelines.stages import audio_features, lyrics_features, prepare, source

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = Path(__file__).with_name("demo.json")

Scores = dict[str, dict[str, float | None]]


def demo_workspace(root: Path) -> tuple[Workspace, LoadedCorpus]:
    """Render the demo corpus into a workspace with the committed conf files, and compute its features."""
    shutil.copytree(ROOT / "conf", root / "conf")
    workspace = Workspace(root)
    for stage in (source, prepare, audio_features, lyrics_features):
        stage.main([], workspace)
    return workspace, load_corpus(workspace)


def demo_scores(workspace: Workspace, corpus: LoadedCorpus, tasks: Iterable[str]) -> dict[str, Scores]:
    """Train tasks and return their scores by clusterer."""
    scores: dict[str, Scores] = {}
    for name in tasks:
        with tempfile.TemporaryDirectory() as folder:
            job = committed_job(workspace, name)
            computed = compute_task(workspace, job, corpus, Path(folder) / name, projections=False)
            scores[name] = {clusterer: dict(found) for clusterer, found in computed.output.record.scores.items()}
    return scores


def processor() -> str:
    """Name the processor that computes."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def main() -> None:
    """Write the golden file."""
    with tempfile.TemporaryDirectory() as root:
        workspace, corpus = demo_workspace(Path(root) / "demo")
        scores = demo_scores(workspace, corpus, task_names(workspace))
    write_text(GOLDEN, json.dumps({"processor": processor(), "scores": scores}, indent=1, sort_keys=True) + "\n")
    print(f"written: {GOLDEN.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
