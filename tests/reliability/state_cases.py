"""Configuration, caches, models, and requests to a served model."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlproject.config.data import DataConfig
from mlproject.config.experiment import ExperimentConfig
from mlproject.config.study import StudyConfig
from mlproject.corpus.contents import Memory
from mlproject.corpus.file_tree import FileTree
from mlproject.features.caching import row_hash, whole_rows
from mlproject.files import write_table
from mlproject.results.task_output import TaskOutput
from mlproject.workflows.predict_tracks import write_playlists
from mlproject.workspace.paths import Workspace
from mlproject.workspace.task_settings import task_names
from tests.prediction.trained_tasks import Trained, rendered, train
from tests.reliability.outcomes import ANEW, LINE, ROW, SAID, USED, Case, Outcome, changed, configured, loaded


@cache
def small_task() -> Trained:
    """Train one small task for all cases."""
    return train(Path(tempfile.mkdtemp(prefix="reliability-")) / "small")


GOOD = "audio: {n_mfcc: 20, n_fft: 2048, hop_length: 512, n_mels: 128}\n"
GOOD += "lyrics: {source: corpus, file: null, model: packaged, asr_model: x}\n"


def configuration() -> Iterator[Case]:
    def case(what: str, text: str | bytes, **options: Any) -> Case:
        return Case("Configuration", what, lambda folder: configured(folder, text, **options))

    yield case("a good file", GOOD)
    yield case("a byte order mark", GOOD.encode("utf-8-sig"))
    yield case("!!int abc", GOOD.replace("20,", "!!int abc,"))
    yield case("an impossible date", GOOD.replace("20,", "2026-02-31,"))
    yield case("a number of 5,000 digits", GOOD.replace("20,", "9" * 5000 + ","))
    yield case("nesting 2,000 deep", "audio: " + "[" * 2000 + "]" * 2000)
    yield case("aliases that mean billions of values", _aliases())
    yield case("1:30 (90 in YAML 1.1)", GOOD.replace("20,", "1:30,"))
    yield case("017 (15 in YAML 1.1)", GOOD.replace("20,", "017,"))
    yield case("0x1F, 0b11 and 1_000", GOOD.replace("20,", "0x1F,"))
    yield case("!!int without a number", GOOD.replace("20,", "!!int '',"))
    yield case("!!bool abc", GOOD.replace("20,", "!!bool abc,"))
    yield case("!!timestamp abc", GOOD.replace("20,", "!!timestamp abc,"))
    yield case("a number for a key", GOOD + "7: x\n")
    yield case("yes for a key", GOOD + "yes: x\n")
    yield case("half of a surrogate pair", 'audio: "\\ud800"\n')
    yield case("yes for a number", GOOD.replace("20,", "yes,"))
    yield case("a key twice", GOOD + "audio: {}\n")
    yield case("a key twice, further in", GOOD.replace("{n_mfcc: 20,", "{n_mfcc: 20, n_mfcc: 30,"))
    yield case("a misspelt key", GOOD.replace("n_mfcc", "n_mfc"))
    yield case("a value out of its range", GOOD.replace("20,", "1,"))
    yield case("infinity", GOOD.replace("20,", ".inf,"))
    yield case("a list where a mapping belongs", "- 1\n- 2\n")
    yield case("no YAML at all", "audio: {n_mfcc: 20")
    yield case("an object of Python", "audio: !!python/object/apply:os.system [ls]\n")
    yield case("a file in Latin-1", GOOD.encode() + "# é".encode("latin-1"))
    yield case("a file of zeros", bytes(1000))
    yield case("an empty file", "")
    yield case("2 MB of comments", "# " + "x" * 2_000_000)
    yield case(
        "a root on another corpus than a folder's", "corpus: demo\nroot: /music\n", model=_Loose, name="data.yaml"
    )
    yield case(
        "a space of a study without an end", "space: {latent_dim: {low: 8}}\n", model=StudyConfig, name="study.yaml"
    )
    yield case(
        "an experiment with a task that says nothing",
        "tasks: {easy: {}}\n",
        model=ExperimentConfig,
        name="experiment.yaml",
    )
    yield Case("Configuration", "a pipe for a conf file", _pipe)
    yield Case("Configuration", "a task file named all.yaml", lambda folder: _task_file(folder, "all"))
    yield Case("Configuration", "a task file with 200 letters", lambda folder: _task_file(folder, "x" * 200))
    yield Case("Configuration", "latent_dim=017 on the command line", lambda _: changed(latent_dim="017"))
    yield Case("Configuration", "latent_dim=abc", lambda _: changed(latent_dim="abc"))
    yield Case("Configuration", "latent_dim=1:30", lambda _: changed(latent_dim="1:30"))
    yield Case("Configuration", "a learning rate of -1", lambda _: changed(learning_rate="-1"))
    yield Case("Configuration", "study_name of 300 letters", lambda folder: _study(folder, study_name="s" * 300))
    yield Case("Configuration", "workers=100000", lambda folder: _study(folder, workers="100000"))
    yield Case("Configuration", "workers=-1", lambda folder: _study(folder, workers="-1"))


class _Loose(DataConfig):
    spelled_out = False


def _aliases() -> str:
    return "\n".join(["a0: &a0 [x, x]"] + [f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, 60)])


def _pipe(folder: Path) -> Outcome:
    from mlproject.config.loading import load_config

    os.mkfifo(folder / "data.yaml")
    load_config(DataConfig, folder / "data.yaml")
    return Outcome(USED, "")


def _task_file(folder: Path, name: str) -> Outcome:
    (folder / "conf" / "tasks").mkdir(parents=True)
    (folder / "conf" / "tasks" / f"{name}.yaml").write_text("")
    return Outcome(USED, str(task_names(Workspace(folder))))


def _study(folder: Path, **given: str) -> Outcome:
    from mlproject.workflows.study_settings import read_settings

    shutil.copytree(Path(__file__).parents[2] / "conf", folder / "conf")
    return Outcome(USED, str(read_settings(Workspace(folder), given).workers))


def caches() -> Iterator[Case]:
    for what, content in (
        ("an empty cache of checksums", b""),
        ("half of a cache of checksums", b'{"sha256|/music/a.wav|1|2": "ab'),
        ("a cache of checksums that is a list", b"[1, 2]"),
        ("a cache of checksums with numbers for checksums", b'{"x": 7}'),
    ):
        yield Case("Caches and models", what, lambda folder, content=content: _remembered(folder, content))  # type: ignore[misc]
    yield Case("Caches and models", "an array of features that was cut off", lambda folder: _features(folder, cut=True))
    yield Case(
        "Caches and models", "an array of features with flipped bytes", lambda folder: _features(folder, cut=False)
    )

    def model(what: str, change: Callable[[Path], object]) -> Case:
        def run(folder: Path) -> Outcome:
            shutil.copytree(small_task().package, folder / "model")
            change(folder / "model")
            return loaded(folder / "model")

        return Case("Caches and models", what, run)

    yield model("a good model", lambda _: None)
    yield model("half of model.json", lambda folder: _half(folder / "model.json"))
    yield model("an empty model.json", lambda folder: (folder / "model.json").write_bytes(b""))
    yield model("a model.json that is a list", lambda folder: (folder / "model.json").write_bytes(b"[]"))
    yield model("a model of the class os.system", lambda folder: _edit(folder / "model.json", **{"class": "os.system"}))
    yield model("a model without a state", lambda folder: _edit(folder / "model.json", state=None))
    yield model("half of arrays.npz", lambda folder: _half(folder / "arrays.npz"))
    yield model("an arrays.npz without arrays", lambda folder: np.savez(folder / "arrays.npz"))
    yield model("a pickle for arrays.npz", lambda folder: np.savez(folder / "arrays.npz", np.array([{}], dtype=object)))
    yield model("an empty recipe.json", lambda folder: (folder / "recipe.json").write_bytes(b""))
    yield model("a recipe.json with a wrong type", lambda folder: _edit(folder / "recipe.json", sample_rate="fast"))
    yield model("a missing recipe.json", lambda folder: (folder / "recipe.json").unlink())
    yield model("a missing known.npz", lambda folder: (folder / "known.npz").unlink())
    yield model("a recipe without columns", lambda folder: _edit(folder / "recipe.json", columns={}))
    yield model(
        "a recipe with columns that no track has", lambda folder: _edit(folder / "recipe.json", columns={"x": [0, 2]})
    )
    yield model("a recipe without clusters", lambda folder: _edit(folder / "recipe.json", clusters=[]))
    yield model("a recipe of 0 Hz", lambda folder: _edit(folder / "recipe.json", sample_rate=0))
    yield model("an array alone for arrays.npz", lambda folder: _array(folder / "arrays.npz"))
    yield model("half of known.npz", lambda folder: _half(folder / "known.npz"))
    yield Case("Caches and models", "half of a result's scores.json", _result)
    yield Case("What is written", "a line break in the name of a track, in a playlist", _playlist)
    yield Case("What is written", "=HYPERLINK(...) in a cell of a CSV", lambda folder: _cell(folder, '=HYPERLINK("x")'))
    yield Case(
        "What is written", "@SUM, +1 and -1 in cells of a CSV", lambda folder: _cell(folder, "@SUM(1)", "+1", "-1")
    )


def _array(path: Path) -> None:
    with path.open("wb") as file:
        np.save(file, np.zeros(3))


def _half(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def _edit(path: Path, **changes: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def _remembered(folder: Path, content: bytes) -> Outcome:
    (folder / "music").mkdir()
    (folder / "music" / "a.wav").write_bytes(b"x")
    (folder / "files.json").write_bytes(content)
    found = FileTree(folder / "music", Memory(folder / "files.json")).checksums(["a.wav"])
    assert len(found["a.wav"]) == 64
    assert isinstance(json.loads((folder / "files.json").read_text()), dict)
    return Outcome(ANEW, "nothing; the cache is written again")


def _features(folder: Path, *, cut: bool) -> Outcome:
    rows = np.arange(40, dtype=np.float32).reshape(4, 10)
    np.save(folder / "rows.npy", rows)
    content = bytearray((folder / "rows.npy").read_bytes())
    if cut:
        del content[-20:]
    else:
        content[-1] ^= 0xFF
    (folder / "rows.npy").write_bytes(content)
    hashes = [row_hash(row) for row in rows]
    whole = whole_rows(lambda: ("abcd", hashes, np.load(folder / "rows.npy")), row_hash)
    assert set(whole) == (set() if cut else set("abc"))
    return Outcome(ANEW, f"{4 - len(whole)} of 4 rows are computed again, {len(whole)} kept")


def _result(folder: Path) -> Outcome:
    shutil.copytree(small_task().output.folder, folder / "easy")
    _half(folder / "easy" / "scores.json")
    return Outcome(USED, TaskOutput(folder / "easy").record.task)


def _playlist(folder: Path) -> Outcome:
    table = pd.DataFrame(
        {"track": ["/m/a.mp3", "/m/b\n/etc/passwd"], "cluster": [0, 0], "name": ["calm", "calm"]}
        | {"confidence": [0.5, 0.4], "error": [None, None]}
    )
    (path,) = write_playlists(folder / "list.m3u8", table)
    assert path.read_text().splitlines() == ["#EXTM3U", "#PLAYLIST:calm", "/m/a.mp3"]
    return Outcome(SAID, "1 of 2 names have a line break and are in no playlist; a table has them")


def _cell(folder: Path, *cells: str) -> Outcome:
    write_table(folder / "a.csv", pd.DataFrame({"x": list(cells), "y": -1.5}))
    lines = (folder / "a.csv").read_text().splitlines()[1:]
    return Outcome(USED, "; ".join(lines))


def serving() -> Iterator[Case]:
    good = base64.b64encode(next(iter(rendered().values()))).decode()

    def case(what: str, *rows: dict[str, object], root: bool = False) -> Case:
        return Case("Serving", what, lambda folder: _answer(folder, list(rows), root=root))

    yield case("a good file", {"audio": good})
    yield case("a bad file between two good ones", {"audio": good}, {"audio": "bm8gYXVkaW8="}, {"audio": good})
    yield case("audio that is no base64", {"audio": "%%%"}, {"audio": good})
    yield case("audio that is a number", {"audio": 7}, {"audio": good})
    yield case("audio that is null", {"audio": None}, {"audio": good})
    yield case("a misspelt column", {"adio": good})
    yield case("/etc/passwd as a path", {"path": "/etc/passwd"})
    yield case("a path that is not there", {"path": "/nowhere.wav"})
    yield case("a path outside of MLPROJECT_SERVE_ROOT", {"path": "../secret.wav"}, root=True)
    yield case("a link out of MLPROJECT_SERVE_ROOT", {"path": "link.wav"}, root=True)
    yield case("a path in MLPROJECT_SERVE_ROOT", {"path": "in.wav"}, root=True)
    yield case("a FLAC of 400 kB with 2 hours of silence", {"audio": _long_silence()})
    yield case("16 channels", {"audio": _channels(16)})
    yield case("a playlist that names a file of the server", {"audio": _encoded(b"#EXTM3U\n/etc/passwd\n")})
    yield case("an address", {"audio": _encoded(b"http://127.0.0.1/music.wav")})
    yield case("300 rows", *[{"audio": ""}] * 300)
    yield case("lyrics that are a number", {"audio": good, "lyrics": 7})


def _encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


@cache
def _long_silence() -> str:
    import io

    import soundfile

    file = io.BytesIO()
    with soundfile.SoundFile(file, "w", 8000, 1, format="FLAC") as flac:
        for _ in range(120):
            flac.write(np.zeros(60 * 8000, dtype=np.int16))
    return _encoded(file.getvalue())


def _channels(number: int) -> str:
    import io

    import soundfile

    file = io.BytesIO()
    soundfile.write(file, np.zeros((22050, number)), 22050, format="WAV")
    return _encoded(file.getvalue())


def _answer(folder: Path, rows: list[dict[str, object]], *, root: bool) -> Outcome:
    from mlproject.prediction.predictor import Predictor
    from mlproject.tracking.registry import serving as served

    content = next(iter(rendered().values()))
    (folder / "served").mkdir()
    (folder / "served" / "in.wav").write_bytes(content)
    (folder / "secret.wav").write_bytes(content)
    (folder / "served" / "link.wav").symlink_to(folder / "secret.wav")
    os.environ.pop(served.SERVE_ROOT, None)
    if root:
        os.environ[served.SERVE_ROOT] = str(folder / "served")
    try:
        model = served.GenreClusters()
        model.predictor = Predictor.load(small_task().package, limits=served.LIMITS)
        table = pd.DataFrame(rows)
        known = table[[name for name in table if name in ("audio", "path", "lyrics")]]
        answers = model.predict(None, known).error.tolist()  # type: ignore[arg-type]
    finally:
        os.environ.pop(served.SERVE_ROOT, None)
    reasons = sorted({answer for answer in answers if answer})
    placed = sum(answer is None for answer in answers)
    happens = USED if not reasons else ROW.replace("rejected.csv", "the answer")
    return Outcome(happens, "; ".join([f"{placed} of {len(answers)} placed", *reasons]))


def commands() -> Iterator[Case]:
    def case(what: str, line: str, **environment: str) -> Case:
        return Case("Commands", what, lambda folder: _command(folder, line, environment))

    yield case("standard output is closed", "python -m pipelines.predict --help >&-")
    yield case("nobody reads the output (| head)", "python -m pipelines.task --help | true; exit ${PIPESTATUS[0]}")
    yield case("the disk of the output is full", "python -m pipelines.predict --help >/dev/full")
    yield case(
        "LC_ALL=C and a name in another script", "python -m pipelines.predict input=нет output=é.csv", LC_ALL="C"
    )
    yield case("a name that is not UTF-8", r"python -m pipelines.predict input=$'caf\xe9' output=a.csv")
    yield case("TMPDIR is not there", "python -m pipelines.predict input=нет output=a.csv", TMPDIR="/nowhere")
    yield Case("Commands", "a checkout whose path has ? and % in it", lambda folder: _address(folder / "what?%20"))


def _command(folder: Path, line: str, environment: dict[str, str]) -> Outcome:
    """Run a command in a shell; what it prints goes to the user, beside the help that was asked for."""
    root = Path(__file__).parents[2]
    paths = {"PYTHONPATH": f"{root / 'src'}:{root}", "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=folder,
        env=os.environ | paths | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) <= 1
    return Outcome(LINE if lines else "ends", f"status {done.returncode}" + "".join(f": {said}" for said in lines))


def _address(folder: Path) -> Outcome:
    from mlproject.tracking.store import database_uri

    return Outcome(USED, database_uri(folder))


def cases() -> Iterator[Case]:
    yield from commands()
    yield from configuration()
    yield from caches()
    yield from serving()
