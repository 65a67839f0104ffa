"""What a module of this project imports, and what that imports: all code that can make a bit of its output.

`python -m tests.closure` prints the code that each stage of dvc.yaml has to list; `--write` puts it there.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pipelines  # noqa: F401 - finds the package of this checkout
from mlproject.workspace.paths import Workspace

ROOT = Path(__file__).resolve().parent.parent
HOMES = {"mlproject": ROOT / "src", "pipelines": ROOT}
# What no bit of an output depends on.
EXCEPTED = {
    "src/mlproject/errors.py": "names of errors and their messages",
    "src/mlproject/workspace/console.py": "lines and progress bars for the user",
    "pipelines/_cli.py": "arguments and exit status",
    "pipelines/__init__.py": "where Python looks for the package",
}


def module_file(name: str) -> Path | None:
    """Return the file of a module or package of this project, None for anything else."""
    home = HOMES.get(name.split(".")[0])
    if home is None:
        return None
    base = home.joinpath(*name.split("."))
    return next((path for path in (base.with_suffix(".py"), base / "__init__.py") if path.is_file()), None)


def closure(*modules: str) -> set[str]:
    """Return the files, relative to the root, of some modules and of all that they import, less what is excepted
    and what only that imports.

    What lies beside a module that reads files of its package, such as a table, counts too.

    Imports inside functions count, those under ``if TYPE_CHECKING`` do not: they never run. A module whose name is put
    together, as in ``import_module(f"mlproject.models.{name}")``, may be any of its package.
    """
    files, waiting = set[Path](), list(modules)
    while waiting:
        name = waiting.pop()
        path = module_file(name)
        if path is not None and path not in files and path.relative_to(ROOT).as_posix() not in EXCEPTED:
            files |= {path, *_data_beside(path)}
            waiting += _imports(path)
            waiting += [name.rsplit(".", count)[0] for count in range(1, name.count(".") + 1)]  # packages around it
    return {path.relative_to(ROOT).as_posix() for path in files}


def expanded(entries: Iterable[str]) -> set[str]:
    """Return the files that entries of `deps` stand for: files, and folders with all that is below them."""
    files = set[str]()
    for entry in entries:
        path = ROOT / entry
        found = (file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
        files |= {file.relative_to(ROOT).as_posix() for file in found if "__pycache__" not in file.parts}
    return files


def shortest(files: set[str]) -> list[str]:
    """Name a folder where all of its files are among `files`, else the files."""
    entries = set(files)
    for folder in sorted({path.parent for file in files for path in [ROOT / file]}, key=lambda path: len(path.parts)):
        name = folder.relative_to(ROOT).as_posix()
        inside = expanded([name])
        if name.count("/") >= 2 and inside <= files and not any(name.startswith(f"{other}/") for other in entries):
            entries = {entry for entry in entries if entry not in inside} | {name}
    return sorted(entries)


def paths_used(files: Iterable[str]) -> set[str]:
    """Return the paths of the workspace, relative to its root, that some files read or write."""
    workspace = Workspace(Path("/workspace"))
    names = {
        node.attr
        for file in files
        if file.endswith(".py")
        for node in ast.walk(_tree(ROOT / file))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value).rsplit(".", 1)[-1] == "workspace"
    }
    used = (getattr(workspace, name) for name in names if hasattr(workspace, name))
    return {path.relative_to("/workspace").as_posix() for path in used}


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _imports(path: Path) -> Iterator[str]:
    waiting: list[ast.AST] = [_tree(path)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        waiting += ast.iter_child_nodes(node)
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.level or not node.module):
            raise ValueError(f"{path}: a relative import, which nothing here follows")
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            yield from _composed(node)


def _data_beside(path: Path) -> set[Path]:
    """Return the files that are no code in the folder of a module that opens such."""
    if "importlib.resources" not in set(_imports(path)):
        return set()
    return {file for file in path.parent.iterdir() if file.is_file() and file.suffix not in (".py", ".pyc")}


def _composed(call: ast.Call) -> Iterator[str]:
    """Name every module that a composed name can mean."""
    for part in ast.walk(call.args[0]):
        if isinstance(part, ast.JoinedStr) and isinstance(part.values[0], ast.Constant):
            package = str(part.values[0].value).rstrip(".")
            if (path := module_file(package)) is not None:
                yield from (f"{package}.{file.stem}" for file in path.parent.glob("*.py") if file.stem != "__init__")
        elif isinstance(part, ast.Constant) and module_file(str(part.value)) is not None:
            yield str(part.value)


def with_code(text: str, stages: Iterable[str]) -> str:
    """Return the text of dvc.yaml with the code under `deps` of each stage replaced by its closure."""
    lines, stage, written = list[str](), "", set[str]()
    for line in text.splitlines():
        if line.startswith("  ") and line.rstrip().endswith(":") and not line.startswith("   "):
            stage = line.strip(" :")
        entry = line.strip().removeprefix("- ")
        if not entry.startswith(("pipelines/", "src/")):
            lines.append(line)
        elif stage in stages and stage not in written:
            indent = line[: len(line) - len(line.lstrip())]
            lines += [f"{indent}- {code}" for code in shortest(closure(f"pipelines.stages.{stage}"))]
            written.add(stage)
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> None:
    """Print the closure of each stage, or with --write put it into dvc.yaml."""
    if arguments == ["--write"]:
        path = ROOT / "dvc.yaml"
        stages = [file.stem for file in (ROOT / "pipelines" / "stages").glob("[a-z]*.py")]
        path.write_text(with_code(path.read_text(), stages))
        return
    for file in sorted((ROOT / "pipelines" / "stages").glob("[a-z]*.py")):
        code = closure(f"pipelines.stages.{file.stem}")
        print(f"{file.stem}: {len(code)} files; reads or writes {', '.join(sorted(paths_used(code)))}")
        print("\n".join(f"      - {entry}" for entry in shortest(code)))


if __name__ == "__main__":
    main(sys.argv[1:])
