import numpy as np
import pytest

from mlproject.models.autoencoder import Autoencoder
from mlproject.models.fusion import FusedRepresentation
from mlproject.models.pca import PrincipalComponents

AUDIO, LYRICS, GENRE = (0, 70), (70, 94), (94, 104)


@pytest.fixture(scope="module")
def X():
    rng = np.random.default_rng(5)
    one_hot = np.eye(10)[np.arange(60) % 10]
    return np.hstack([rng.normal(size=(60, 70)), 9 * rng.normal(size=(60, 24)), one_hot]).astype(np.float32)


def fitted(X, blocks, fusion="concatenate", encoder=None):
    return FusedRepresentation(encoder, blocks=blocks, fusion=fusion).fit(X)


@pytest.mark.parametrize(
    ("blocks", "columns"),
    [
        ({"audio": AUDIO}, 32),
        ({"audio": AUDIO, "lyrics": LYRICS}, 48),
        ({"audio": AUDIO, "genre": GENRE}, 42),
        ({"audio": AUDIO, "lyrics": LYRICS, "genre": GENRE}, 58),
    ],
)
@pytest.mark.parametrize("encoder", [PrincipalComponents(), Autoencoder(epochs=2, random_state=0)])
def test_vector_is_as_long_as_its_parts(X, blocks, columns, encoder):
    model = fitted(X, blocks, encoder=encoder)
    vectors = model.transform(X)
    assert vectors.shape == (60, columns)
    assert vectors.dtype == np.float32


def test_concatenated_parts_stand_as_they_are(X):
    blocks = {"audio": AUDIO, "lyrics": LYRICS, "genre": GENRE}
    vectors = fitted(X, blocks).transform(X)
    np.testing.assert_array_equal(vectors[:, :32], PrincipalComponents(blocks=blocks).fit_transform(X))
    lyrics = PrincipalComponents(16, block="lyrics", blocks=blocks).fit_transform(X)
    np.testing.assert_array_equal(vectors[:, 32:48], lyrics)
    np.testing.assert_array_equal(vectors[:, 48:], X[:, slice(*GENRE)])


def test_balanced_parts_have_equal_total_variance_and_keep_their_form(X):
    blocks = {"audio": AUDIO, "lyrics": LYRICS, "genre": GENRE}
    plain, balanced = (fitted(X, blocks, fusion).transform(X) for fusion in ("concatenate", "balanced"))
    for part in (slice(0, 32), slice(32, 48), slice(48, 58)):
        assert balanced[:, part].var(axis=0).sum() == pytest.approx(1, rel=1e-3)
        ratio = np.linalg.norm(plain[:, part]) / np.linalg.norm(balanced[:, part])
        np.testing.assert_allclose(balanced[:, part] * ratio, plain[:, part], rtol=1e-3, atol=1e-5)


def test_part_without_variance_is_left_as_it_is(X):
    constant = X.copy()
    constant[:, slice(*LYRICS)] = 3.0
    vectors = fitted(constant, {"audio": AUDIO, "lyrics": LYRICS}, "balanced").transform(constant)
    np.testing.assert_array_equal(vectors[:, 32:], 0)


def test_order_of_the_blocks_in_the_matrix_is_free(X):
    first = fitted(X, {"audio": AUDIO, "lyrics": LYRICS}).transform(X)
    swapped = np.hstack([X[:, slice(*LYRICS)], X[:, slice(*AUDIO)]])
    second = fitted(swapped, {"lyrics": (0, 24), "audio": (24, 94)}).transform(swapped)
    np.testing.assert_allclose(first, second, atol=1e-4)


def test_without_blocks_all_columns_are_audio(X):
    model = FusedRepresentation().fit(X)
    np.testing.assert_array_equal(model.transform(X), PrincipalComponents().fit_transform(X))
    assert model.lyrics_ is None


def test_encoder_that_was_given_stays_unfitted(X):
    encoder = PrincipalComponents(3)
    fitted(X, {"audio": AUDIO}, encoder=encoder)
    assert not hasattr(encoder, "components_")
    assert encoder.blocks is None


def test_unknown_fusion_is_refused(X):
    with pytest.raises(ValueError, match="fusion='weighted'; expected 'concatenate' or 'balanced'"):
        fitted(X, None, "weighted")
