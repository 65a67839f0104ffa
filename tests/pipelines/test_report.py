"""Folders of tasks -> the explorer: which clips are in it, and how large it grows."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from pipelines import _report
from pipelines import _workspace as workspace
from tests.reporting.explorer.explored_runs import explored_run, explored_tracks, page_data

N_TRACKS, CLIP = 400, 27_000  # bytes; a clip of 6 s has about 25 KB


@pytest.fixture
def runs():
    tracks = explored_tracks(N_TRACKS, clusters=10)
    return [explored_run(f"run {index}", tracks=tracks) for index in range(15)]


@pytest.fixture
def music(monkeypatch, tmp_path, runs):
    """A checkout whose tracks have clips that no compression makes smaller."""
    rng = np.random.default_rng(1)
    table = pd.DataFrame({"track_id": runs[0].tracks.track_id, "file": "a.wav", "start": 0.0, "seconds": 30.0})
    table.to_parquet(tmp_path / "tracks.parquet")
    (tmp_path / "corpus.json").write_text(json.dumps({"holds": "audio", "clip_seconds": 30.0}))
    monkeypatch.setattr(workspace, "TRACKS", tmp_path / "tracks.parquet")
    monkeypatch.setattr(workspace, "CORPUS", tmp_path / "corpus.json")
    monkeypatch.setattr(_report, "listening_clip", lambda *_, **__: rng.bytes(CLIP))


@pytest.mark.usefixtures("music")
def test_with_audio_of_400_tracks_it_stays_under_15_mb(runs, tmp_path):
    clips = _report.listening_clips(runs, all_tracks=True)
    assert len(clips) == _report.CLIPS_LIMIT // CLIP < N_TRACKS
    assert _report.write_report(tmp_path / "report.html", runs, title="t", clips=clips)
    assert (tmp_path / "report.html").stat().st_size < 15e6
    assert len(page_data((tmp_path / "report.html").read_text())["clips"]) == len(clips)


def test_without_audio_it_stays_under_6_mb(runs, tmp_path):
    assert _report.write_report(tmp_path / "report.html", runs, title="t", clips={})
    assert (tmp_path / "report.html").stat().st_size < 6e6


@pytest.mark.usefixtures("music")
def test_central_tracks_are_heard_first(runs):
    clips = _report.listening_clips(runs[:1], all_tracks=True)
    central = {track for one in runs[0].clusters["clusters"] for track in one["central"]}
    assert set(list(clips)[: len(central)]) == central
    assert set(_report.listening_clips(runs[:1])) == central


def test_runs_without_maps_have_no_report(tmp_path):
    assert not _report.write_report(tmp_path / "report.html", [None], title="t", clips={})
    assert not (tmp_path / "report.html").exists()
