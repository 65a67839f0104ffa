"""What something came from, and what came from it.

python -m pipelines.lineage medium                                   # a run, by name or id
python -m pipelines.lineage models:/genre-clusters/3                 # a version, or its alias: champion
python -m pipelines.lineage artifacts/features/audio                 # a file that DVC keeps
python -m pipelines.lineage 069311f4                                 # the beginning of a hash
python -m pipelines.lineage champion --verify                        # hash everything again
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from mlproject.errors import ConfigError, StageError
from mlproject.tracking.provenance import read_lock
from pipelines import _workspace as workspace
from pipelines._command import progress_bar, run_command, wants_help

DEEPEST = 12
PIPED = 200  # columns where nobody's terminal sets them
WIDEST = 15  # of what was made from something, the rest is counted


def main(arguments: list[str]) -> None:
    """Print both trees of one thing; with --verify, hash what it came from again."""
    if wants_help(arguments):
        print(__doc__)
        return
    verify = bool({"--verify", "verify", "verify=true"} & set(arguments))
    words = [word for word in arguments if word not in ("--verify", "verify", "verify=true")]
    if len(words) != 1:
        raise ConfigError(f"lineage takes one thing to look up, not {len(words)}; python -m pipelines.lineage --help")
    from mlproject.tracking.lineage import build_graph, find_node
    from mlproject.tracking.registry.versions import versions
    from mlproject.tracking.search import all_runs

    runs = all_runs(workspace.tracking_uri())
    graph = build_graph(read_lock(workspace.LOCK), runs, versions())
    node = find_node(graph, words[0].removeprefix(f"{workspace.ROOT}/"))
    console = Console(width=None if sys.stdout.isatty() else PIPED)
    for title, follow in (("came from", graph.origins), ("made from it", graph.results)):
        tree = Tree(Text(f"{_label(node)}: {title}", style="bold"))
        _grow(tree, node, follow, {node.key}, DEEPEST)
        console.print(tree)
    if verify:
        _verify(graph, node)


def _grow(tree: Tree, node: Any, follow: Callable[[Any], list[Any]], seen: set[str], depth: int) -> None:
    children = follow(node)
    for child in children[:WIDEST]:
        known = child.key in seen
        branch = tree.add(Text(_label(child) + (" (see above)" if known and follow(child) else "")))
        if not known and depth:
            seen.add(child.key)
            _grow(branch, child, follow, seen, depth - 1)
    if len(children) > WIDEST:
        tree.add(f"… {len(children) - WIDEST} more")


def _label(node: Any) -> str:
    digest = f" {node.digest[:12]}" if node.digest and node.kind in ("file", "run") else ""
    return f"{node.kind} {node.name}{digest}" + (f" ({node.note})" if node.note else "")


def _verify(graph: Any, node: Any) -> None:
    """Hash every file and every run's output that the node came from, and the node, again."""
    changed = list(_changes(graph, [node, *_ancestors(graph, node)]))
    if changed:
        raise StageError(f"{len(changed)} not as they were: " + "; ".join(changed))
    print("verified: every hash is as it was")


def _ancestors(graph: Any, node: Any) -> list[Any]:
    found, waiting = dict[str, Any](), [node]
    while waiting:
        for origin in graph.origins(waiting.pop()):
            if origin.key not in found:
                found[origin.key] = origin
                waiting.append(origin)
    return list(found.values())


def _changes(graph: Any, nodes: list[Any]) -> Iterator[str]:
    from mlproject.tracking.lineage import content_hash
    from mlproject.tracking.registry.loading import served_hash
    from mlproject.tracking.registry.register import RESULT_FILES, result_hash
    from mlproject.tracking.search import files_of

    bar = progress_bar("hashing", len(nodes))
    for node in bar(nodes):
        if node.kind == "file":
            path = workspace.ROOT / node.name
            if not path.exists():
                yield f"{node.name} is missing (dvc checkout brings it back)"
            elif content_hash(path) != node.digest:
                yield f"{node.name} is no longer {node.digest[:12]}"
        elif node.kind == "run" and len(node.digest) > len("unknown"):
            with tempfile.TemporaryDirectory() as scratch:
                if result_hash(files_of(node.name, RESULT_FILES, Path(scratch))) != node.digest:
                    yield f"the output of run {node.name} is no longer {node.digest[:12]}"
        elif node.kind == "version" and node.digest:
            if served_hash(node.name) != node.digest:
                yield f"the model of version {node.name} is no longer {node.digest[:12]}"
        elif node.kind in ("data", "features") and not graph.origins(node):
            yield f"{node.kind} {node.name} cannot be hashed: they are not those of the present dvc.lock"


if __name__ == "__main__":
    run_command(main)
