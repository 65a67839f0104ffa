"""Where results come from and what came from them, from DVC's lock file and the store's tags."""

from __future__ import annotations

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mlproject.errors import ConfigError
from mlproject.tracking.lineage import build_graph, content_hash, find_node
from mlproject.workspace.dvc_lock import outputs_hash

LOCK = {
    "stages": {
        "prepare": {
            "deps": [{"path": "src/mlproject/corpus", "md5": "c0" * 16}],
            "outs": [{"path": "data/tracks.parquet", "md5": "aa" * 16}, {"path": "data/subset", "md5": "ab" * 16}],
        },
        "audio_features": {
            "deps": [{"path": "data/tracks.parquet", "md5": "aa" * 16}, {"path": "data/subset", "md5": "ab" * 16}],
            "outs": [{"path": "artifacts/features/audio", "md5": "bb" * 16}],
        },
        "lyrics_features": {
            "deps": [{"path": "data/tracks.parquet", "md5": "aa" * 16}],
            "outs": [{"path": "artifacts/features/lyrics", "md5": "bc" * 16}],
        },
        "task@medium": {
            "deps": [{"path": "artifacts/features", "md5": "bd" * 16}],
            "outs": [{"path": "artifacts/tasks/medium", "md5": "dd" * 16}],
        },
    }
}
DATA = outputs_hash(LOCK, "prepare")
AUDIO, BOTH = outputs_hash(LOCK, "audio_features"), outputs_hash(LOCK, "audio_features", "lyrics_features")


def run(run_id, name, **tags):
    info = SimpleNamespace(run_id=run_id, run_name=name, status="FINISHED")
    return SimpleNamespace(info=info, data=SimpleNamespace(tags={"kind": "task", **tags}))


def version(number, run_id, *aliases, **tags):
    return SimpleNamespace(version=number, run_id=run_id, aliases=list(aliases), tags=tags)


RUNS = [
    run(
        "1" * 32,
        "medium",
        data_hash=DATA,
        features_hash=BOTH,
        commit="c" * 40,
        config_hash="5" * 32,
        result="e" * 32,
        commit_clean="false",
    ),
    run("2" * 32, "baseline", data_hash=DATA, features_hash=AUDIO, commit="c" * 40, config_hash="6" * 32),
    run("3" * 32, "evaluate medium", kind="evaluation", data_hash=DATA, features_hash=BOTH, config_hash="5" * 32),
    run("4" * 32, "medium seed 1", kind="seed", **{"mlflow.parentRunId": "3" * 32}),
    run("9" * 32, "of other data", data_hash="0123456789ab" + "0" * 20, features_hash="unknown", commit="unknown"),
]
VERSIONS = [
    version(1, "2" * 32, "baseline", task="baseline", verdict="none"),
    version(2, "1" * 32, "champion", "best of May", task="medium", verdict="beats"),
]


@pytest.fixture
def graph():
    return build_graph(LOCK, RUNS, VERSIONS)


def names(nodes):
    return [node.key for node in nodes]


class TestGraph:
    def test_a_version_came_from_its_run_and_that_from_data_features_code_and_configuration(self, graph):
        (own,) = graph.origins(find_node(graph, "champion"))
        assert own.name == "1" * 32
        assert names(graph.origins(own)) == [
            "commit " + "c" * 12,
            "config " + "5" * 12,
            f"data {DATA[:12]}",
            f"features {BOTH[:12]}",
        ]

    def test_a_state_of_the_data_is_made_of_its_files_and_read_by_its_runs(self, graph):
        data = find_node(graph, DATA)
        assert names(graph.origins(data)) == ["file data/subset", "file data/tracks.parquet"]
        assert names(graph.results(data)) == [f"run {number * 32}" for number in "123"]

    def test_features_without_lyrics_are_another_state_than_those_with_them(self, graph):
        audio, both = find_node(graph, AUDIO), find_node(graph, BOTH)
        assert names(graph.origins(audio)) == ["file artifacts/features/audio"]
        assert names(graph.origins(both)) == ["file artifacts/features/audio", "file artifacts/features/lyrics"]
        assert names(graph.results(audio)) == ["run " + "2" * 32]

    def test_a_stage_that_reads_a_folder_reads_all_that_lies_in_it(self, graph):
        task = find_node(graph, "artifacts/tasks/medium")
        assert names(graph.origins(task)) == ["file artifacts/features/audio", "file artifacts/features/lyrics"]
        assert task.note == "made by the stage task@medium"

    def test_children_came_from_their_parent(self, graph):
        assert names(graph.results(find_node(graph, "3" * 32))) == ["run " + "4" * 32]
        assert names(graph.origins(find_node(graph, "4" * 32))) == ["run " + "3" * 32]

    def test_both_directions_tell_of_the_same_edges(self, graph):
        nodes = list(graph.nodes.values())
        forth = {(node.key, result.key) for node in nodes for result in graph.results(node)}
        back = {(origin.key, node.key) for node in nodes for origin in graph.origins(node)}
        assert forth == back
        assert len(forth) == 25

    def test_what_dvc_lock_has_no_longer_is_said_to_be_of_other_days(self, graph):
        (other,) = graph.origins(find_node(graph, "of other data"))
        assert (other.name, other.note) == ("0123456789ab", "not those of the present dvc.lock")
        assert find_node(graph, DATA).note == "as dvc.lock has them now"

    def test_a_run_with_uncommitted_changes_says_so(self, graph):
        assert "uncommitted changes" in find_node(graph, "medium").note
        assert "uncommitted changes" not in find_node(graph, "baseline").note

    def test_an_empty_store_and_no_lock_file_are_an_empty_graph(self):
        assert build_graph({}, [], []).nodes == {}


