import numpy as np
import pytest

from mlproject.config import (
    AutoencoderConfig,
    BlocksConfig,
    CvaeConfig,
    PrincipalComponentsConfig,
    TaskConfig,
    VaeConfig,
)
from mlproject.experiment.conditioning import ConditioningReport
from mlproject.experiment.design_matrix import build_design
from mlproject.experiment.diagnosis import Diagnosis, diagnose

SMALL = {"latent_dim": 3, "hidden": (8,), "epochs": 5, "warm_up": 2, "lyrics_dim": 3}
STATISTICS = BlocksConfig(audio="statistics")
CONDITION = BlocksConfig(audio="statistics", genre="one_hot")


@pytest.fixture
def diagnosis(small_inputs, small_evaluation):
    def of(model, blocks=STATISTICS, genres=small_inputs.genres, groups=None):
        task = TaskConfig(model=model, blocks=blocks)
        design = build_design(blocks, small_inputs, np.arange(60))
        return diagnose(task, small_evaluation, design, genres, groups)

    return of


@pytest.mark.parametrize(
    "model", [PrincipalComponentsConfig(latent_dim=3), AutoencoderConfig(latent_dim=3, hidden=(8,), epochs=2)]
)
def test_other_models_have_none(diagnosis, model):
    assert diagnosis(model) == Diagnosis(None, None)


def test_variational_encoder_is_measured_on_tracks_that_it_has_not_seen(diagnosis):
    found = diagnosis(VaeConfig(**SMALL))
    assert found.conditioning is None
    assert found.hygiene.latent_dim == len(found.hygiene.kl) == 3
    assert 0 <= found.hygiene.active_units <= 3
    assert found.hygiene.held_out_elbo != found.hygiene.elbo
    assert found.hygiene.pca_error < found.hygiene.error
    assert found.hygiene.pca_error < found.hygiene.pca_held_out_error


def test_same_seed_same_diagnosis(diagnosis):
    assert diagnosis(VaeConfig(**SMALL)) == diagnosis(VaeConfig(**SMALL))


def test_encoder_without_a_genre_to_condition_on_has_hygiene_alone(diagnosis):
    found = diagnosis(CvaeConfig(**SMALL, n_conditions=4))
    assert found.hygiene is not None
    assert found.conditioning is None


def test_condition_on_the_genre_is_reported_by_artist_where_known(diagnosis, small_inputs, monkeypatch):
    # What the report says is tested where it is made; it takes a while.
    asked = []

    def report(*arguments, **options):
        asked.append((arguments, options))
        return ConditioningReport(3, 60, True, None, ())

    monkeypatch.setattr("mlproject.experiment.diagnosis.conditioning_report", report)
    artists = np.arange(60) // 2
    found = diagnosis(CvaeConfig(**SMALL), CONDITION, groups=artists)
    assert found.conditioning.latent_dim == 3
    (settings, matrix, genres, groups), _ = asked[0]
    assert settings.latent_dim == 3
    assert set(matrix.columns) == {"audio", "genre"}
    np.testing.assert_array_equal(genres, small_inputs.genres)
    np.testing.assert_array_equal(groups, artists)


def test_genre_of_few_tracks_is_no_obstacle(diagnosis, small_inputs):
    rare = small_inputs.genres.copy()
    rare[np.flatnonzero(rare == "pop")[3:]] = "jazz"
    assert diagnosis(VaeConfig(**SMALL), genres=rare).hygiene is not None
