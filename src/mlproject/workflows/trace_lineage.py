"""What something came from, and what came from it, as trees in the terminal."""

import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from mlproject.errors import StageError
from mlproject.results.hashes import RESULT_FILES, result_hash
from mlproject.tracking.lineage import Graph, Node, build_graph, content_hash, find_node
from mlproject.tracking.registry.packaging import served_hash
from mlproject.tracking.registry.versions import address, versions
from mlproject.tracking.search import all_runs, files_of
from mlproject.tracking.store import ensure_store
from mlproject.workspace.console import log, progress_bar
from mlproject.workspace.dvc_lock import read_lock
from mlproject.workspace.paths import Workspace

__all__ = ["trace_lineage"]

DEEPEST = 12
PIPED = 200  # columns where nobody's terminal sets them
WIDEST = 15  # results of one thing that are listed; the rest is counted


def trace_lineage(workspace: Workspace, reference: str, *, verify: bool = False) -> None:
    """Print both trees of one thing; with `verify`, hash everything that it came from again.

    Raises `ConfigError` if there is no such thing (see `find_node`), `StageError` if a hash is not what it was.
    """
    runs = all_runs(ensure_store(workspace.root, log=log))
    graph = build_graph(read_lock(workspace.lock), runs, versions())
    node = find_node(graph, reference.removeprefix(f"{workspace.root}/"))
    console = Console(width=None if sys.stdout.isatty() else PIPED)
    for title, follow in (("came from", graph.origins), ("made from it", graph.results)):
        tree = Tree(Text(f"{_label(node)}: {title}", style="bold"))
        _grow(tree, node, follow, {node.key}, DEEPEST)
        console.print(tree)
    if verify:
        if changed := list(_changes(workspace, graph, [node, *_ancestors(graph, node)])):
            raise StageError(f"{len(changed)} not as they were: " + "; ".join(changed))
        print("verified: every hash is as it was")


def _grow(tree: Tree, node: Node, follow: Callable[[Node], list[Node]], seen: set[str], depth: int) -> None:
    children = follow(node)
    for child in children[:WIDEST]:
        known = child.key in seen
        branch = tree.add(Text(_label(child) + (" (see above)" if known and follow(child) else "")))
        if not known and depth:
            seen.add(child.key)
            _grow(branch, child, follow, seen, depth - 1)
    if len(children) > WIDEST:
        tree.add(f"… {len(children) - WIDEST} more")


def _label(node: Node) -> str:
    digest = f" {node.digest[:12]}" if node.digest and node.kind in ("file", "run") else ""
    return f"{node.kind} {node.name}{digest}" + (f" ({node.note})" if node.note else "")


def _ancestors(graph: Graph, node: Node) -> list[Node]:
    ancestors, waiting = dict[str, Node](), [node]
    while waiting:
        for origin in graph.origins(waiting.pop()):
            if origin.key not in ancestors:
                ancestors[origin.key] = origin
                waiting.append(origin)
    return list(ancestors.values())


def _changes(workspace: Workspace, graph: Graph, nodes: Sequence[Node]) -> Iterator[str]:
    """Hash the files, the outputs of runs and the versions among some nodes again; yield what is not as it was."""
    bar = progress_bar("hashing", len(nodes))
    for node in bar(nodes):
        if node.kind == "file":
            path = workspace.root / node.name
            if not path.exists():
                yield f"{node.name} is missing (dvc checkout {node.name} brings it back)"
            elif content_hash(path) != node.digest:
                yield f"{node.name} is no longer {node.digest[:12]}"
        elif node.kind == "run" and len(node.digest) > len("unknown"):
            with tempfile.TemporaryDirectory() as scratch:
                if result_hash(files_of(node.name, RESULT_FILES, Path(scratch))) != node.digest:
                    yield f"the output of run {node.name} is no longer {node.digest[:12]}"
        elif node.kind == "version" and node.digest:
            if served_hash(address(node.name)) != node.digest:
                yield f"the model of version {node.name}, or the code in it, is no longer {node.digest[:12]}"
        elif node.kind in ("data", "features") and not graph.origins(node):
            yield f"{node.kind} {node.name} cannot be hashed: they are not those of the present dvc.lock"
