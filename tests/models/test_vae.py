from types import MappingProxyType

import numpy as np
import pytest
from variational_contract import VariationalContract, tracks

from mlproject.models.vae import Vae


class TestVae(VariationalContract):
    kind = Vae
    small = MappingProxyType({"hidden": (16,)})

    def test_layers_are_mirrored_around_the_code(self, X):
        weights = self.model(hidden=(16, 8)).fit(X).weights_
        shapes = [array.shape for name, array in weights.items() if name.endswith("weight")]
        assert shapes == [(16, 200), (8, 16), (8, 8), (8, 4), (16, 8), (200, 16)]

    @pytest.mark.parametrize("n_columns", [200, 20])  # rotated, and not
    def test_weights_on_the_original_columns_reproduce_the_loss_of_the_training(self, n_columns):
        """Without a divergence, an epoch's loss is of the weights before it: n epochs leave those of loss n + 1."""
        X = tracks(n_columns=n_columns)
        silent = {"beta": 0.0, "epochs": 8}
        fitted = self.model(**silent).fit(X)
        expected = self.model(**(silent | {"epochs": 9})).fit(X).loss_curve_[-1]
        found = fitted.bound(X, n_samples=64).reconstruction.mean() / fitted.n_effective_
        assert found == pytest.approx(expected, rel=0.06)

    def test_columns_of_other_blocks_are_not_seen(self, X):
        fitted = self.model(blocks={"audio": (0, 150), "lyrics": (150, 200)}).fit(X)
        other = X.copy()
        other[:, 150:] = 0
        np.testing.assert_array_equal(fitted.transform(X), fitted.transform(other))

    def test_columns_count_as_at_most_what_the_tracks_span(self, fitted):
        assert fitted.n_effective_ == 39
        assert self.model(epochs=1).fit(tracks(n_columns=5)).n_effective_ == 5
