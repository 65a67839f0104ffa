"""Can a task run on a corpus at all, and what is it compared with there?"""

from __future__ import annotations

import numpy as np

from mlproject.config import EvaluationConfig, TaskConfig
from mlproject.errors import ConfigError, TooFewTracksError
from mlproject.experiment.design_matrix import TaskInputs, block_widths, require_inputs, usable_rows

__all__ = ["check_task", "clustering_needs", "reference_task"]


def reference_task(baseline: TaskConfig, inputs: TaskInputs) -> TaskConfig:
    """Return the task that all others are compared with on a corpus.

    That is the baseline, PCA of MFCC frames; where the corpus is a table of features, the same PCA of its columns.
    """
    if inputs.mfcc is not None or baseline.model.latent_dim is None:
        return baseline
    size = min(baseline.model.latent_dim, *inputs.statistics.shape)
    blocks = baseline.blocks.model_copy(update={"audio": "statistics"})
    return baseline.model_copy(
        update={"blocks": blocks, "model": baseline.model.model_copy(update={"latent_dim": size})}
    )


def check_task(task: TaskConfig, baseline: TaskConfig, evaluation: EvaluationConfig, inputs: TaskInputs) -> np.ndarray:
    """Check that a task and the baseline can work on the inputs; return the rows that both can use.

    Raises
    ------
    NotApplicableError
        If the corpus lacks an input that the task names.
    TooFewTracksError
        If there are fewer tracks than the clusterers or a model need; the message names all that are in the way.
    ConfigError
        If a model asks for more principal components than a block has columns.
    """
    rows = np.intersect1d(usable_rows(task.blocks, inputs), usable_rows(baseline.blocks, inputs))
    require_inputs(task.blocks, inputs)
    needs = clustering_needs(evaluation)
    for config, place in ((task, "the task"), (baseline, "conf/tasks/baseline.yaml")):
        needs |= _components(config, place, block_widths(config.blocks, inputs))
    lacking = [f"{key} needs {need}" for key, need in needs.items() if need > len(rows)]
    if lacking:
        raise TooFewTracksError(
            f"{len(rows)} usable tracks are too few: {', '.join(lacking)}; lower these or add music"
        )
    return rows


def clustering_needs(evaluation: EvaluationConfig) -> dict[str, int]:
    """Map the keys that set what clusterers need to the number of tracks that is needed."""
    needs = {"evaluation.n_clusters": evaluation.n_clusters + 1}
    if {"spectral", "dbscan"} & set(evaluation.clusterers):
        needs["evaluation.n_neighbors"] = evaluation.n_neighbors + 1
    return needs


def _components(task: TaskConfig, place: str, widths: dict[str, int]) -> dict[str, int]:
    """Map the keys that set numbers of principal components to these numbers, as many tracks as they need."""
    asked = {"lyrics": ("model.lyrics_dim", task.model.lyrics_dim)}
    if task.model.name == "pca" and task.model.latent_dim is not None:
        asked["audio"] = ("model.latent_dim", task.model.latent_dim)
    needs = {}
    for block in asked.keys() & widths.keys():
        key, components = asked[block]
        if components > widths[block]:
            raise ConfigError(
                f"{key}={components} of {place}, but the block {block!r} has {widths[block]} columns; lower it"
            )
        needs[f"{key} of {place}"] = components
    return needs
