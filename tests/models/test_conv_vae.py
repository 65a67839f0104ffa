from types import MappingProxyType

import numpy as np
import pytest
from variational_contract import VariationalContract

from mlproject.errors import ConfigError
from mlproject.models.conv_vae import ConvVae
from mlproject.models.factory import make_encoder


class TestConvVae(VariationalContract):
    kind = ConvVae
    small = MappingProxyType({"frame_shape": (4, 50), "n_steps": 25, "channels": (6, 8)})

    @pytest.fixture(scope="class")
    @classmethod
    def X(cls):
        """Slow waves of a track's own size and phase in four coefficients, each with its own unit."""
        rng = np.random.default_rng(0)
        time = np.arange(50) / 50
        size, phase = rng.normal(size=(40, 4, 1)), rng.uniform(0, 1, size=(40, 1, 1))
        values = size + np.sin(2 * np.pi * (time + phase)) + 0.1 * rng.normal(size=(40, 4, 50))
        return (values * np.array([100, 10, 5, 1])[:, None] - 50).reshape(40, 200).astype(np.float32)

    def test_frames_of_one_step_come_back_equal(self, fitted, X):
        frames = fitted.reconstruct(X).reshape(40, 4, 25, 2)
        np.testing.assert_array_equal(frames[..., 0], frames[..., 1])

    def test_frames_that_do_not_divide_into_steps_come_back_all(self, X):
        fitted = self.model(n_steps=7, epochs=2).fit(X)
        assert fitted.mean_.shape == (28,)
        assert fitted.reconstruct(X).shape == X.shape

    def test_fewer_frames_than_steps_are_taken_as_they_are(self, X):
        fitted = self.model(n_steps=500, epochs=1).fit(X)
        np.testing.assert_allclose(fitted.mean_, X.mean(axis=0), rtol=1e-4, atol=1e-3)

    def test_steps_in_another_order_fit_worse(self, X):
        fitted = self.model(epochs=150, learning_rate=0.01, beta=0.01).fit(X)
        shuffled = X.reshape(40, 4, 50)[:, :, np.random.default_rng(0).permutation(50)].reshape(40, 200)
        assert fitted.bound(shuffled).elbo < fitted.bound(X).elbo

    def test_shape_that_does_not_hold_the_columns_is_refused(self, X):
        with pytest.raises(ValueError, match=r"frame_shape=\(4, 49\) does not hold the 200 columns"):
            self.model(frame_shape=(4, 49)).fit(X)

    def test_task_without_frames_is_told_what_to_set(self):
        with pytest.raises(ConfigError, match=r"conv_vae convolves over frames; set blocks\.audio to mfcc"):
            make_encoder("conv_vae", {})
