"""The conf files that data and features depend on, read and checked."""

import os
from pathlib import Path

from mlproject.config.data import DataConfig, FeaturesConfig
from mlproject.config.loading import load_config, parse_config
from mlproject.workspace.paths import Workspace

__all__ = ["data_config", "features_config"]

FROM_VARIABLES = ("corpus", "root", "labels", "artists")


def data_config(workspace: Workspace) -> DataConfig:
    """Read conf/data.yaml; the variables MLPROJECT_<KEY> take the place of `FROM_VARIABLES`."""
    config = load_config(DataConfig, workspace.conf / "data.yaml").model_dump()
    given = {key: f"MLPROJECT_{key.upper()}" for key in FROM_VARIABLES}
    given = {key: variable for key, variable in given.items() if os.environ.get(variable)}
    config |= {key: os.environ[variable] for key, variable in given.items()}
    for key in ("root", "artists"):
        # A root of the demo corpus is an error, whose message shows it as the user wrote it.
        if config[key] and (key == "artists" or config["corpus"] != "demo"):
            config[key] = str(workspace.root / Path(config[key]).expanduser())
    return parse_config(DataConfig, config, where=" with ".join(["data.yaml", *given.values()]))


def features_config(workspace: Workspace) -> FeaturesConfig:
    """Read conf/features.yaml."""
    return load_config(FeaturesConfig, workspace.conf / "features.yaml")
