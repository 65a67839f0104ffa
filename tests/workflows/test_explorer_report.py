"""Results -> the explorer: which clips are in it, and how large it grows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlproject.workflows import explorer
from mlproject.workspace.facts import CorpusFacts, write_corpus_facts
from mlproject.workspace.paths import Workspace
from tests.reporting.explorer.explored_runs import explored_run, explored_tracks, page_data

N_TRACKS, CLIP = 400, 27_000  # bytes; a clip of 6 s has about 25 KB


@pytest.fixture
def runs():
    tracks = explored_tracks(N_TRACKS, clusters=10)
    return [explored_run(f"run {index}", tracks=tracks) for index in range(15)]


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path)


@pytest.fixture
def music(monkeypatch, workspace, runs):
    """A workspace whose tracks have clips that no compression makes smaller."""
    rng = np.random.default_rng(1)
    ids = list(runs[0].task.assignments.index)
    table = pd.DataFrame({"track_id": ids, "file": "a.wav", "start": 0.0, "seconds": 30.0})
    workspace.tracks.parent.mkdir()
    table.to_parquet(workspace.tracks)
    facts = {"corpus": "folder", "holds": "audio", "lyrics": "tracks", "tracks": len(ids), "sample_rate": 22050}
    write_corpus_facts(workspace, CorpusFacts(**facts, clip_seconds=30.0))
    monkeypatch.setattr(explorer, "listening_clip", lambda *_, **__: rng.bytes(CLIP))


@pytest.mark.usefixtures("music")
def test_with_audio_of_400_tracks_it_stays_under_15_mb(runs, workspace, tmp_path):
    clips = explorer.listening_clips(workspace, runs, all_tracks=True)
    assert len(clips) == explorer.CLIPS_LIMIT // CLIP < N_TRACKS
    assert explorer.write_report(tmp_path / "report.html", runs, title="t", clips=clips)
    assert (tmp_path / "report.html").stat().st_size < 15e6
    assert len(page_data((tmp_path / "report.html").read_text())["clips"]) == len(clips)


def test_without_audio_it_stays_under_6_mb(runs, tmp_path):
    assert explorer.write_report(tmp_path / "report.html", runs, title="t", clips={})
    assert (tmp_path / "report.html").stat().st_size < 6e6


@pytest.mark.usefixtures("music")
def test_central_tracks_are_heard_first(runs, workspace):
    clips = explorer.listening_clips(workspace, runs[:1], all_tracks=True)
    central = {track for cluster in runs[0].task.clusters for track in cluster.central}
    assert set(list(clips)[: len(central)]) == central
    assert set(explorer.listening_clips(workspace, runs[:1])) == central


def test_runs_without_projections_have_no_report(tmp_path):
    run = explored_run("plain", tracks=explored_tracks(12))
    run.task.__dict__["projections"] = None
    assert not explorer.write_report(tmp_path / "report.html", [run], title="t", clips={})
    assert not (tmp_path / "report.html").exists()
