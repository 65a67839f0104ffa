"""What encoders say of themselves, and that each section of a task file has its encoder's parameters."""

import inspect

import pytest

from mlproject.config.models import MODELS
from mlproject.models.encoder import Encoder
from mlproject.models.factory import encoder_class

# The name chooses the class; the components of the lyrics are joined to the encoder's latent.
ONLY_IN_THE_SECTION = {"name", "lyrics_dim"}
# Given by the design, the evaluation's seed and the caller; `block` lets PCA encode the lyrics too.
ONLY_IN_THE_CONSTRUCTOR = {"blocks", "block", "frame_shape", "rotation_scale", "random_state", "on_epoch"}


@pytest.mark.parametrize("kind", MODELS)
class TestEachKind:
    def test_section_and_constructor_have_the_same_names_and_defaults(self, kind):
        section = {name: field.default for name, field in MODELS[kind].model_fields.items()}
        constructor = {
            name: parameter.default for name, parameter in inspect.signature(encoder_class(kind)).parameters.items()
        }
        for name in ONLY_IN_THE_SECTION:
            section.pop(name)
        for name in ONLY_IN_THE_CONSTRUCTOR:
            constructor.pop(name, None)
        assert section == constructor

    def test_constructor_takes_what_the_class_says(self, kind):
        encoder = encoder_class(kind)
        parameters = inspect.signature(encoder).parameters
        assert issubclass(encoder, Encoder)
        assert ("on_epoch" in parameters) == encoder.trains
        assert ("random_state" in parameters) == encoder.seeded
        assert ("frame_shape" in parameters) == encoder.needs_frames
        assert ("rotation_scale" in parameters) == encoder.takes_rotated
        assert hasattr(encoder, "reconstruct") == encoder.reconstructs
        assert hasattr(encoder, "bound") == encoder.variational
        assert {"epochs", "learning_rate"} <= set(parameters) or not encoder.trains

    def test_section_gives_the_constructors_settings(self, kind):
        encoder_class(kind)(**MODELS[kind].model_validate({"name": kind}).encoder_settings())


def test_what_is_compared_with_pca_is_not_pca():
    assert [kind for kind in MODELS if not encoder_class(kind).linear_counterparts] == ["pca"]