class TestFinding:
    @pytest.mark.parametrize(
        ("reference", "key"),
        [
            ("1" * 32, "run " + "1" * 32),
            ("medium", "run " + "1" * 32),
            ("evaluate medium", "run " + "3" * 32),
            ("2", "version 2"),
            ("champion", "version 2"),
            ("best of May", "version 2"),
            ("models:/genre-clusters/1", "version 1"),
            ("models:/genre-clusters@champion", "version 2"),
            ("data/tracks.parquet", "file data/tracks.parquet"),
            ("data/subset/", "file data/subset"),
            ("data/subset/0123.wav", "file data/subset"),
            ("aaaaaa", "file data/tracks.parquet"),
            ("aa" * 16, "file data/tracks.parquet"),
            ("cccccc", "commit " + "c" * 12),
            ("555555", "config " + "5" * 12),
            ("111111", "run " + "1" * 32),
            ("eeeeee", "run " + "1" * 32),
            ("0123456789ab00000", "data 0123456789ab"),
        ],
    )
    def test_a_node_is_found_by_every_kind_of_reference(self, graph, reference, key):
        assert find_node(graph, reference).key == key

    @pytest.mark.parametrize("reference", ["models:/genre-clusters/7", "data/other", "aaaa", "3", "", "zzzzzzzz"])
    def test_anything_else_is_nothing_that_is_known(self, graph, reference):
        with pytest.raises(ConfigError, match="is nothing that is known here; give a run's id or name"):
            find_node(graph, reference)

    def test_a_name_means_the_first_of_its_runs_which_is_the_newest(self):
        graph = build_graph({}, [run("b" * 32, "easy"), run("a" * 32, "easy")], [])
        assert find_node(graph, "easy").name == "b" * 32

    def test_the_name_of_a_run_may_have_a_comma(self):
        graph = build_graph({}, [run("a" * 32, "easy, with 64 dimensions")], [])
        assert find_node(graph, "easy, with 64 dimensions").name == "a" * 32

    def test_a_verdict_is_no_reference(self, graph):
        with pytest.raises(ConfigError, match="nothing that is known"):
            find_node(graph, "beats")


class TestContentHash:
    @given(content=st.binary(max_size=200))
    def test_a_file_is_known_by_its_content_alone(self, tmp_path_factory, content):
        folder = tmp_path_factory.mktemp("files")
        for name in ("a", "b"):
            (folder / name).write_bytes(content)
        assert content_hash(folder / "a") == content_hash(folder / "b")
        (folder / "b").write_bytes(content + b"0")
        assert content_hash(folder / "a") != content_hash(folder / "b")

    def test_a_folder_is_known_by_the_names_and_contents_of_its_files(self, tmp_path):
        found = []
        for name, file, content in (("a", "x", b"1"), ("b", "x", b"1"), ("c", "y", b"1"), ("d", "x", b"2")):
            (tmp_path / name / "empty").mkdir(parents=True)
            (tmp_path / name / file).write_bytes(content)
            found.append(content_hash(tmp_path / name))
        assert found[0] == found[1]
        assert len(set(found)) == 3

    @pytest.mark.slow
    def test_it_is_what_dvc_writes_into_its_lock_file(self, tmp_path):
        folder = tmp_path / "out" / "folder"
        for name in ("b.txt", "a/z", "a-b", "a.b", "A", "deep/er/ümlaut 歌.bin", "empty", ".hidden", 'quote"d'):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(b"" if name == "empty" else name.encode() * 1000)
        (tmp_path / "out" / "file.npy").write_bytes(bytes(range(256)) * 5000)
        stage = {"cmd": "true", "outs": [{"out/folder": {"persist": True}}, {"out/file.npy": {"persist": True}}]}
        (tmp_path / "dvc.yaml").write_text(yaml.safe_dump({"stages": {"made": stage}}))
        environment = {**os.environ, "DVC_NO_ANALYTICS": "true"}
        for arguments in (["init", "--no-scm", "--quiet"], ["commit", "--force", "--quiet"]):
            command = [sys.executable, "-m", "dvc", *arguments]
            subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
        outs = yaml.safe_load((tmp_path / "dvc.lock").read_text())["stages"]["made"]["outs"]
        assert {out["path"]: content_hash(tmp_path / out["path"]) for out in outs} == {
            out["path"]: out["md5"] for out in outs
        }
        assert len(outs) == 2


def test_what_read_another_state_of_a_file_did_not_come_from_the_present_one():
    stages = {name: dict(stage) for name, stage in LOCK["stages"].items()}
    features = next(name for name in stages if stages[name]["outs"][0]["path"] == "artifacts/features/audio")
    old = [{"path": "data/tracks.parquet", "md5": "00" * 16}, {"path": "data/subset", "md5": "ab" * 16}]
    graph = build_graph({"stages": stages | {features: stages[features] | {"deps": old}}}, [], [])
    origins = {node.name for node in graph.origins(graph.nodes["file artifacts/features/audio"])}
    assert origins == {"data/subset"}
