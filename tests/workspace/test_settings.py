"""The conf files of a workspace: environment variables, cross-checks, names of before."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from mlproject.errors import ConfigError
from mlproject.workspace.all_settings import check_all_configs
from mlproject.workspace.paths import Workspace
from mlproject.workspace.settings import data_config
from mlproject.workspace.task_settings import experiment_config, task_names

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    shutil.copytree(ROOT / "conf", tmp_path / "conf")
    return Workspace(tmp_path)


def change(workspace: Workspace, file: str, **changes: object) -> None:
    path = workspace.conf / f"{file}.yaml"
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | changes, sort_keys=False))


def test_the_committed_files_are_right(workspace):
    check_all_configs(workspace)
    assert sorted(experiment_config(workspace).tasks) == task_names(workspace)


def test_variables_take_the_place_of_keys_and_paths_are_relative_to_the_root(workspace, monkeypatch):
    monkeypatch.setenv("MLPROJECT_CORPUS", "folder")
    monkeypatch.setenv("MLPROJECT_ROOT", "music")
    monkeypatch.setenv("MLPROJECT_LABELS", "none")
    config = data_config(workspace)
    assert (config.corpus, config.root, config.labels) == ("folder", str(workspace.root / "music"), "none")


def test_a_wrong_variable_is_named(workspace, monkeypatch):
    monkeypatch.setenv("MLPROJECT_CORPUS", "gtza")
    with pytest.raises(ConfigError, match=r"data\.yaml with MLPROJECT_CORPUS: corpus='gtza'"):
        data_config(workspace)


def test_two_workspaces_do_not_know_of_each_other(workspace, tmp_path):
    other = Workspace(tmp_path / "other")
    shutil.copytree(workspace.conf, other.conf)
    change(other, "data", sample_seed=7)
    assert (data_config(workspace).sample_seed, data_config(other).sample_seed) == (0, 7)


def test_the_experiment_names_tasks_that_are_there(workspace):
    (workspace.conf / "tasks" / "easy.yaml").unlink()
    change(workspace, "evaluation", ablation=[])
    with pytest.raises(ConfigError, match=r"experiment.yaml: tasks names 'easy'"):
        check_all_configs(workspace)


def test_the_experiment_has_the_features_that_each_task_reads(workspace):
    tasks = yaml.safe_load((workspace.conf / "experiment.yaml").read_text())["tasks"]
    change(workspace, "experiment", tasks=tasks | {"medium": {"features": "artifacts/features/audio"}})
    with pytest.raises(ConfigError, match=r"medium has features: artifacts/features/audio, but blocks.lyrics"):
        check_all_configs(workspace)


def test_the_ablation_names_tasks_that_are_there(workspace):
    change(workspace, "evaluation", ablation=["mediun"])
    with pytest.raises(ConfigError, match="did you mean 'medium'"):
        check_all_configs(workspace)
