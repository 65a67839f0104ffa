"""The house holds together: stages, entry points, files, conf keys and imports agree."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import yaml

import mlproject
from mlproject.config.data import DataConfig, FeaturesConfig
from mlproject.config.evaluation import EvaluationConfig
from mlproject.config.experiment import ExperimentConfig
from mlproject.config.loading import load_config
from mlproject.config.tasks import TaskConfig
from mlproject.tracking.lineage import content_hash
from mlproject.tuning.study_spec import CODE
from tests.closure import EXCEPTED, closure, expanded, paths_used

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted(module.name for module in pkgutil.walk_packages(mlproject.__path__, "mlproject."))
SOURCES = sorted([*(ROOT / "src").rglob("*.py"), *(ROOT / "pipelines").rglob("*.py")])
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
# Commands beside the entry points of MLproject: they ask about runs or move an alias, and make no run.
FURTHER_COMMANDS = {"lineage", "promote", "reproduce"}
# Stages that always run, so that nothing has to make them stale.
ALWAYS_RUN = {"source", "track"}
COMPUTING = sorted(set(yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]) - ALWAYS_RUN)
# What a stage depends on without opening it. `root` may lie anywhere; its listing stands for it.
STANDS_FOR = {"prepare": {"data/source.csv"}}
# Paths of the workspace that are no output of a stage: folders around all, settings that `params` lists, caches.
NO_OUTPUTS = {".", "conf", ".cache", ".cache/measured", "artifacts/pending", "dvc.lock", "requirements.txt"}


def _read(name: str) -> dict:
    return yaml.safe_load((ROOT / name).read_text())


def _code(path: str) -> str:
    """Hash a file, or a folder without what running it leaves there, as DVC does."""
    with TemporaryDirectory() as scratch:
        target = Path(scratch) / "code"
        if (ROOT / path).is_dir():
            shutil.copytree(ROOT / path, target, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
        else:
            shutil.copy2(ROOT / path, target)
        return content_hash(target)


def _stage(name: str) -> dict:
    stage = _read("dvc.yaml")["stages"][name]
    return stage.get("do", stage)


def _modules(folder: str) -> set[str]:
    return {path.stem for path in (ROOT / folder).glob("*.py") if not path.stem.startswith("_")}


def _imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def _imported_at_run_time(path: Path) -> set[str]:
    """Like `_imported`, but for what is imported for the type checker alone."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = [ast.Pass()]
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def test_every_stage_is_a_module_of_the_stages_and_every_module_is_one():
    assert set(_read("dvc.yaml")["stages"]) == _modules("pipelines/stages")


def test_every_entry_point_is_a_module_of_pipelines_and_every_module_is_one():
    entry_points = set(_read("MLproject")["entry_points"])
    assert (entry_points - {"main"}) | {"task"} | FURTHER_COMMANDS == _modules("pipelines")


@pytest.mark.parametrize("name", _read("dvc.yaml")["stages"])
def test_a_stage_runs_its_own_module(name):
    assert _stage(name)["cmd"].startswith(f"python -m pipelines.stages.{name}")


def test_each_entry_point_runs_its_own_file():
    for name, entry in _read("MLproject")["entry_points"].items():
        module = "task" if name == "main" else name
        assert entry["command"].startswith(f"python -m pipelines.{module}")


def test_the_experiment_is_the_one_list_of_tasks():
    dvc, experiment = _read("dvc.yaml"), _read("conf/experiment.yaml")
    assert dvc["vars"] == ["conf/experiment.yaml"]
    assert dvc["stages"]["task"]["foreach"] == dvc["stages"]["evaluate"]["foreach"] == "${tasks}"
    assert sorted(experiment["tasks"]) == TASKS
    text = (ROOT / "dvc.yaml").read_text()
    assert [task for task in TASKS if re.search(rf"\b{task}\b", text) and task != "baseline"] == []


@pytest.mark.parametrize("name", COMPUTING)
def test_a_stage_depends_on_just_the_code_that_it_imports(name):
    entries = [entry for entry in _stage(name)["deps"] if entry.startswith(("pipelines", "src"))]
    code = closure(f"pipelines.stages.{name}")
    assert expanded(entries) == code, "run: python -m tests.closure --write"
    assert sum(len(expanded([entry])) for entry in entries) == len(code)  # no entry that another one covers


