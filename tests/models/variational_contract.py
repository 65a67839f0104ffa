"""What every variational encoder keeps; a test module inherits it and says what its model is."""

from collections.abc import Mapping

import numpy as np
import pytest
import torch
from sklearn.base import clone

from mlproject.errors import TrainingError
from mlproject.models.persistence import load_model, save_model


def tracks(n_tracks=40, n_columns=200, seed=3):
    """Make tracks of a few directions, some noise and columns of units of their own."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n_tracks, 3)) @ rng.normal(size=(3, n_columns))
    values += 0.3 * rng.normal(size=(n_tracks, n_columns))
    return (values * rng.uniform(1, 50, n_columns) + rng.uniform(-100, 100, n_columns)).astype(np.float32)


class VariationalContract:
    """`kind` is the class, `small` its settings here, `columns` those of the audio block, of all of `X`."""

    kind: type
    small: Mapping

    @classmethod
    def model(cls, **options):
        settings = {"latent_dim": 4, "epochs": 25, "warm_up": 5, "random_state": 0}
        return cls.kind(**settings | dict(cls.small) | options)

    @pytest.fixture(scope="class")
    @classmethod
    def X(cls):
        return tracks()

    @pytest.fixture(scope="class")
    @classmethod
    def audio(cls, X):
        return X

    @pytest.fixture(scope="class")
    @classmethod
    def fitted(cls, X):
        return cls.model().fit(X)

    def test_codes_and_reconstruction_have_their_shapes_and_all_is_float32(self, fitted, X, audio):
        codes, found = fitted.transform(X), fitted.reconstruct(X)
        assert codes.shape == (len(X), 4)
        assert found.shape == audio.shape
        arrays = [codes, found, fitted.mean_, fitted.scale_, fitted.loss_curve_, *fitted.weights_.values()]
        assert {array.dtype for array in arrays} == {np.dtype(np.float32)}

    def test_loss_falls(self, X):
        losses = self.model(epochs=60, learning_rate=0.01, beta=0.01).fit(X).loss_curve_
        assert losses.shape == (60,)
        assert losses[-1] < 0.8 * losses[0]

    def test_reconstruction_comes_nearer_to_the_original_than_the_mean(self, X, audio):
        fitted = self.model(epochs=150, learning_rate=0.01, beta=0.01).fit(X)
        error = np.mean((fitted.reconstruct(X) - audio) ** 2 / audio.var(axis=0))
        assert error < 0.5

    def test_codes_are_the_posteriors_means(self, fitted, X):
        with fitted._rebuilt(X) as (network, batch):
            posterior = network.posterior(batch)
        np.testing.assert_array_equal(posterior.mean.numpy(), fitted.transform(X))
        assert (posterior.log_variance.abs() <= 10).all()

    def test_same_seed_is_bit_identical_and_another_one_is_not(self, fitted, X):
        again, other = (self.model(random_state=seed).fit(X).transform(X) for seed in (0, 1))
        np.testing.assert_array_equal(fitted.transform(X), again)
        assert not np.allclose(again, other)

    def test_torchs_own_random_state_is_neither_read_nor_moved(self, fitted, X):
        torch.manual_seed(99)
        state = torch.get_rng_state()
        np.testing.assert_array_equal(self.model().fit(X).transform(X), fitted.transform(X))
        assert torch.equal(torch.get_rng_state(), state)

    def test_rows_are_encoded_one_by_one(self, fitted, X):
        np.testing.assert_allclose(fitted.transform(X[3:5]), fitted.transform(X)[3:5], rtol=1e-3, atol=1e-5)

    def test_double_precision_in_is_double_precision_out(self, fitted, X):
        codes = fitted.transform(X.astype(np.float64))
        assert codes.dtype == np.float64
        np.testing.assert_allclose(codes, fitted.transform(X), rtol=1e-3, atol=1e-4)

    def test_loaded_model_transforms_and_reconstructs_bit_for_bit(self, fitted, X, tmp_path):
        save_model(fitted, tmp_path)
        loaded = load_model(tmp_path)
        np.testing.assert_array_equal(loaded.transform(X), fitted.transform(X))
        np.testing.assert_array_equal(loaded.reconstruct(X), fitted.reconstruct(X))
        np.testing.assert_array_equal(loaded.fit(X).transform(X), fitted.transform(X))

    def test_on_epoch_hears_each_loss_and_may_stop(self, fitted, X):
        heard = []

        def on_epoch(epoch, loss):
            heard.append((epoch, loss))
            return epoch == 5

        stopped = self.model(on_epoch=on_epoch).fit(X)
        assert [epoch for epoch, _ in heard] == [1, 2, 3, 4, 5]
        np.testing.assert_allclose([loss for _, loss in heard], stopped.loss_curve_, rtol=1e-6)
        np.testing.assert_array_equal(stopped.loss_curve_, fitted.loss_curve_[:5])

    def test_strong_prior_leaves_no_code_and_free_bits_keep_some(self, X):
        strong = {"beta": 10.0, "epochs": 150, "learning_rate": 0.005, "warm_up": 0}
        collapsed, kept = (
            self.model(free_bits=bits, **strong).fit(X).bound(X).kl.sum(axis=1).mean() for bits in (0, 1)
        )
        assert collapsed < 0.1
        assert 3 < kept < 5

    def test_bound_is_worse_on_tracks_of_another_kind(self, fitted, X, audio):
        other = X.copy()
        other[:, : audio.shape[1]] = other[:, : audio.shape[1]][:, ::-1]
        assert fitted.bound(other).elbo < fitted.bound(X).elbo
        assert fitted.bound(X).elbo == fitted.bound(X).elbo

    def test_training_that_diverges_says_what_to_lower(self, X):
        with pytest.raises(TrainingError, match=r"left the finite numbers in epoch \d+; lower learning_rate"):
            self.model(learning_rate=1e30, epochs=100).fit(X)

    def test_constructor_stores_and_fit_validates(self, X):
        wrong = self.kind(latent_dim=0)
        assert clone(wrong).latent_dim == 0
        with pytest.raises(ValueError, match="latent_dim == 0, must be >= 1"):
            wrong.fit(X)

    def test_matrix_without_variance_gives_finite_codes(self, X):
        assert np.isfinite(self.model(epochs=3).fit(np.ones_like(X)).transform(X)).all()
