import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from mlproject.models.pca import PrincipalComponents


@pytest.fixture(params=[(30, 100), (100, 12)], ids=["wide", "tall"])
def X(request, rng):
    rows, columns = request.param
    return (rng.normal(size=(rows, columns)) * rng.uniform(1, 9, columns) + 20).astype(np.float32)


def test_equals_scikit_learns_pca_of_z_scores_up_to_sign(X):
    found = PrincipalComponents(5).fit(X).transform(X)
    expected = PCA(5, svd_solver="full").fit_transform(StandardScaler().fit_transform(X.astype(np.float64)))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found * np.sign((found * expected).sum(axis=0)), expected, atol=2e-3)


def test_components_are_orthonormal(X):
    components = PrincipalComponents(5).fit(X).components_
    np.testing.assert_allclose(components @ components.T, np.eye(5), atol=1e-4)


def test_same_matrix_gives_bit_identical_vectors(X):
    np.testing.assert_array_equal(
        PrincipalComponents(5).fit_transform(X), PrincipalComponents(5).fit(X.copy()).transform(X)
    )


def test_all_components_reconstruct_the_block(X):
    model = PrincipalComponents(min(X.shape)).fit(X)
    np.testing.assert_allclose(model.reconstruct(X), X, atol=0.02)


def test_components_beyond_the_rank_are_zero(X):
    same = np.repeat(X[:3], 8, axis=0)
    vectors = PrincipalComponents(5).fit(same).transform(same)
    assert np.abs(vectors[:, :2]).min(axis=0).max() > 0
    np.testing.assert_array_equal(vectors[:, 2:], 0)


def test_constant_column_adds_nothing(X):
    constant = np.hstack([X, np.full((len(X), 1), 1234.5678, dtype=np.float32)])
    model = PrincipalComponents(5).fit(constant)
    np.testing.assert_allclose(model.components_[:, -1], 0, atol=1e-6)
    np.testing.assert_allclose(model.transform(constant), PrincipalComponents(5).fit(X).transform(X), atol=2e-3)


def test_named_block_alone_is_read(X):
    blocks = {"audio": (0, 4), "lyrics": (4, X.shape[1])}
    model = PrincipalComponents(3, block="lyrics", blocks=blocks).fit(X)
    np.testing.assert_allclose(model.transform(X), PrincipalComponents(3).fit(X[:, 4:]).transform(X[:, 4:]), atol=1e-4)


@pytest.mark.parametrize("shape", [(5, 50), (50, 5)])
def test_too_many_components_say_what_to_do(shape, rng):
    with pytest.raises(
        ValueError, match=rf"latent_dim=6 exceeds n_samples = {shape[0]} or .* of block 'audio'; lower it"
    ):
        PrincipalComponents(6).fit(rng.normal(size=shape))


def test_no_component_is_refused(X):
    with pytest.raises(ValueError, match="latent_dim == 0, must be >= 1"):
        PrincipalComponents(0).fit(X)
