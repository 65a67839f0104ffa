"""Kinds of encoders by the names that task files and saved models use. torch is imported for those that need it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from sklearn.base import BaseEstimator

from mlproject.errors import ConfigError
from mlproject.models.encoder import Encoder, OnEpoch

if TYPE_CHECKING:  # what `find_class` imports by name, for whoever follows imports
    from mlproject.models import autoencoder, conv_vae, cvae, fusion, mvae, pca, umap_embedding, umap_ensemble, vae  # noqa: F401

__all__ = ["encoder_class", "find_class", "make_encoder"]

# Class of a saved model -> its module, in this package unless it has a dot.
_MODULES = {
    "Autoencoder": "autoencoder",
    "ConditionalVae": "cvae",
    "ConvVae": "conv_vae",
    "UmapEnsemble": "umap_ensemble",
    "FusedRepresentation": "fusion",
    "UmapEmbedding": "umap_embedding",
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
    "umap": "UmapEnsemble",
    "mvae": "MultimodalVae",
    "pca": "PrincipalComponents",
    "vae": "Vae",
}


def find_class(name: str) -> type[BaseEstimator]:
    """Return one of the estimator classes that models consist of; any other name is a KeyError."""
    module = _MODULES[name]
    found: type[BaseEstimator] = getattr(import_module(module if "." in module else f"mlproject.models.{module}"), name)
    return found


def encoder_class(kind: str) -> type[Encoder]:
    """Return the class of a kind of encoder, which says what the encoder is; see `Encoder`."""
    encoder: type[Encoder] = find_class(_KINDS[kind])
    return encoder


def make_encoder(
    kind: str,
    settings: Mapping[str, Any],
    *,
    frame_shape: tuple[int, int] | None = None,
    rotation_scale: float | None = None,
    random_state: int | None = None,
    on_epoch: OnEpoch | None = None,
) -> Encoder:
    """Return an unfitted encoder: its kind is ``model.name`` of a task file, its settings the rest of that section.

    The other four go to the encoders whose class says that they take them: `frame_shape` are the coefficients and
    frames of an audio block that holds frames, `rotation_scale` is that of audio that is rotated already.

    Raises
    ------
    ConfigError
        If an encoder of frames gets an audio block without frames.
    """
    encoder = encoder_class(kind)
    if encoder.needs_frames and frame_shape is None:
        raise ConfigError(f"model.name={kind} convolves over frames; set blocks.audio to mfcc, or name another model")
    taken = {
        "frame_shape": (encoder.needs_frames, frame_shape),
        "rotation_scale": (encoder.takes_rotated, rotation_scale),
        "random_state": (encoder.seeded, random_state),
        "on_epoch": (encoder.trains, on_epoch),
    }
    return encoder(**settings, **{name: value for name, (takes_it, value) in taken.items() if takes_it})
