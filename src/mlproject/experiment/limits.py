"""What few tracks allow: a value of a conf file is an upper limit and is lowered, one that a user gives is refused."""

from collections.abc import Collection
from typing import NamedTuple

from mlproject.config.evaluation import EvaluationConfig
from mlproject.config.tasks import TaskConfig
from mlproject.corpus.sampling import FEWEST_TRACKS
from mlproject.errors import ConfigError, TooFewTracksError
from mlproject.models.factory import encoder_class

__all__ = ["Fitted", "fit_to_tracks"]

HALF, ALL, OTHERS = "half of them", "one for each", "one less"


class Fitted(NamedTuple):
    """A task and its evaluation as some tracks allow them, and a line on each value that was lowered."""

    task: TaskConfig
    evaluation: EvaluationConfig
    lowered: tuple[str, ...]


def fit_to_tracks(
    task: TaskConfig, evaluation: EvaluationConfig, n_tracks: int, *, name: str, given: Collection[str] = ()
) -> Fitted:
    """Lower what is too large for `n_tracks`; what fits already comes back as it is.

    `name` is the task's in messages, `given` are the paths that a user set on the command line (``model.latent_dim``).
    Raises `ConfigError` if one of these is too large, `TooFewTracksError` if there are fewer than `FEWEST_TRACKS`.
    """
    if n_tracks < FEWEST_TRACKS:
        raise TooFewTracksError.for_clusters(n_tracks, FEWEST_TRACKS)
    new: dict[str, dict[str, int]] = {"model": {}, "evaluation": {}}
    lowered, limits = [], _limits(task, evaluation, n_tracks)
    for path, (value, most, rule) in limits.items():
        if value <= most:
            continue
        section, key = path.split(".")
        if path in given:
            raise ConfigError(f"{path}={value} is too large for {n_tracks} tracks: at most {most}, {rule}")
        new[section][key] = most
        owner = f"{path} of {name}" if section == "model" else path
        lowered.append(f"{owner} is lowered from {value} to {most}, since there are {n_tracks} tracks: at most {rule}")
    if not lowered:
        return Fitted(task, evaluation, ())
    task = task.model_copy(update={"model": task.model.model_copy(update=new["model"])})
    return Fitted(task, evaluation.model_copy(update=new["evaluation"]), tuple(lowered))


def _limits(task: TaskConfig, evaluation: EvaluationConfig, n_tracks: int) -> dict[str, tuple[int, int, str]]:
    """Map the path of each bounded value to the value, the most that there may be, and that in words."""
    model, unread = task.model, task.unread_keys()
    limits = {"evaluation.n_clusters": (evaluation.n_clusters, n_tracks // 2, HALF)}
    if {"spectral", "dbscan", "hdbscan"} & set(evaluation.clusterers):
        limits["evaluation.n_neighbors"] = (evaluation.n_neighbors, n_tracks // 2, HALF)
    if encoder_class(model.name).bounded and model.latent_dim is not None:
        limits["model.latent_dim"] = (model.latent_dim, n_tracks, ALL)
    if "lyrics_dim" not in unread:
        limits["model.lyrics_dim"] = (model.lyrics_dim, n_tracks, ALL)
    if (neighbours := getattr(model, "n_neighbors", None)) is not None:
        limits["model.n_neighbors"] = (neighbours, n_tracks - 1, OTHERS)
    return limits
