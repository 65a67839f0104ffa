"""New music: the command, `mlflow models predict` and a served model give the same answers."""

from __future__ import annotations

import base64
import json
import os
import signal
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.servers import serving

pytestmark = [pytest.mark.pipeline, pytest.mark.slow]
PREDICT = ("python", "-m", "pipelines.predict")
LOCAL = ("--env-manager", "local")
MODEL = "models:/genre-clusters@baseline"


@pytest.fixture
def music(tmp_path, write_tone):
    """Five tones that no corpus has, with words for one, and a broken file."""
    folder = tmp_path / "new music"
    for number, frequency in enumerate((80.0, 220.0, 660.0, 1800.0, 5000.0)):
        write_tone(folder / "sub" / f"tone {number}.wav", seconds=12.0, frequency=frequency)
    (folder / "sub" / "tone 1.txt").write_text("words of a song")
    (folder / "broken.mp3").write_bytes(b"no music")
    return folder


def test_three_ways_give_the_same_clusters(finished_copy, music, tmp_path):
    output = finished_copy.run(*PREDICT, f"input={music}", f"output={tmp_path / 'one.csv'}", "model=baseline")
    assert "1 of 6 tracks could not be placed" in output
    own = pd.read_csv(tmp_path / "one.csv")
    assert "does not decode" in own.error[0]
    assert own.cluster[1:].notna().all()

    given = ("-P", f"input={music}", "-P", f"output={tmp_path}/two.csv", "-P", "model=baseline")
    finished_copy.run("mlflow", "run", ".", "-e", "predict", *given, *LOCAL)
    pd.testing.assert_frame_equal(own, pd.read_csv(tmp_path / "two.csv"))

    store = {"MLFLOW_TRACKING_URI": f"sqlite:///{finished_copy.folder / 'mlflow.db'}"}
    store["MLPROJECT_SERVE_ROOT"] = str(music)
    request = {"dataframe_records": [{"path": path} for path in own.track]}
    (tmp_path / "request.json").write_text(json.dumps(request))
    finished_copy.run(
        *("mlflow", "models", "predict", "-m", MODEL, "-i", str(tmp_path / "request.json")),
        *("-o", str(tmp_path / "three.json"), "-t", "json", *LOCAL),
        **store,
    )
    _same(own, json.loads((tmp_path / "three.json").read_text())["predictions"])
    with _served(finished_copy, store) as post:
        _same(own, post(request))
        as_bytes = [base64.b64encode(Path(path).read_bytes()).decode() for path in own.track]
        _same(own, post({"dataframe_records": [{"audio": content} for content in as_bytes]}))
        mixed = [{"audio": as_bytes[1]}, {"audio": None}, {"audio": "%"}, {"path": 7}, {"path": "/etc/passwd"}]
        answers = post({"dataframe_records": mixed})
        assert [answer["error"] is None for answer in answers] == [True, False, False, False, False]
        assert "neither 'audio'" in post({"dataframe_records": [{"pth": own.track[1]}]})[0]["error"]


def _same(own: pd.DataFrame, answers: list[dict]) -> None:
    assert [answer["error"] is None for answer in answers] == own.error.isna().tolist()
    given = pd.DataFrame(answers)
    assert given.cluster[1:].astype(int).tolist() == own.cluster[1:].astype(int).tolist()
    assert given.name[1:].tolist() == own.name[1:].tolist()
    assert given.distance[1:].tolist() == pytest.approx(own.distance[1:].tolist())
    assert given.nearest[1:].tolist() == own.nearest[1:].tolist()
    assert given.note.isna().tolist() == own.note.isna().tolist()


@contextmanager
def _served(clone, store):
    log, environment = clone.folder.parent / "served.log", clone.environment(**store)
    command = ("mlflow", "models", "serve", "-m", MODEL, *LOCAL)
    with serving(*command, answers_at="ping", folder=clone.folder, log=log, environment=environment) as url:

        def post(body: dict) -> Any:
            request = urllib.request.Request(
                f"{url}invocations", json.dumps(body).encode(), {"Content-Type": "application/json"}
            )
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)["predictions"]

        yield post


def test_rows_come_as_a_table_of_either_kind(finished, music, tmp_path):
    for name in ("one.csv", "one.parquet"):
        finished.run(*PREDICT, f"input={music}", f"output={tmp_path / 'new' / name}", "model=baseline")
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["one.csv", "one.parquet"]
    table = pd.read_parquet(tmp_path / "new" / "one.parquet")
    assert str(table.cluster.dtype) == "Int64"
    text = pd.read_csv(tmp_path / "new" / "one.csv").astype({"cluster": "Int64"})
    pd.testing.assert_frame_equal(table, text, check_dtype=False)


def test_an_interrupted_one_leaves_nothing_behind(finished, write_tone, tmp_path):
    for number in range(400):
        write_tone(tmp_path / "music" / f"{number}.wav", seconds=12.0)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "own.csv").write_text("of before")
    process = finished.start(*PREDICT, f"input={tmp_path / 'music'}", f"output={tmp_path / 'out' / 'own.csv'}")
    for _ in range(1200):
        written = next(iter((tmp_path / "out").glob(".*own.csv")), None)
        if written is not None and len(written.read_text().splitlines()) > 10:
            break
        assert process.poll() is None
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    output = process.communicate(timeout=60)[0]
    assert process.returncode == 130, output[-3000:]
    assert "nothing half-written is left behind" in output
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["own.csv"]
    assert (tmp_path / "out" / "own.csv").read_text() == "of before"


def test_a_model_of_lyrics_marks_tracks_without(finished, music, tmp_path):
    output = finished.run(*PREDICT, f"input={music}", f"output={tmp_path / 'one.csv'}", "model=medium")
    table = pd.read_csv(tmp_path / "one.csv")
    assert table.note.notna().tolist() == [False, True, False, True, True, True]
    assert "4 of 6 tracks have no text beside them" in output


def test_playlists_hold_the_surest_first(finished_copy, music, tmp_path):
    finished_copy.run(*PREDICT, f"input={music}", f"output={tmp_path / 'lists' / 'mine.m3u8'}")
    playlists = list((tmp_path / "lists").glob("mine *.m3u8"))
    tracks = [line for path in playlists for line in path.read_text().splitlines() if not line.startswith("#")]
    assert sorted(tracks) == sorted(map(str, music.rglob("*.wav")))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["input=nowhere", "output=a.csv"], "input='nowhere' is not there"),
        (["input=.", "output=a.txt"], "expected a name that ends in .csv"),
        (["input=."], "predict needs output=PATH"),
        (["input=tests", "output=a.csv"], "tests' holds no audio that can be read"),
        (["input=.", "output=a.csv", "modle=1"], "did you mean 'model'"),
        (["input=data/subset", "output=a.csv", "model=77"], "'77' is no version"),
        (["input=data/subset", "output=a.csv", "model=hard"], "hard was trained with the genre"),
    ],
)
def test_a_mistake_is_one_line(finished, arguments, expected):
    output = finished.run(*PREDICT, *arguments, status=2)
    assert expected in output
    assert "Traceback" not in output
    assert not (finished.folder / "a.csv").exists()
