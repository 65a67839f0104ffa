from types import MappingProxyType

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from variational_contract import VariationalContract, tracks

from mlproject.models.cvae import ConditionalVae

BLOCKS = {"audio": (0, 200), "genre": (200, 204)}


@pytest.fixture(scope="module")
def X_genre():
    """Tracks of four genres, each with a mean of its own in every column."""
    rng, genre = np.random.default_rng(5), np.arange(120) % 4
    values = tracks(120)
    values += 2 * values.std(axis=0) * rng.normal(size=(4, 200))[genre]
    return np.hstack([values, np.eye(4)[genre]]).astype(np.float32)


def swapped(X):
    other = X.copy()
    other[:, 200:] = np.roll(X[:, 200:], 1, axis=1)
    return other


class TestSelfConditionedVae(VariationalContract):
    kind = ConditionalVae
    small = MappingProxyType({"hidden": (16,), "penalty": 1.0, "n_conditions": 3})

    def test_condition_is_the_nearest_centre(self, fitted, X):
        assert fitted.centres_.shape == (3, 200)
        standardised = (X - fitted.mean_) / fitted.scale_
        nearest = np.linalg.norm(standardised[:, None] - fitted.centres_, axis=2).argmin(axis=1)
        np.testing.assert_array_equal(fitted._extras(X)["condition"].numpy().argmax(axis=1), nearest)

    def test_no_more_conditions_than_different_tracks(self, X):
        assert len(self.model(epochs=1, n_conditions=9).fit(X[np.arange(40) % 2]).centres_) == 2


class TestConditionalVae(VariationalContract):
    kind = ConditionalVae
    small = MappingProxyType({"hidden": (16,), "penalty": 1.0, "blocks": BLOCKS})

    @pytest.fixture(scope="class")
    @classmethod
    def X(cls, X_genre):
        return X_genre

    @pytest.fixture(scope="class")
    @classmethod
    def audio(cls, X):
        return X[:, :200]

    @pytest.fixture(scope="class")
    @classmethod
    def freed(cls, X):
        return cls.model(penalty=30.0, epochs=200, beta=0.5).fit(X)

    def test_encoder_does_not_see_the_condition_and_the_decoder_does(self, fitted, X):
        np.testing.assert_array_equal(fitted.transform(X), fitted.transform(swapped(X)))
        assert not np.allclose(fitted.reconstruct(X), fitted.reconstruct(swapped(X)))
        assert "genre" in fitted.encodes

    def test_penalty_takes_the_genre_out_of_the_code(self, freed, X):
        genre = X[:, 200:].argmax(axis=1)
        told = self.model(penalty=0.0, epochs=200, beta=0.5).fit(X).transform(X)
        kept, left = (
            LogisticRegression(max_iter=1000).fit(codes, genre).score(codes, genre)
            for codes in ((values - values.mean(0)) / values.std(0) for values in (told, freed.transform(X)))
        )
        assert left < 0.4 < 0.5 < kept

    def test_another_genre_is_decoded_wrongly(self, freed, X, audio):
        errors = [np.mean(((freed.reconstruct(values) - audio) / freed.scale_) ** 2) for values in (X, swapped(X))]
        assert errors[1] > 1.5 * errors[0]
