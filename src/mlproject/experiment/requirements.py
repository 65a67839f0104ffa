"""Can a task run on a corpus and be evaluated there, and what is it compared with?"""

import numpy as np

from mlproject.config.evaluation import EvaluationConfig
from mlproject.config.tasks import TaskConfig
from mlproject.errors import ConfigError, NotApplicableError, TooFewTracksError
from mlproject.experiment.design_matrix import TaskInputs, block_widths, require_inputs, usable_rows
from mlproject.models.factory import encoder_class

__all__ = ["baseline_task", "check_evaluation", "check_task", "clustering_needs"]


def baseline_task(baseline: TaskConfig, inputs: TaskInputs) -> TaskConfig:
    """Return the task that all others are compared with on a corpus.

    That is the baseline, PCA of MFCC frames; where the corpus is a table of features, the same PCA of its columns.
    """
    if inputs.mfcc is not None or baseline.model.latent_dim is None:
        return baseline
    size = min(baseline.model.latent_dim, *inputs.statistics.shape)
    blocks = baseline.blocks.model_copy(update={"audio": "statistics"})
    model = baseline.model.model_copy(update={"latent_dim": size})
    return baseline.model_copy(update={"blocks": blocks, "model": model})


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
    # Both are scored on the same tracks: those that have the features of both.
    rows = np.intersect1d(usable_rows(task.blocks, inputs), usable_rows(baseline.blocks, inputs))
    require_inputs(task.blocks, inputs)
    needs = clustering_needs(evaluation)
    for config, origin in ((task, "the task"), (baseline, "conf/tasks/baseline.yaml")):
        needs |= _components(config, origin, block_widths(config.blocks, inputs))
    lacking = [f"{key} needs {need}" for key, need in needs.items() if need > len(rows)]
    if lacking:
        raise TooFewTracksError(
            f"{len(rows)} usable tracks are too few: {', '.join(lacking)}; lower these or add music"
        )
    return rows


def check_evaluation(
    task: TaskConfig, baseline: TaskConfig, evaluation: EvaluationConfig, inputs: TaskInputs
) -> np.ndarray:
    """Check that a task can be evaluated on the inputs, beyond `check_task`; return the rows that are used.

    Raises
    ------
    ConfigError
        If there are fewer than two subsamples per seed.
    NotApplicableError
        If the corpus lacks labels.
    """
    if evaluation.subsamples < 2 * evaluation.seeds:
        raise ConfigError(
            f"evaluation.subsamples={evaluation.subsamples} for {evaluation.seeds} seeds; two for each seed are needed"
        )
    if inputs.genres is None:
        raise NotApplicableError("an evaluation compares with genres, and the corpus has no labels")
    rows = check_task(task, baseline, evaluation, inputs)
    # A subsample by tracks has this size; those by artist are checked where they are drawn.
    smallest = int(evaluation.subsample_share * len(rows))
    for key, need in clustering_needs(evaluation).items():
        if need > smallest:
            raise TooFewTracksError(
                f"subsamples of {smallest} tracks are too few: {key} needs {need}; lower it, raise "
                "evaluation.subsample_share or add music"
            )
    return rows


def clustering_needs(evaluation: EvaluationConfig) -> dict[str, int]:
    """Map the keys that set what clusterers need to the number of tracks that is needed."""
    needs = {"evaluation.n_clusters": evaluation.n_clusters + 1}  # the silhouette is undefined for n of n clusters
    if {"spectral", "dbscan", "hdbscan"} & set(evaluation.clusterers):
        needs["evaluation.n_neighbors"] = evaluation.n_neighbors + 1
    return needs


def _components(task: TaskConfig, origin: str, widths: dict[str, int]) -> dict[str, int]:
    """Map the keys that set numbers of principal components to these numbers, as many tracks as they need."""
    asked = {"lyrics": ("model.lyrics_dim", task.model.lyrics_dim)}
    if encoder_class(task.model.name).bounded and task.model.latent_dim is not None:
        asked["audio"] = ("model.latent_dim", task.model.latent_dim)
    needs = {}
    for block in asked.keys() & widths.keys():
        key, components = asked[block]
        if components > widths[block]:
            raise ConfigError(
                f"{key}={components} of {origin}, but the block {block!r} has {widths[block]} columns; lower it"
            )
        needs[f"{key} of {origin}"] = components
    return needs
