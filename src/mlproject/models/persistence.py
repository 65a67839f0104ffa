"""Fitted models <-> ``model.json`` and ``arrays.npz``: plain values only, nothing that runs when it is read."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from sklearn.base import BaseEstimator

from mlproject.errors import DamagedFileError
from mlproject.files import read_arrays, read_json, write_arrays, write_json
from mlproject.models.factory import find_class

__all__ = ["load_model", "save_model"]


def save_model(model: BaseEstimator, folder: Path) -> None:
    """Write ``model.json`` (parameters, structure) and ``arrays.npz`` (weights) of one of this package's models."""
    arrays: dict[str, np.ndarray] = {}
    structure = _pack(model, "model", arrays)
    assert isinstance(structure, dict)
    folder.mkdir(parents=True, exist_ok=True)
    write_arrays(folder / "arrays.npz", arrays)
    write_json(folder / "model.json", structure)


def load_model(folder: Path) -> BaseEstimator:
    """Read what `save_model` wrote; the model transforms as the saved one did, bit for bit.

    Raises
    ------
    DamagedFileError
        If a file is broken, or names a class that is none of this package's models.
    """
    structure = read_json(folder / "model.json")
    with read_arrays(folder / "arrays.npz") as arrays:
        try:
            model = _unpack(structure, arrays)
        except (AttributeError, KeyError, TypeError) as error:
            raise DamagedFileError.of(folder / "model.json", f"it names no model or array: {error}") from error
    if not isinstance(model, BaseEstimator):
        raise DamagedFileError.of(folder / "model.json", "it holds no model")
    return model


def _pack(value: object, path: str, arrays: dict[str, np.ndarray]) -> object:
    if isinstance(value, BaseEstimator):
        state = {name: item for name, item in vars(value).items() if not callable(item)}
        return {"class": type(value).__name__, "state": {k: _pack(v, f"{path}.{k}", arrays) for k, v in state.items()}}
    if isinstance(value, np.ndarray):
        arrays[path] = value
        return {"array": path}
    if isinstance(value, dict):
        return {"mapping": {key: _pack(item, f"{path}.{key}", arrays) for key, item in value.items()}}
    if isinstance(value, list | tuple):
        return [_pack(item, f"{path}.{i}", arrays) for i, item in enumerate(value)]
    return value


def _unpack(packed: object, arrays: Mapping[str, np.ndarray]) -> object:
    if isinstance(packed, list):
        return [_unpack(item, arrays) for item in packed]
    if not isinstance(packed, dict):
        return packed
    if "array" in packed:
        return arrays[packed["array"]]
    if "mapping" in packed:
        return {key: _unpack(item, arrays) for key, item in packed["mapping"].items()}
    model = find_class(packed["class"])()
    for name, item in packed["state"].items():
        setattr(model, name, _unpack(item, arrays))
    return model
