"""The house holds together: stages, entry points, files, conf keys and imports agree."""

from __future__ import annotations

import ast
import hashlib
import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import pytest
import yaml

import mlproject
from mlproject.config import DataConfig, EvaluationConfig, FeaturesConfig, TaskConfig, load_config

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted(module.name for module in pkgutil.walk_packages(mlproject.__path__, "mlproject."))
SOURCES = sorted([*(ROOT / "src").rglob("*.py"), *(ROOT / "pipelines").glob("*.py")])
TASKS = sorted(path.stem for path in (ROOT / "conf" / "tasks").glob("*.yaml"))
# Library -> the one package that may import it.
HOMES = {
    "librosa": "features",
    "sentence_transformers": "features",
    "umap": "models",
    "torch": "models",
    "matplotlib": "reporting",
    "plotly": "reporting",
    "mlflow": "tracking",
    "optuna": "tuning",
}
# Commands that ask about runs and make none: neither a stage nor an entry point.
QUESTIONS = {"lineage", "reproduce"}
# What reads and writes files and settings but computes nothing that is in an output.
INFRASTRUCTURE = {
    *(f"mlproject/{name}.py" for name in ("errors", "files")),
    *(f"mlproject/config/{path.name}" for path in (ROOT / "src/mlproject/config").glob("*.py")),
    *(f"mlproject/tracking/{path.name}" for path in (ROOT / "src/mlproject/tracking").glob("*.py")),
    "mlproject/reporting/comparison/leaderboard.py",
    "mlproject/reporting/terminal.py",
}


def _read(name: str) -> dict:
    return yaml.safe_load((ROOT / name).read_text())


def _commands() -> set[str]:
    return {path.stem for path in (ROOT / "pipelines").glob("*.py") if not path.stem.startswith("_")}


def _imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def test_every_stage_and_entry_point_is_a_file_of_pipelines_and_every_file_is_one():
    stages, entry_points = set(_read("dvc.yaml")["stages"]), set(_read("MLproject")["entry_points"])
    assert stages | (entry_points - {"main"}) | {"task"} | QUESTIONS == _commands()


@pytest.mark.parametrize("name", _read("dvc.yaml")["stages"])
def test_a_stage_runs_its_own_file(name):
    stage = _read("dvc.yaml")["stages"][name]
    command = stage.get("do", stage)["cmd"]
    assert command.startswith(f"python -m pipelines.{name}")


def test_each_entry_point_runs_its_own_file():
    for name, entry in _read("MLproject")["entry_points"].items():
        module = "task" if name == "main" else name
        assert entry["command"].startswith(f"python -m pipelines.{module}")


def test_dvc_runs_every_task_on_just_the_features_that_its_file_names():
    items = _read("dvc.yaml")["stages"]["task"]["foreach"]
    needed = {}
    for task in TASKS:
        blocks = load_config(TaskConfig, ROOT / "conf" / "tasks" / f"{task}.yaml").blocks
        needed[task] = {"features": "artifacts/features" if blocks.lyrics else "artifacts/features/audio"}
    assert items == needed


@pytest.mark.parametrize("name", sorted(set(_read("dvc.yaml")["stages"]) - {"source"}))
def test_a_stage_depends_on_the_code_that_it_imports(name):
    stage = _read("dvc.yaml")["stages"][name]
    deps = [dep.removeprefix("src/") for dep in stage.get("do", stage)["deps"]]
    imported = _imported(ROOT / "pipelines" / f"{name}.py") & set(MODULES)
    modules = {
        f"{one.replace('.', '/')}.py" for one in imported if not hasattr(importlib.import_module(one), "__path__")
    }
    assert [one for one in modules - INFRASTRUCTURE if not any(one.startswith(dep) for dep in deps)] == []
    assert f"pipelines/{name}.py" in deps


def test_dvc_shows_the_metrics_of_every_task():
    assert _read("dvc.yaml")["metrics"] == [f"artifacts/tasks/{task}/metrics.json" for task in TASKS]


def test_prepare_depends_on_every_key_of_its_conf_file_but_the_users_own_paths():
    params = _read("dvc.yaml")["stages"]["prepare"]["params"][0]["conf/data.yaml"]
    assert sorted(params) == sorted(set(DataConfig.model_fields) - {"root", "artists"})


@pytest.mark.parametrize(
    ("model", "name"),
    [
        (DataConfig, "data"),
        (FeaturesConfig, "features"),
        (EvaluationConfig, "evaluation"),
        *((TaskConfig, f"tasks/{task}") for task in TASKS),
    ],
)
def test_a_committed_conf_file_spells_out_every_key(model, name):
    content = _read(f"conf/{name}.yaml")
    config = load_config(model, ROOT / "conf" / f"{name}.yaml")
    assert set(content) == set(model.model_fields)
    for key, value in content.items():
        if isinstance(value, dict):
            assert set(value) == set(type(getattr(config, key)).model_fields), key


@pytest.mark.parametrize("library", HOMES)
def test_a_library_is_imported_in_its_home_alone(library):
    strangers = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if any(name.split(".")[0] == library for name in _imported(path))
        and f"src/mlproject/{HOMES[library]}/" not in path.as_posix()
    ]
    assert strangers == []


@pytest.mark.parametrize(
    "name", [name for name in MODULES if name.split(".")[1] in ("features", "models", "clustering")]
)
def test_what_computes_sees_neither_ids_nor_paths_of_tracks(name):
    module = importlib.import_module(name)
    for _, function in inspect.getmembers(module, inspect.isfunction):
        if function.__module__ == name and not name.endswith((".persistence", ".lyrics")):
            names = set(inspect.signature(function).parameters)
            assert not names & {"track_id", "track_ids", "path", "paths", "genres", "labels"}, function


@pytest.mark.parametrize("name", MODULES)
def test_all_names_what_is_there(name):
    module = importlib.import_module(name)
    for public in getattr(module, "__all__", []):
        assert hasattr(module, public)


def test_dvc_lock_is_that_of_the_committed_code():
    changed = [
        dep["path"]
        for stage in _read("dvc.lock")["stages"].values()
        for dep in stage.get("deps", [])
        if (ROOT / dep["path"]).is_file() and dep["path"].startswith(("src/", "pipelines/"))
        if hashlib.md5((ROOT / dep["path"]).read_bytes()).hexdigest() != dep["md5"]
    ]
    assert changed == [], "run: dvc repro, on the demo corpus, and commit dvc.lock"


def test_the_pictures_of_the_readme_are_there():
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", (ROOT / "README.md").read_text())
    assert pictures
    assert [picture for picture in pictures if not (ROOT / picture).is_file()] == []


def test_the_package_carries_its_table_of_faults():
    patterns = (ROOT / "pyproject.toml").read_text()
    assert "corpus/*.csv" in patterns
    assert list((ROOT / "src/mlproject/corpus").glob("*.csv"))


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned(name):
    lines = [line for line in (ROOT / name).read_text().splitlines() if line and not line.startswith(("-r", "#"))]
    assert all("==" in line for line in lines)


def test_test_files_have_names_of_their_own():
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))  # pytest imports them by these, and collects one of two
