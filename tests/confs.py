"""Conf files of a checkout or a workspace, changed as a user would."""

from __future__ import annotations

import json
from pathlib import Path

import yaml


def configure(conf: Path, file: str, **changes: object) -> None:
    """Change keys of a conf file; a double underscore goes one level down."""
    path = conf / f"{file}.yaml"
    content = yaml.safe_load(path.read_text())
    for key, value in changes.items():
        section, *leaf = key.split("__")
        if leaf:
            content[section][leaf[0]] = value
        else:
            content[section] = value
    path.write_text(yaml.safe_dump(content, sort_keys=False))


def keep_tasks(conf: Path, *names: str) -> None:
    """Leave all other tasks out of conf/tasks and the experiment."""
    for path in (conf / "tasks").glob("*.yaml"):
        if path.stem not in names:
            path.unlink()
    tasks = yaml.safe_load((conf / "experiment.yaml").read_text())["tasks"]
    configure(conf, "experiment", tasks={name: tasks[name] for name in names})


def date_back(record: Path) -> None:
    """Turn a record into one of an earlier version, which had no schema version."""
    content = json.loads(record.read_text())
    del content["schema_version"]
    record.write_text(json.dumps(content))
