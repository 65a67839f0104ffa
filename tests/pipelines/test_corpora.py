"""Other corpora than the demo, from end to end: a user's folder, and real GTZAN."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
import soundfile

pytestmark = [pytest.mark.pipeline, pytest.mark.slow]


@pytest.fixture
def music(tmp_path):
    """36 tones of two seconds in three folders, one file that is no audio, one silent, one empty."""
    rng = np.random.default_rng(0)
    time = np.arange(2 * 22050) / 22050
    for number in range(36):
        folder = tmp_path / "music" / f"shelf {number % 3}"
        folder.mkdir(parents=True, exist_ok=True)
        tone = 0.3 * np.sin(2 * np.pi * (200 + 40 * number) * time) + 0.05 * rng.normal(size=len(time))
        soundfile.write(folder / f"track {number}.wav", tone.astype(np.float32), 22050)
    (tmp_path / "music" / "shelf 0" / "broken.wav").write_bytes(b"RIFF nothing that decodes")
    (tmp_path / "music" / "shelf 1" / "empty.flac").touch()
    soundfile.write(tmp_path / "music" / "shelf 2" / "silent.wav", np.zeros(44100), 22050)
    return tmp_path / "music"


def test_a_folder_without_labels_runs_what_needs_none(clone, music):
    clone.configure("data", corpus="folder", root=str(music), labels="none")
    output = clone.run("dvc", "repro")
    assert "3 tracks left out" in output
    rejected = pd.read_csv(clone.folder / "data" / "rejected.csv", index_col="track_id")
    assert "does not decode" in rejected.reason["shelf 0/broken"]
    assert "empty" in rejected.reason["shelf 1/empty"]
    assert "silent" in rejected.reason["shelf 2/silent"]
    status = {task: _scores(clone, task)["status"] for task in ("baseline", "easy", "medium", "hard")}
    assert status == {"baseline": "finished", "easy": "finished"} | dict.fromkeys(("medium", "hard"), "not applicable")
    own = _scores(clone, "easy")["scores"]["kmeans"]
    assert own["silhouette"] is not None
    assert "ami" not in own
    assert sorted(run["task"] for run in clone.runs() if run["kind"] == "task") == ["baseline", "easy"]
    assert "not applicable" in clone.run("python", "-m", "pipelines.task", "task=hard")
    assert str(music) not in (clone.folder / "dvc.lock").read_text()


def test_an_experiment_on_own_music_is_undone_without_losing_or_computing_anything(clone, music):
    clone.configure("data", corpus="folder", root=str(music), labels="none")
    clone.keep_tasks("baseline", "easy")
    clone.configure("evaluation", ablation=["baseline", "easy"])
    clone.run("dvc", "repro")
    before, kept = clone.locked_outputs(), _files(clone)
    clone.run("cp", "conf/tasks/easy.yaml", "before.yaml")
    clone.configure("tasks/easy", model__latent_dim=4)
    clone.run("dvc", "repro")
    assert clone.locked_outputs()["artifacts/tasks/easy"] != before["artifacts/tasks/easy"]
    clone.run("mv", "before.yaml", "conf/tasks/easy.yaml")
    output = clone.run("dvc", "repro")
    assert set(clone.stages_run(output)) <= {"source", "compare", "track"}  # results come from DVC's cache
    assert clone.locked_outputs() == before
    assert _files(clone) == kept


def _files(clone):
    folders = (clone.folder / "data", clone.folder / "artifacts")
    files = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    return {path.name: path.read_bytes() for path in files if path.suffix in (".parquet", ".npy", ".wav", ".csv")}


def test_the_whole_pipeline_on_real_gtzan(clone, gtzan_root):
    for task in ("easy", "medium", "hard"):
        clone.configure(f"tasks/{task}", model__epochs=150)
    clone.configure("data", corpus="gtzan", root=str(gtzan_root), tracks_per_genre=40)
    clone.configure("evaluation", figures=True)
    output = clone.run("dvc", "repro")
    assert "fewer tracks than asked for: blues 8, classical 8" in output
    tasks = {run["task"] for run in clone.runs() if run["kind"] == "task"}
    assert tasks == {"baseline", "easy", "medium", "hard"}
    assert {run["status"] for run in clone.runs()} == {"FINISHED"}
    board = pd.read_csv(clone.folder / "artifacts" / "comparison" / "leaderboard.csv", index_col="task")
    assert board.label_use.to_dict() == {
        "baseline": "label-free",
        "easy": "label-free",
        "medium": "label-informed",
        "hard": "label-informed",
    }
    assert (board.n_tracks == 80).all()
    mfcc = np.load(clone.folder / "artifacts" / "features" / "audio" / "mfcc.npy", mmap_mode="r")
    assert mfcc.shape == (80, 20, 1292)
    assert clone.stages_run(clone.run("dvc", "repro")) == ["source", "track"]


def _scores(clone, task: str) -> dict:
    return json.loads((clone.folder / "artifacts" / "tasks" / task / "scores.json").read_text())