@pytest.mark.parametrize("name", COMPUTING)
def test_a_stage_depends_on_just_the_data_that_it_reads(name):
    stage = _stage(name)
    deps = {entry for entry in stage["deps"] if not entry.startswith(("pipelines", "src"))}
    if "${item.features}" in deps:
        deps = deps - {"${item.features}"} | {"artifacts/features/audio", "artifacts/features/lyrics"}
    keys = [key for kind in ("outs", "metrics", "plots") for key in stage.get(kind, [])]
    outs = {next(iter(out)) if isinstance(out, dict) else out for out in keys}
    outs = {out.split("/${key}")[0] for out in outs}
    used = paths_used(closure(f"pipelines.stages.{name}")) - NO_OUTPUTS
    assert deps == used - outs | STANDS_FOR.get(name, set())
    assert outs <= used


def test_the_closure_is_not_fooled():
    assert "src/mlproject/models/mvae.py" in closure("mlproject.models.factory")  # named by a composed string
    assert "src/mlproject/models/__init__.py" in closure("mlproject.models.factory")
    prepared = closure("pipelines.stages.prepare")  # reads tables and recipes that lie beside its code
    assert {"src/mlproject/corpus/gtzan_faults.csv", "src/mlproject/corpus/demo/recipes.yaml"} <= prepared
    code = closure("pipelines.stages.task")
    assert "src/mlproject/files.py" in code
    assert not any(path.startswith(("src/mlproject/reporting", "src/mlproject/tracking")) for path in code)


def test_what_is_excepted_from_dependencies_exists_and_has_a_reason():
    assert all((ROOT / path).is_file() and reason for path, reason in EXCEPTED.items())


def test_a_study_hashes_just_the_code_that_makes_a_trial():
    hashed = expanded(f"src/mlproject/{entry}" for entry in CODE)
    assert hashed == {path for path in closure("mlproject.tuning.worker") if path.startswith("src/mlproject/")}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_is_of_a_size_that_can_be_read(path):
    text = path.read_text()
    assert len(text.splitlines()) <= 350
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
            assert (node.end_lineno or 0) - first.lineno < 60, node.name


def test_no_module_outside_pipelines_begins_with_an_underscore():
    names = [path.relative_to(ROOT).as_posix() for path in (ROOT / "src").rglob("_*.py") if path.stem != "__init__"]
    assert names == []


def test_packages_import_nothing_eagerly():
    eager = [path for path in (ROOT / "src").rglob("__init__.py") if _imported(path)]
    assert eager == []


def test_prepare_depends_on_every_key_of_its_conf_file_but_the_users_own_paths():
    params = _read("dvc.yaml")["stages"]["prepare"]["params"][0]["conf/data.yaml"]
    assert sorted(params) == sorted(set(DataConfig.model_fields) - {"root", "artists"})


@pytest.mark.parametrize(
    ("model", "name"),
    [
        (DataConfig, "data"),
        (FeaturesConfig, "features"),
        (EvaluationConfig, "evaluation"),
        (ExperimentConfig, "experiment"),
        *((TaskConfig, f"tasks/{task}") for task in TASKS),
    ],
)
def test_a_committed_conf_file_spells_out_every_key(model, name):
    content = _read(f"conf/{name}.yaml")
    config = load_config(model, ROOT / "conf" / f"{name}.yaml")
    assert set(content) == set(model.model_fields)
    dumped = config.model_dump()  # less what a task does not read
    for key, value in content.items():
        if isinstance(value, dict):
            assert set(value) == set(dumped[key]), key


@pytest.mark.parametrize("library", HOMES)
def test_a_library_is_imported_in_its_home_alone(library):
    strangers = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if any(name.split(".")[0] == library for name in _imported_at_run_time(path))
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
    changed = {
        dep["path"]
        for stage in _read("dvc.lock")["stages"].values()
        for dep in stage.get("deps", [])
        if dep["path"].startswith(("src/", "pipelines/"))
        if not (ROOT / dep["path"]).exists() or _code(dep["path"]) != dep["md5"]
    }
    assert changed == set(), "run: dvc repro, on the demo corpus, and commit dvc.lock"


def test_the_pictures_of_the_readme_are_there():
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", (ROOT / "README.md").read_text())
    assert pictures
    assert [picture for picture in pictures if not (ROOT / picture).is_file()] == []


@pytest.mark.parametrize("pattern", ["corpus/*.csv", "corpus/demo/*.yaml"])
def test_the_package_carries_its_tables(pattern):
    assert f'"{pattern}"' in (ROOT / "pyproject.toml").read_text()
    assert list((ROOT / "src/mlproject").glob(pattern))


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned(name):
    lines = [line for line in (ROOT / name).read_text().splitlines() if line and not line.startswith(("-r", "#"))]
    assert all("==" in line for line in lines)


def test_test_files_have_names_of_their_own():
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))  # pytest imports them by these, and collects one of two
