import numpy as np
import pytest
from sklearn.decomposition import PCA
from variational_contract import tracks

from mlproject.models.vae import Vae
from mlproject.models.vae_diagnostics import active_units, measure_vae_diagnostics

SETTINGS = {"hidden": (16,), "epochs": 200, "learning_rate": 0.01, "warm_up": 5, "random_state": 0}


@pytest.fixture(scope="module")
def halves():
    values = tracks(120, 30)
    return values[:80], values[80:]


@pytest.fixture(scope="module")
def measured(halves):
    return measure_vae_diagnostics(Vae(5, beta=0.5, **SETTINGS).fit(halves[0]), *halves)


def test_dimensions_whose_mean_moves_are_active():
    means = np.random.default_rng(0).normal(size=(1000, 3)) * [1, 0.11, 0.05] + 7
    assert active_units(means) == 2


def test_tracks_of_three_directions_need_no_more_units(measured):
    assert measured.latent_dim == 5
    assert measured.active_units == 3
    assert np.sum(np.array(measured.kl) > 0.2) == 3
    assert list(measured.kl) == sorted(measured.kl, reverse=True)


def test_collapsed_code_has_no_active_unit(halves):
    collapsed = measure_vae_diagnostics(Vae(5, beta=10.0, **SETTINGS).fit(halves[0]), *halves)
    assert collapsed.active_units == 0
    assert collapsed.error == pytest.approx(1, abs=0.1)


def test_held_out_tracks_have_a_lower_bound_and_a_larger_error(measured):
    assert measured.held_out_elbo < measured.elbo < 0
    assert measured.error < measured.held_out_error


def test_principal_components_of_equal_size_are_the_measure(measured, halves):
    train, held_out = ((values - halves[0].mean(axis=0)) / halves[0].std(axis=0) for values in halves)
    components = PCA(5, svd_solver="full").fit(train.astype(np.float64))
    for values, found in ((train, measured.pca_error), (held_out, measured.pca_held_out_error)):
        again = components.inverse_transform(components.transform(values))
        assert found == pytest.approx(np.mean((again - values) ** 2), rel=1e-3)
    assert measured.pca_error < measured.error < 3 * measured.pca_error


def test_more_dimensions_than_there_can_be_components_are_compared_with_as_many(halves):
    encoder = Vae(64, hidden=(8,), epochs=2, random_state=0).fit(halves[0])
    assert measure_vae_diagnostics(encoder, *halves).pca_error == pytest.approx(0, abs=1e-6)
