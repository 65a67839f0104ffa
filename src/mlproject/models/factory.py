"""Kinds of encoders by the names that task files and saved models use. torch is imported for those that need it."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from mlproject.errors import ConfigError
from mlproject.models.autoencoder import OnEpoch

__all__ = ["encoded_blocks", "find_class", "make_encoder", "takes_rotated"]

# Class of a saved model -> its module, in this package unless it has a dot.
_MODULES = {
    "Autoencoder": "autoencoder",
    "ConditionalVae": "cvae",
    "ConvVae": "conv_vae",
    "DeepRepresentation": "umap_ensemble",
    "DenoisingAutoencoder": "denoising",
    "JointRepresentation": "fusion",
    "Manifold": "umap_embedding",
    "MultimodalVae": "mvae",
    "PrincipalComponents": "pca",
    "QuantileTransformer": "sklearn.preprocessing",
    "Vae": "vae",
}
# `model.name` of a task file -> class.
_KINDS = {
    "autoencoder": "Autoencoder",
    "conv_vae": "ConvVae",
    "cvae": "ConditionalVae",
    "deep": "DeepRepresentation",
    "mvae": "MultimodalVae",
    "pca": "PrincipalComponents",
    "vae": "Vae",
}


def find_class(name: str) -> Any:
    """Return one of the estimator classes that models consist of; any other name is a KeyError."""
    module = _MODULES[name]
    return getattr(import_module(module if "." in module else f"mlproject.models.{module}"), name)


def encoded_blocks(kind: str) -> tuple[str, ...]:
    """Name the blocks that a kind of encoder takes in itself, so that they are not joined to its code."""
    blocks: tuple[str, ...] = find_class(_KINDS[kind]).encodes
    return blocks


def takes_rotated(kind: str) -> bool:
    """Whether a kind of encoder can be fitted to audio that is rotated already."""
    return "rotation_scale" in inspect.signature(find_class(_KINDS[kind])).parameters


def make_encoder(
    kind: str,
    settings: Mapping[str, Any],
    *,
    frame_shape: tuple[int, int] | None = None,
    rotation_scale: float | None = None,
    random_state: int | None = None,
    on_epoch: OnEpoch | None = None,
) -> Any:
    """Return an unfitted encoder.

    Parameters
    ----------
    kind : str
        ``model.name`` of a task file.
    settings : mapping of str to value
        The rest of that section, as far as the encoder reads it.
    frame_shape : tuple of int, optional
        Coefficients and frames that the audio block holds, if it holds frames.
    rotation_scale : float, optional
        Of audio that is rotated already; for encoders of which `takes_rotated` says that they take it.
    random_state : int, optional
    on_epoch : callable, optional
        Each of these four goes to encoders that have such a parameter.

    Raises
    ------
    ConfigError
        If an encoder of frames gets an audio block without frames.
    """
    if kind == "conv_vae" and frame_shape is None:
        raise ConfigError("model.name=conv_vae convolves over frames; set blocks.audio to mfcc, or name another model")
    encoder = find_class(_KINDS[kind])
    given: dict[str, Any] = {"frame_shape": frame_shape, "rotation_scale": rotation_scale}
    given |= {"random_state": random_state, "on_epoch": on_epoch}
    known = inspect.signature(encoder).parameters
    return encoder(**settings, **{name: value for name, value in given.items() if name in known})
