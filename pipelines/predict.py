"""Entry point `predict`: put new music into the clusters of a trained task.

usage: mlflow run . -e predict -P input=FOLDER -P output=clusters.csv --env-manager local
       python -m pipelines.predict input=~/new_music output=clusters.parquet model=champion
       python -m pipelines.predict input=~/new_music output=playlists.m3u8          # one playlist per cluster

input   a folder (all audio in it), or one file; a text song.txt beside song.mp3 is its lyrics
output  .csv or .parquet, written as the answers come and there when all have come; or .m3u8: one playlist per cluster,
        its number and name added to the given name
model   version, alias, run or task of the registered model; default: of those on the present data,
        the champion, else the one trained last
"""

from pathlib import Path

from mlproject.errors import ConfigError
from mlproject.workflows.predict_tracks import predict_tracks
from mlproject.workspace.paths import Workspace
from pipelines._cli import check_keys, key_values, run_command, wants_help

KEYS = ("input", "output", "model")


def main(arguments: list[str], workspace: Workspace) -> None:
    """Place new music in the clusters of a registered model."""
    if wants_help(arguments):
        print(__doc__)
        return
    values = key_values(arguments)
    check_keys(values, KEYS, "predict")
    for key in ("input", "output"):
        if not values.get(key):
            raise ConfigError(f"predict needs {key}=PATH; python -m pipelines.predict --help says more")
    source, output = (Path(values[key]).expanduser() for key in ("input", "output"))
    predict_tracks(workspace, source, output, model=values.get("model"))


if __name__ == "__main__":
    run_command(main)
