"""What only some encoders have: VAE diagnostics, and the report on a condition."""

import numpy as np
import pytest

from mlproject.config.models import AutoencoderConfig, CvaeConfig, PrincipalComponentsConfig, VaeConfig
from mlproject.config.tasks import BlocksConfig, TaskConfig
from mlproject.experiment.conditioning import ConditioningReport, conditioning_of
from mlproject.experiment.design_matrix import build_design
from mlproject.experiment.evaluate_task import vae_diagnostics_of

SMALL = {"latent_dim": 3, "hidden": (8,), "epochs": 5, "warm_up": 2, "lyrics_dim": 3}
STATISTICS = BlocksConfig(audio="statistics")
CONDITION = BlocksConfig(audio="statistics", genre="one_hot")


@pytest.fixture
def given(small_inputs, small_evaluation):
    def of(model, blocks=STATISTICS):
        return (
            TaskConfig(model=model, blocks=blocks),
            small_evaluation,
            build_design(blocks, small_inputs, np.arange(60)),
        )

    return of


@pytest.mark.parametrize(
    "model", [PrincipalComponentsConfig(latent_dim=3), AutoencoderConfig(latent_dim=3, hidden=(8,), epochs=2)]
)
def test_other_models_have_none(given, small_inputs, model):
    assert vae_diagnostics_of(*given(model), small_inputs.genres) is None
    assert conditioning_of(*given(model, CONDITION), small_inputs.genres, None) is None


def test_variational_encoder_is_measured_on_tracks_that_it_has_not_seen(given, small_inputs):
    diagnostics = vae_diagnostics_of(*given(VaeConfig(**SMALL)), small_inputs.genres)
    assert diagnostics.latent_dim == len(diagnostics.kl) == 3
    assert 0 <= diagnostics.active_units <= 3
    assert diagnostics.held_out_elbo != diagnostics.elbo
    assert diagnostics.pca_error < diagnostics.error
    assert diagnostics.pca_error < diagnostics.pca_held_out_error
    assert vae_diagnostics_of(*given(VaeConfig(**SMALL)), small_inputs.genres) == diagnostics


def test_encoder_without_a_genre_to_condition_on_has_no_report(given, small_inputs):
    task = given(CvaeConfig(**SMALL, n_conditions=4))
    assert vae_diagnostics_of(*task, small_inputs.genres) is not None
    assert conditioning_of(*task, small_inputs.genres, None) is None


def test_condition_on_the_genre_is_reported_by_artist_where_known(given, small_inputs, monkeypatch):
    # What the report says is tested where it is made; it takes a while.
    calls = []

    def report(*arguments, **options):
        calls.append((arguments, options))
        return ConditioningReport(3, 60, True, None, ())

    monkeypatch.setattr("mlproject.experiment.conditioning.conditioning_report", report)
    artists = np.arange(60) // 2
    conditioning = conditioning_of(*given(CvaeConfig(**SMALL), CONDITION), small_inputs.genres, artists)
    assert conditioning.latent_dim == 3
    (settings, matrix, genres, groups), _ = calls[0]
    assert settings.latent_dim == 3
    assert set(matrix.columns) == {"audio", "genre"}
    np.testing.assert_array_equal(genres, small_inputs.genres)
    np.testing.assert_array_equal(groups, artists)


def test_genre_of_few_tracks_is_no_obstacle(given, small_inputs):
    rare = small_inputs.genres.copy()
    rare[np.flatnonzero(rare == "pop")[3:]] = "jazz"
    assert vae_diagnostics_of(*given(VaeConfig(**SMALL)), rare) is not None
