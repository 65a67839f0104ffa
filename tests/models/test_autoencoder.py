import numpy as np
import pytest
from sklearn.base import clone

from mlproject.errors import TrainingError
from mlproject.models.autoencoder import Autoencoder

CONDITIONED = {"audio": (0, 196), "genre": (196, 200)}


@pytest.fixture(scope="module")
def X():
    """40 tracks of 200 columns: a few directions, some noise, units of their own."""
    rng = np.random.default_rng(3)
    values = rng.normal(size=(40, 3)) @ rng.normal(size=(3, 200)) + 0.3 * rng.normal(size=(40, 200))
    return (values * rng.uniform(1, 50, 200) + rng.uniform(-100, 100, 200)).astype(np.float32)


@pytest.fixture(scope="module")
def X_genre(X):
    one_hot = np.eye(4, dtype=np.float32)[np.arange(40) % 4]
    return np.hstack([X[:, :196], one_hot])


def model(**options):
    return Autoencoder(4, **{"hidden": (16,), "epochs": 30, "random_state": 0} | options)


def test_loss_falls(X):
    losses = model(epochs=60, learning_rate=0.01).fit(X).loss_curve_
    assert losses.shape == (60,)
    assert losses[-1] < 0.5 * losses[0]
    assert np.all(np.diff(losses[:10]) < 0)


def test_code_and_reconstruction_have_their_shapes_and_all_is_float32(X):
    fitted = model().fit(X)
    assert fitted.transform(X).shape == (40, 4)
    assert fitted.reconstruct(X).shape == X.shape
    arrays = [fitted.transform(X), fitted.reconstruct(X), fitted.mean_, fitted.scale_, fitted.loss_curve_]
    assert {array.dtype for array in [*arrays, *fitted.coefs_, *fitted.intercepts_]} == {np.dtype(np.float32)}


def test_layers_are_mirrored_around_the_code(X):
    shapes = [weights.shape for weights in model(hidden=(16, 8)).fit(X).coefs_]
    assert shapes == [(200, 16), (16, 8), (8, 4), (4, 8), (8, 16), (16, 200)]


def test_same_seed_is_bit_identical_and_another_one_is_not(X):
    first, again, other = (model(random_state=seed).fit(X).transform(X) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)


def test_reconstruction_comes_nearer_to_the_original_than_the_mean(X):
    fitted = model(epochs=150, learning_rate=0.01).fit(X)
    error = (fitted.reconstruct(X) - X) / fitted.scale_
    assert np.mean(error**2) < 0.3


@pytest.mark.parametrize("columns", [200, 20])  # rotated, and not
@pytest.mark.parametrize("conditioned", [False, True])
def test_weights_on_the_original_columns_reproduce_the_loss_of_the_training(X_genre, columns, conditioned):
    """MLPRegressor's loss of an epoch is of the weights before it: n epochs leave the weights of loss n + 1."""
    X = X_genre[:, 200 - columns :] if conditioned else X_genre[:, :columns]
    blocks = {"audio": (0, columns - 4), "genre": (columns - 4, columns)} if conditioned else None
    fitted = model(epochs=8, blocks=blocks).fit(X)
    expected = model(epochs=9, blocks=blocks).fit(X).loss_curve_[-1]

    audio = X[:, : columns - 4] if conditioned else X
    error = (fitted.reconstruct(X) - audio) / fitted.scale_
    scale = np.sqrt(39 / audio.shape[1]) if audio.shape[1] > 40 else 1.0
    norms = [np.sum(weights.astype(np.float64) ** 2) for weights in fitted.coefs_]
    norms[0], norms[-1] = norms[0] / scale**2, norms[-1] * scale**2
    penalty = 0.5 * 1e-4 * sum(norms) / len(X)
    assert 0.5 * np.mean(error.astype(np.float64) ** 2) + penalty == pytest.approx(expected, rel=1e-4)


def test_on_epoch_hears_each_loss_and_may_stop(X):
    heard = []

    def on_epoch(epoch, loss):
        heard.append((epoch, loss))
        return epoch == 5

    fitted = model(on_epoch=on_epoch).fit(X)
    assert [epoch for epoch, _ in heard] == [1, 2, 3, 4, 5]
    np.testing.assert_allclose([loss for _, loss in heard], fitted.loss_curve_, rtol=1e-6)


def test_listening_changes_nothing(X):
    np.testing.assert_array_equal(model(on_epoch=lambda *_: None).fit(X).transform(X), model().fit(X).transform(X))


@pytest.mark.parametrize("rate", [1e10, 1e30])
def test_training_that_diverges_says_what_to_lower(X, rate):
    with pytest.raises(TrainingError, match=r"left the finite numbers in epoch \d+; lower learning_rate \(now 1e\+"):
        model(learning_rate=rate, epochs=100).fit(X)


def test_condition_changes_the_code_and_is_not_reconstructed(X_genre):
    fitted = model(blocks=CONDITIONED).fit(X_genre)
    swapped = X_genre.copy()
    swapped[:, 196:] = np.roll(swapped[:, 196:], 1, axis=1)
    assert not np.allclose(fitted.transform(X_genre), fitted.transform(swapped))
    assert fitted.reconstruct(X_genre).shape == (40, 196)
    assert fitted.coefs_[0].shape == (200, 16)
    assert fitted.coefs_[-1].shape == (16, 196)


def test_columns_of_no_block_of_the_audio_are_not_seen(X_genre):
    fitted = model(blocks={"audio": (0, 150), "lyrics": (150, 200)}).fit(X_genre)
    other = X_genre.copy()
    other[:, 150:] = 0
    np.testing.assert_array_equal(fitted.transform(X_genre), fitted.transform(other))


def test_constant_column_stays_as_it_is(X):
    X = X.copy()
    X[:, 7] = 5.5
    reconstructed = model().fit(X).reconstruct(X)
    assert np.isfinite(reconstructed).all()
    np.testing.assert_allclose(reconstructed[:, 7], 5.5, atol=0.5)


def test_transform_goes_row_by_row(X):
    fitted = model().fit(X)
    np.testing.assert_allclose(fitted.transform(X[3:4]), fitted.transform(X)[3:4], rtol=1e-4, atol=1e-5)


def test_constructor_stores_and_fit_validates(X):
    wrong = Autoencoder(latent_dim=0)
    assert clone(wrong).latent_dim == 0
    with pytest.raises(ValueError, match="latent_dim == 0, must be >= 1"):
        wrong.fit(X)
    with pytest.raises(ValueError, match="epochs == 0, must be >= 1"):
        model(epochs=0).fit(X)


def test_ctrl_c_ends_the_training(monkeypatch):
    from sklearn.neural_network import MLPRegressor

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    values = np.random.default_rng(0).normal(size=(20, 5)).astype(np.float32)
    monkeypatch.setattr(MLPRegressor, "_backprop", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Autoencoder(2, hidden=(4,), epochs=3).fit(values)
