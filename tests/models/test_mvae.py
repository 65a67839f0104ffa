from types import MappingProxyType

import numpy as np
import pytest
from variational_contract import VariationalContract, tracks

from mlproject.models.mvae import MultimodalVae

BLOCKS = {"audio": (0, 60), "lyrics": (60, 90), "has_lyrics": (90, 91)}


def multimodal():
    """40 tracks whose audio and lyrics share their directions; every fourth has no words."""
    values = tracks(40, 90)
    known = (np.arange(40) % 4 > 0)[:, None]
    values[:, 60:] = np.where(known, values[:, 60:], values[known[:, 0], 60:].mean(axis=0))
    return np.hstack([values, known]).astype(np.float32)


class TestAudioAlone(VariationalContract):
    kind = MultimodalVae
    small = MappingProxyType({"hidden": (16,)})


class TestMultimodalVae(VariationalContract):
    kind = MultimodalVae
    small = MappingProxyType({"hidden": (16,), "blocks": BLOCKS})

    @pytest.fixture(scope="class")
    @classmethod
    def X(cls):
        return multimodal()

    @pytest.fixture(scope="class")
    @classmethod
    def audio(cls, X):
        return X[:, :60]

    def test_lyrics_of_tracks_without_words_change_nothing(self, fitted, X):
        other = X.copy()
        without = other[:, 90] == 0
        other[without, 60:90] = 1e6 * np.random.default_rng(0).normal(size=(without.sum(), 30))
        again = self.model().fit(other)
        np.testing.assert_array_equal(again.transform(other), fitted.transform(X))
        np.testing.assert_array_equal(fitted.transform(other), fitted.transform(X))

    def test_lyrics_of_tracks_with_words_move_their_codes_alone(self, fitted, X):
        other = X.copy()
        other[1, 60:90] += 5 * fitted.lyrics_scale_
        moved = (fitted.transform(other) != fitted.transform(X)).any(axis=1)
        assert moved.tolist() == [row == 1 for row in range(40)]

    def test_words_make_the_posterior_narrower(self, fitted, X):
        silenced = X.copy()
        silenced[:, 90] = 0
        known = X[:, 90] == 1
        widths = []
        for values in (X, silenced):
            with fitted._rebuilt(values) as (network, batch):
                widths.append(network.posterior(batch).log_variance.numpy())
        with_words, without = widths
        assert (with_words[known] < without[known]).all()
        np.testing.assert_array_equal(with_words[~known], without[~known])

    def test_all_have_words_where_no_block_tells_otherwise(self, X):
        blocks = {"audio": (0, 60), "lyrics": (60, 90)}
        everyone = X.copy()
        everyone[:, 90] = 1
        first = self.model(blocks=blocks).fit(X[:, :90]).transform(X[:, :90])
        np.testing.assert_array_equal(first, self.model().fit(everyone).transform(everyone))
