"""New music: the command, `mlflow models predict` and a served model give the same answers."""

from __future__ import annotations

import base64
import json
import os
import signal
import socket
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest

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

    finished_copy.run(
        "mlflow", "run", ".", "-e", "predict", "-P", f"input={music}", "-P", f"output={tmp_path}/two.csv", *LOCAL
    )
    pd.testing.assert_frame_equal(own, pd.read_csv(tmp_path / "two.csv"))

    store = {"MLFLOW_TRACKING_URI": f"sqlite:///{finished_copy.folder / 'mlflow.db'}"}
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


def _same(own: pd.DataFrame, answers: list[dict]) -> None:
    assert [answer["error"] is None for answer in answers] == own.error.isna().tolist()
    given = pd.DataFrame(answers)
    assert given.cluster[1:].astype(int).tolist() == own.cluster[1:].astype(int).tolist()
    assert given.name[1:].tolist() == own.name[1:].tolist()
    assert given.distance[1:].tolist() == pytest.approx(own.distance[1:].tolist())
    assert given.nearest[1:].tolist() == own.nearest[1:].tolist()


@contextmanager
def _served(clone, store):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = clone.start("mlflow", "models", "serve", "-m", MODEL, "-p", str(port), *LOCAL, **store)

    def post(body: dict) -> list[dict]:
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/invocations",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)["predictions"]

    try:
        for _ in range(240):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/ping", timeout=5):
                    break
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                assert process.poll() is None, process.communicate()[0]
                time.sleep(0.5)
        yield post
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.communicate(timeout=60)


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
        (["input=tests", "output=a.csv"], "no audio in 'tests'"),
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
