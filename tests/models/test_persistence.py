import json

import numpy as np
import pytest

from mlproject.models.autoencoder import Autoencoder
from mlproject.models.fusion import FusedRepresentation
from mlproject.models.pca import PrincipalComponents
from mlproject.models.persistence import load_model, save_model

BLOCKS = {"audio": (0, 40), "lyrics": (40, 52), "genre": (52, 56)}
ENCODER = Autoencoder(3, hidden=(8,), epochs=3, blocks=BLOCKS, random_state=1, on_epoch=lambda *_: None)


@pytest.fixture(scope="module")
def X():
    rng = np.random.default_rng(11)
    return np.hstack([rng.normal(size=(30, 52)), np.eye(4)[np.arange(30) % 4]]).astype(np.float32)


@pytest.fixture(
    params=[
        PrincipalComponents(4),
        PrincipalComponents(4, block="lyrics", blocks=BLOCKS),
        ENCODER,
        FusedRepresentation(PrincipalComponents(4)),
        FusedRepresentation(ENCODER, blocks=BLOCKS, lyrics_dim=5, fusion="balanced"),
    ],
    ids=["pca", "pca of lyrics", "autoencoder", "joint pca", "joint autoencoder"],
)
def model(request, X):
    return request.param.fit(X)


def test_loaded_model_transforms_bit_for_bit(model, X, tmp_path):
    save_model(model, tmp_path / "model")
    loaded = load_model(tmp_path / "model")
    assert type(loaded) is type(model)
    np.testing.assert_array_equal(loaded.transform(X), model.transform(X))


def test_loaded_encoder_reconstructs_bit_for_bit(X, tmp_path):
    save_model(ENCODER.fit(X), tmp_path)
    np.testing.assert_array_equal(load_model(tmp_path).reconstruct(X), ENCODER.reconstruct(X))


def test_loaded_model_can_be_fitted_again(model, X, tmp_path):
    save_model(model, tmp_path)
    np.testing.assert_array_equal(load_model(tmp_path).fit(X).transform(X), model.transform(X))


def test_files_hold_plain_arrays_and_json_alone(model, tmp_path):
    save_model(model, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["arrays.npz", "model.json"]
    assert json.loads((tmp_path / "model.json").read_text())["class"] == type(model).__name__
    with np.load(tmp_path / "arrays.npz", allow_pickle=False) as arrays:
        assert {arrays[name].dtype for name in arrays.files} == {np.dtype(np.float32)}


def test_same_model_gives_the_same_bytes(model, tmp_path):
    for name in ("a", "b"):
        save_model(model, tmp_path / name)
    for file in ("arrays.npz", "model.json"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()
