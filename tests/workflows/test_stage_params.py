"""The `params` of dvc.yaml: a stage reads the keys of conf files that it declares there, and no others."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
import yaml

from mlproject.config.data import AudioConfig, DataConfig, LyricsConfig
from mlproject.config.evaluation import EvaluationConfig
from pipelines.stages import audio_features, compare, evaluate, lyrics_features, prepare, task
from tests.workflows.conftest import ROOT, configure

# A user's own paths reach a stage through what `source` has written of them: these keys stand for a file under `deps`.
BY_FILE = {
    "prepare": {"root": "data/source.csv", "artists": "data/artists.csv"},
    "lyrics_features": {
        "lyrics.file": "data/lyrics.csv",
        "lyrics.model": "data/text_models.json",
        "lyrics.asr_model": "data/text_models.json",
    },
}
PREFIXES = {DataConfig: "", EvaluationConfig: "", LyricsConfig: "lyrics."}
Reading = Callable[[Callable[[], object]], set[str]]


@pytest.fixture
def keys_read(monkeypatch) -> Reading:
    """Run something and return the keys of conf/data.yaml, features.yaml and evaluation.yaml that it reads."""

    def watch(section: type, read: set[str]) -> None:
        plain = section.__getattribute__

        def key_of(field: str) -> str:
            return "audio" if section is AudioConfig else PREFIXES[section] + field

        def watched(self: object, name: str) -> object:
            caller = sys._getframe(1).f_code
            validates = "/mlproject/config/" in caller.co_filename and caller.co_name.startswith("_")
            if name in section.model_fields and not validates:
                read.add(key_of(name))
            elif name in ("model_dump", "model_dump_json") and "/mlproject/config/" not in caller.co_filename:
                read.update(key_of(field) for field in section.model_fields)
            return plain(self, name)

        monkeypatch.setattr(section, "__getattribute__", watched)

    def reading(run: Callable[[], object]) -> set[str]:
        read: set[str] = set()
        with monkeypatch.context():
            for section in (AudioConfig, DataConfig, EvaluationConfig, LyricsConfig):
                watch(section, read)
            run()
        return read

    return reading


def _declared(stage: str) -> set[str]:
    section = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"][stage]
    params = section.get("do", section)["params"]
    return {key for entry in params for keys in entry.values() for key in keys or []}


def _assert_declared(stage: str, read: set[str]) -> None:
    assert read - set(BY_FILE.get(stage, {})) == _declared(stage)


def test_stages_of_data(workspace, keys_read):
    _assert_declared("prepare", keys_read(lambda: prepare.main([], workspace)))


def test_stages_of_features(workspace, keys_read):
    _assert_declared("audio_features", keys_read(lambda: audio_features.main([], workspace)))
    _assert_declared("lyrics_features", keys_read(lambda: lyrics_features.main([], workspace)))


def test_stages_of_tasks(workspace, keys_read):
    _assert_declared("task", keys_read(lambda: task.main(workspace, "easy")))
    _assert_declared("evaluate", keys_read(lambda: evaluate.main(workspace, "easy")))
    configure(workspace, "evaluation", figures=True)
    _assert_declared("compare", keys_read(lambda: compare.main([], workspace)))
