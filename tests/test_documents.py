"""No document goes stale: every command in it is parsed by the real command, and every link leads somewhere."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest
import yaml

from mlproject.workflows.jobs import read_job, read_jobs
from mlproject.workflows.select_runs import Selection
from mlproject.workflows.study_settings import read_settings
from mlproject.workspace.paths import Workspace

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
WORKSPACE = Workspace(ROOT)
# Words of a document that stand for a user's own.
STANDS_FOR = {"NAME": "medium-neighbours", "FOLDER": "music", "FILE": "file", "...": ""}


def _commands(path: Path) -> list[str]:
    """Return the command lines of a document: of fenced blocks, and spans of code that begin as one does."""
    text = path.read_text()
    fenced = re.findall(r"^```(?:sh|bash)?\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    lines = [line for block in fenced for line in block.replace("\\\n", " ").splitlines()]
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    lines += [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose) if " " in span]
    starts = ("mlflow run ", "mlflow models ", "python -m ", "dvc ", "make ")
    return [line.split("  #")[0].strip() for line in lines if line.startswith(starts)]


COMMANDS = {f"{path.relative_to(ROOT).as_posix()}: {line}": line for path in DOCUMENTS for line in _commands(path)}


def test_documents_have_commands():
    assert len(COMMANDS) > 30
    documents = {name.split(": ")[0] for name in COMMANDS}
    assert documents >= {"README.md", "CONTRIBUTING.md", "docs/experiment.md", "docs/models.md"}


@pytest.mark.parametrize("line", COMMANDS.values(), ids=COMMANDS)
def test_a_command_of_a_document_is_one_that_the_project_takes(line, monkeypatch):
    words = [STANDS_FOR.get(word, word) for word in shlex.split(line)]
    words = [word for word in words if word and word != "..."]
    _check(words, monkeypatch)


def _check(words: list[str], monkeypatch) -> None:
    match words:
        case ["make", *targets]:
            known = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
            assert set(targets) <= set(known)
        case ["dvc", *arguments]:
            from dvc.cli import parse_args

            parse_args(arguments)
            for target in (word for word in arguments if "@" in word and "=" not in word):
                assert (ROOT / "conf" / "tasks" / f"{target.split('@')[1]}.yaml").is_file()
        case ["mlflow", "models", verb, *arguments]:
            from mlflow.models.cli import commands

            command = commands.commands[verb]
            command.make_context(verb, arguments, resilient_parsing=False)
        case ["mlflow", "run", ".", *arguments]:
            _check_entry_point(arguments, monkeypatch)
        case ["python", "-m", module, *arguments]:
            _check_module(module, arguments, monkeypatch)
        case _:
            pytest.fail(f"no test knows how to read {words}")


def _check_entry_point(arguments: list[str], monkeypatch) -> None:
    """Do what MLflow does with an entry point: put its parameters into the command, and append the others."""
    from mlflow.cli import run

    parsed = run.make_context("run", [".", *arguments]).params
    entry = yaml.safe_load((ROOT / "MLproject").read_text())["entry_points"][parsed["entry_point"]]
    given = dict(pair.split("=", 1) for pair in parsed["param_list"] or ())
    declared = {name: one.get("default") for name, one in entry.get("parameters", {}).items()}
    assert None not in (declared | given).values()
    filled = entry["command"].format(**{name: given.get(name, default) for name, default in declared.items()})
    extra = [word for name, value in given.items() if name not in declared for word in (f"--{name}", value)]
    _check([*shlex.split(filled), *extra], monkeypatch)


def _check_module(module: str, arguments: list[str], monkeypatch) -> None:
    if module in SCRIPTS:
        assert arguments in SCRIPTS[module]
        return
    if module.startswith("benchmarks."):
        _check_benchmark(module, arguments, monkeypatch)
        return
    assert module in CHECKS, f"{module} would run here: say in CHECKS what it calls"
    command = import_module(module)
    calls: list[tuple] = []
    for name, check in CHECKS[module].items():
        monkeypatch.setattr(name, lambda *given, check=check, **named: calls.append(check(*given, **named)))
    command.main(arguments, WORKSPACE)
    assert calls or arguments == ["--help"]


# Modules that are no command of the project -> what they may be given.
SCRIPTS: dict[str, list[list[str]]] = {
    "benchmarks.main_job": [[]],
    "tests.closure": [[], ["--write"]],
    "tests.golden.write": [[]],
    "tests.reliability.page": [[]],
}


class Parsed(Exception):
    """Raised where a benchmark would begin to measure."""


def _check_benchmark(module: str, arguments: list[str], monkeypatch) -> None:
    """Have a benchmark read its arguments, and stop it there."""
    parse = argparse.ArgumentParser.parse_args

    def parse_and_stop(parser: argparse.ArgumentParser, given: list[str] | None = None) -> None:
        parse(parser, given)
        raise Parsed

    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", parse_and_stop)
    monkeypatch.setattr("sys.argv", [module, *arguments])
    with pytest.raises(Parsed):
        import_module(module).main()


# Module -> what it calls in the end, and how far its arguments are read here.
CHECKS: dict[str, dict[str, Callable]] = {
    "pipelines.task": {"pipelines.task.run_tasks": read_jobs},
    "pipelines.evaluate": {"pipelines.evaluate.run_evaluation": read_job},
    "pipelines.compare": {
        "pipelines.compare.compare_runs": lambda where, named, given: Selection.read(where, given, named)
    },
    "pipelines.predict": {"pipelines.predict.predict_tracks": lambda *given, **named: (given, named)},
    "pipelines.promote": {
        "pipelines.promote.promote_version": lambda *given: given,
        "pipelines.promote.undo_promotion": lambda *given: given,
    },
    "pipelines.lineage": {"mlproject.workflows.trace_lineage.trace_lineage": lambda *given, **named: (given, named)},
    "pipelines.reproduce": {"mlproject.workflows.reproduce_run.reproduce_run": lambda *given: given},
    "pipelines.study": {
        "mlproject.workflows.run_study.run_study": read_settings,
        "mlproject.workflows.run_study.verify_study": read_settings,
        "mlproject.workflows.study_workers.work_on_study": lambda *given: given,
    },
}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    links = re.findall(r"\]\((?!https?:)([^)#]+)(?:#([^)]*))?\)", path.read_text())
    assert [link for link, _ in links if not (path.parent / link).exists()] == []
    assert [(link, anchor) for link, anchor in links if anchor and anchor not in _anchors(path.parent / link)] == []


def _anchors(path: Path) -> set[str]:
    """Return what a page's headings are linked by."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(), flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
