"""Where a result came from and what came from it: DVC's lock file and the store's tags, read as one graph.

A node is a file or folder that DVC keeps, a state of data or features, a commit, a configuration, a run, or a version
of the registered model. Edges lead from what was read to what was made; `Graph` walks them both ways.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlproject.errors import ConfigError
from mlproject.workspace.dvc_lock import outputs_hash

if TYPE_CHECKING:
    from mlflow.entities import Run
    from mlflow.entities.model_registry import ModelVersion

__all__ = ["Graph", "Node", "build_graph", "content_hash", "find_node"]

STATES: dict[str, list[tuple[str, ...]]] = {
    "data": [("prepare",)],
    "features": [("audio_features",), ("audio_features", "lyrics_features")],
}
NOTES = {"commit": "", "config": "configuration without its seeds, data and features"}
TAGS = {"data": "data_hash", "features": "features_hash", "commit": "commit", "config": "config_hash"}
PARTS = ("seed", "control")
SHORTEST = 6  # characters of a hash that are looked up


@dataclass(frozen=True)
class Node:
    """Something that was made or read."""

    kind: str  # {"file", "data", "features", "commit", "config", "run", "version"}
    name: str  # unique in its kind
    digest: str = ""  # hash that it is known by; empty where there is none
    note: str = ""
    references: tuple[str, ...] = ()  # what else it is called: name of a run, aliases of a version

    @property
    def key(self) -> str:
        """Kind and name."""
        return f"{self.kind} {self.name}"


@dataclass
class Graph:
    """Nodes by key, and edges from what was read to what was made."""

    nodes: dict[str, Node] = field(default_factory=dict)
    read: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    made: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, node: Node, *, origins: Iterable[str] = ()) -> None:
        """Add a node, and edges from the keys of what it was made from."""
        self.nodes.setdefault(node.key, node)
        for origin in origins:
            self.read[node.key].add(origin)
            self.made[origin].add(node.key)

    def origins(self, node: Node) -> list[Node]:
        """Return what a node was made from directly."""
        return self._nodes(self.read[node.key])

    def results(self, node: Node) -> list[Node]:
        """Return what was made from a node directly."""
        return self._nodes(self.made[node.key])

    def _nodes(self, keys: Iterable[str]) -> list[Node]:
        return sorted((self.nodes[key] for key in keys if key in self.nodes), key=lambda one: (one.kind, one.name))


def build_graph(lock: Mapping[str, Any], runs: Iterable[Run], versions: Iterable[ModelVersion]) -> Graph:
    """Put the content of ``dvc.lock`` and MLflow's runs and versions together."""
    graph = Graph()
    _add_stages(graph, lock)
    for run in runs:
        _add_run(graph, run)
    for version in versions:
        words = [version.tags.get("task", ""), f"verdict {version.tags.get('verdict', 'none')}", *version.aliases]
        digest, note = version.tags.get("model_hash", ""), ", ".join(filter(None, words))
        node = Node("version", str(version.version), digest, note, tuple(version.aliases))
        graph.add(node, origins=[f"run {version.run_id}"])
    return graph


def _add_stages(graph: Graph, lock: Mapping[str, Any]) -> None:
    stages: Mapping[str, Any] = lock.get("stages", {})
    outs = {out["path"]: out.get("md5") for stage in stages.values() for out in stage.get("outs", [])}
    for name, stage in stages.items():
        # What another state of a file went into did not come from the present one.
        deps = [dep["path"] for dep in stage.get("deps", []) if _is_present(dep, outs)]
        read = [f"file {out}" for dep in deps for out in outs if out == dep or out.startswith(f"{dep}/")]
        for out in stage.get("outs", []):
            graph.add(Node("file", out["path"], out.get("md5", ""), f"made by the stage {name}"), origins=read)
    for kind, groups in STATES.items():
        for group in groups:
            digest = outputs_hash(lock, *group)
            if digest != "unknown":
                files = [f"file {out['path']}" for stage in group for out in stages[stage]["outs"]]
                graph.add(Node(kind, digest[:12], digest, "as dvc.lock has them now"), origins=files)


def _is_present(dep: Mapping[str, Any], outs: Mapping[str, str | None]) -> bool:
    """Whether a dependency was read in the state that its stage has left now."""
    return dep.get("md5") in (None, outs.get(dep["path"], dep.get("md5")))


def _add_run(graph: Graph, run: Run) -> None:
    tags = run.data.tags
    parent = tags.get("mlflow.parentRunId")
    origins = [f"run {parent}"] if parent else []
    if tags.get("kind") not in PARTS:  # these say what they came from through their parent
        origins += _states(graph, tags)
    changes = "" if tags.get("commit_clean", "true") == "true" else ", with uncommitted changes"
    note = f"{run.info.run_name}, {tags.get('kind', 'run')}, {run.info.status.lower()}{changes}"
    node = Node("run", run.info.run_id, tags.get("result", ""), note, (run.info.run_name,))
    graph.add(node, origins=origins)


def _states(graph: Graph, tags: Mapping[str, str]) -> Iterator[str]:
    """Add what a run's tags say that it read, and yield the keys."""
    for kind, tag in TAGS.items():
        digest = tags.get(tag, "unknown")
        if digest != "unknown":
            node = Node(kind, digest[:12], digest, NOTES.get(kind, "not those of the present dvc.lock"))
            graph.add(node)
            yield node.key


def find_node(graph: Graph, reference: str) -> Node:
    """Return the node that a reference means; `ConfigError` if there is none.

    A reference is the id or name of a run, number or alias of a version (``models:/genre-clusters/3`` too), path of a
    file that DVC keeps, or the beginning of a hash.
    """
    word = reference.rstrip("/")
    version = word.rsplit("/", 1)[-1].rsplit("@", 1)[-1] if word.startswith("models:") else word
    nodes = list(graph.nodes.values())
    tests = (
        lambda node: node.kind == "version" and version in (node.name, *node.references),
        lambda node: node.kind == "file" and (word == node.name or word.startswith(f"{node.name}/")),
        lambda node: node.kind == "run" and word in (node.name, *node.references),
        lambda node: len(word) >= SHORTEST and (node.name.startswith(word) or node.digest.startswith(word)),
    )
    for test in tests:
        if found := next(filter(test, nodes), None):
            return found
    raise ConfigError(
        f"{reference!r} is nothing that is known here; give a run's id or name, a version, a file of data/ or "
        "artifacts/, or the beginning of a hash"
    )


def content_hash(path: Path) -> str:
    """Hash a file or folder as DVC does: MD5 of a file; of a folder, of the list of its files, with ``.dir``."""
    if path.is_file():
        return _md5(path)
    files = (one for one in path.rglob("*") if one.is_file())
    entries = [{"md5": _md5(one), "relpath": one.relative_to(path).as_posix()} for one in files]
    entries.sort(key=lambda entry: entry["relpath"])
    return hashlib.md5(json.dumps(entries, sort_keys=True).encode(), usedforsecurity=False).hexdigest() + ".dir"


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
