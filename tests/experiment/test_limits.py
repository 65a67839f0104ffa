"""What few tracks allow of a task and its evaluation."""

from __future__ import annotations

import pytest

from mlproject.config.evaluation import EvaluationConfig
from mlproject.config.models import AutoencoderConfig, MvaeConfig, PrincipalComponentsConfig, UmapConfig
from mlproject.config.tasks import BlocksConfig, TaskConfig
from mlproject.errors import ConfigError, TooFewTracksError
from mlproject.experiment.limits import fit_to_tracks

PCA = TaskConfig(model=PrincipalComponentsConfig())
EVALUATION = EvaluationConfig()
LYRICS = BlocksConfig(lyrics="embedding")


def fit(task=PCA, n_tracks=15, evaluation=EVALUATION, **given):
    return fit_to_tracks(task, evaluation, n_tracks, name="a task", **given)


def test_what_is_too_large_is_lowered_and_said_in_a_line_each():
    fitted = fit()
    assert (fitted.evaluation.n_clusters, fitted.evaluation.n_neighbors, fitted.task.model.latent_dim) == (7, 7, 15)
    assert fitted.lowered == (
        "evaluation.n_clusters is lowered from 10 to 7, since there are 15 tracks: at most half of them",
        "evaluation.n_neighbors is lowered from 10 to 7, since there are 15 tracks: at most half of them",
        "model.latent_dim of a task is lowered from 32 to 15, since there are 15 tracks: at most one for each",
    )


@pytest.mark.parametrize(
    "task",
    [
        PCA,
        TaskConfig(model=UmapConfig()),
        TaskConfig(model=MvaeConfig(), blocks=LYRICS),
        TaskConfig(model=AutoencoderConfig(), blocks=LYRICS),
    ],
)
def test_at_forty_tracks_all_stays_as_it_is(task):
    fitted = fit(task, 40)
    assert fitted.task is task
    assert fitted.evaluation is EVALUATION
    assert fitted.lowered == ()


@pytest.mark.parametrize("n_tracks", [4, 5, 15, 25, 31])
@pytest.mark.parametrize("model", [PrincipalComponentsConfig(), UmapConfig(), AutoencoderConfig()])
def test_what_is_fitted_already_comes_back_as_it_is(model, n_tracks):
    once = fit(TaskConfig(model=model, blocks=LYRICS), n_tracks)
    again = fit(once.task, n_tracks, once.evaluation)
    assert (again.task, again.evaluation, again.lowered) == (once.task, once.evaluation, ())


@pytest.mark.parametrize(
    ("task", "key", "value"),
    [
        (TaskConfig(model=UmapConfig()), "n_neighbors", 14),
        (TaskConfig(model=AutoencoderConfig(), blocks=LYRICS), "lyrics_dim", 15),
        (TaskConfig(model=AutoencoderConfig()), "latent_dim", 32),  # a network may be wider than there are tracks
        (TaskConfig(model=MvaeConfig(), blocks=LYRICS), "lyrics_dim", 16),  # which it does not read
        (TaskConfig(model=PrincipalComponentsConfig(latent_dim=None)), "latent_dim", None),
    ],
)
def test_each_key_of_a_model_has_its_own_limit(task, key, value):
    assert getattr(fit(task).task.model, key) == value


def test_neighbours_that_no_clusterer_reads_stay_as_they_are():
    assert fit(evaluation=EvaluationConfig(clusterers=("kmeans",))).evaluation.n_neighbors == 10


def test_what_the_user_gave_is_refused():
    given = {"model.latent_dim"}
    with pytest.raises(ConfigError, match=r"model.latent_dim=32 is too large for 15 tracks: at most 15, one for each"):
        fit(given=given)
    assert fit(n_tracks=32, given=given).task.model.latent_dim == 32
    with pytest.raises(ConfigError, match=r"evaluation.n_clusters=10 is too large for 15 tracks: at most 7"):
        fit(given={"evaluation.n_clusters"})


def test_no_task_can_cluster_three_tracks():
    with pytest.raises(TooFewTracksError, match=r"usable tracks: 3, which is too few; 4 make two clusters of two"):
        fit(n_tracks=3)
    assert fit(n_tracks=4).evaluation.n_clusters == 2
