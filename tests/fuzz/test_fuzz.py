"""Altered music, tables, archives and conf files: whatever comes ends with a result or with one line.

Each target runs for FUZZ_SECONDS, 60 by default. `make fuzz` gives each five minutes.
"""

from __future__ import annotations

import faulthandler
import io
import json
import os
import resource
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from mlproject.config.data import DataConfig, FeaturesConfig
from mlproject.config.evaluation import EvaluationConfig
from mlproject.config.loading import load_config
from mlproject.config.tasks import TaskConfig
from mlproject.corpus.decoding import inspect, place_clip, read_clip
from mlproject.corpus.opening import open_corpus
from mlproject.corpus.texts import read_lyrics
from mlproject.errors import MlprojectError
from tests.reliability.audio_cases import encode, write
from tests.reliability.file_cases import as_tar, as_zip
from tests.reliability.table_cases import FEATURES

pytestmark = pytest.mark.slow
SECONDS = float(os.environ.get("FUZZ_SECONDS", "60"))
SLOWEST = 30  # s that one input may take
MOST_MEMORY = 1024  # MiB that the process may grow by
CONF = Path(__file__).parents[2] / "conf"
NUMBERS = [b"\0", b"\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x80"]
INTERESTING = [*NUMBERS, b"=", b"- ", b"*a", b"&a ", b"\n"]

# Where, as a share of the length; how many bytes go; what comes instead.
EDITS = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.sampled_from([0, 1, 2, 4, 8, 100, 10_000]),
        st.one_of(st.sampled_from(INTERESTING), st.binary(max_size=16)),
    ),
    min_size=1,
    max_size=6,
)


def altered(content: bytes, edits: list[tuple[float, int, bytes]], *, head: bool) -> bytes:
    """Apply edits; those of the `head` hit the first 200 bytes, where headers are."""
    changed = bytearray(content)
    for share, gone, new in edits:
        place = int(share * (min(200, len(changed)) if head else len(changed)))
        changed[place : place + gone] = new
    return bytes(changed)


@contextmanager
def a_time_limit():
    """End the process with all its stacks where one input hangs; a decoder in C takes no other signal."""
    faulthandler.dump_traceback_later(SLOWEST, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


def fuzz(originals: list[tuple[str, bytes]], tried: Callable[[str, bytes], object], record) -> None:
    """Hand altered files to the project until the time is up; count how they end."""
    until, endings = time.monotonic() + SECONDS, {"result": 0, "one line": 0}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    @hypothesis.settings(max_examples=200, suppress_health_check=list(hypothesis.HealthCheck))
    @hypothesis.given(st.sampled_from(originals), EDITS, st.booleans())
    def run(original, edits, head):
        if time.monotonic() > until:
            return
        name, content = original
        with a_time_limit():
            try:
                tried(name, altered(content, edits, head=head))
            except MlprojectError as error:
                assert "\n" not in str(error)  # noqa: PT017 - most end with a result
                endings["one line"] += 1
            else:
                endings["result"] += 1

    round_number = 0
    while time.monotonic() < until:
        hypothesis.seed(round_number)(run)()
        round_number += 1
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    record("endings", json.dumps(endings))
    record("memory_grown_mib", round(grown))
    print(f"{sum(endings.values()):,} inputs in {SECONDS:g} s: {endings}, memory grown by {grown:.0f} MiB")
    assert grown < MOST_MEMORY
    assert all(endings.values())


def test_decoders(tmp_path, record_property):
    files = [write(tmp_path / f"a.{suffix}") for suffix in ("wav", "flac", "mp3", "ogg", "aiff", "au", "caf")]
    for suffix, codec, container in (("m4a", "aac", "ipod"), ("opus", "libopus", "ogg"), ("wma", "wmav2", "asf")):
        files.append(encode(tmp_path / f"b.{suffix}", codec, container=container))
    files.append(encode(tmp_path / "c.wv", "wavpack", container="wv"))

    def tried(name: str, content: bytes) -> None:
        path = tmp_path / f"tried{Path(name).suffix}"
        path.write_bytes(content)
        info = inspect(path)
        start = place_clip(info, 3.0, "middle")
        samples = read_clip(path, start=start, seconds=3.0, sr=22050)
        assert np.isfinite(samples).all()
        assert len(samples) >= min(3.0, info.seconds - start) * 22050 - 2

    fuzz([(path.name, path.read_bytes()) for path in files], tried, record_property)


def test_tables_and_texts(tmp_path, record_property):
    parquet = io.BytesIO()
    import pandas as pd

    pd.read_csv(io.StringIO(FEATURES)).to_parquet(parquet)
    originals = [
        ("a.csv", FEATURES.encode()),
        ("b.csv", FEATURES.replace(",", ";").replace(".", ",").encode("utf-16")),
        ("c.csv", FEATURES.replace("pop", "ménestrel").encode("latin-1")),
        ("d.parquet", parquet.getvalue()),
        ("e.lrc", "[ar:Somebody]\n[00:12.00]Où est le garçon\n".encode()),
        ("f.lrc", "[00:12.00]Я помню чудное мгновенье".encode("cp1251")),
    ]

    def tried(name: str, content: bytes) -> None:
        if name.endswith(".lrc"):
            read_lyrics(content, timed=True)
            return
        path = tmp_path / name
        path.write_bytes(content)
        corpus = open_corpus(DataConfig(corpus="table", root=str(path)))
        assert len(corpus.tracks()) == len(corpus.checksums())

    fuzz(originals, tried, record_property)


def test_archives(tmp_path, record_property):
    files = {"rock/a.wav": 0, "pop/b.wav": 1}
    originals = []
    for packing in (0, 8, 12, 14):
        originals.append((f"{packing}.zip", as_zip(tmp_path, files, packing).read_bytes()))
    links = {"pop/l.wav": "../rock/a.wav"}
    originals += [(name, as_tar(tmp_path / name, files, links).read_bytes()) for name in ("a.tar", "a.tar.gz")]

    def tried(name: str, content: bytes) -> None:
        path = tmp_path / f"tried-{name}"
        path.write_bytes(content)
        corpus = open_corpus(DataConfig(corpus="folder", root=str(path)))
        usable = [track for track in corpus.tracks() if track.unusable is None]
        for _, pieces in corpus.read(usable):
            for piece in pieces:
                assert piece

    fuzz(originals, tried, record_property)


def test_conf_files(tmp_path, record_property):
    models = {"data": DataConfig, "features": FeaturesConfig, "evaluation": EvaluationConfig}
    originals = [(f"{name}.yaml", (CONF / f"{name}.yaml").read_bytes()) for name in models]
    originals += [(f"tasks/{path.name}", path.read_bytes()) for path in sorted((CONF / "tasks").glob("*.yaml"))]

    def tried(name: str, content: bytes) -> None:
        path = tmp_path / Path(name).name
        path.write_bytes(content)
        load_config(TaskConfig if name.startswith("tasks/") else models[path.stem], path)

    fuzz(originals, tried, record_property)
