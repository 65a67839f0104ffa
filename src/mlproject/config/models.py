"""`model` of a task file: one class a kind of model, told apart by ``name``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mlproject.config.section import Section

__all__ = ["MODELS", "AutoencoderConfig", "ModelConfig", "PrincipalComponentsConfig"]


class PrincipalComponentsConfig(Section):
    """PCA of the audio block."""

    name: Literal["pca"] = Field("pca", description="kind of model")
    latent_dim: int = Field(32, ge=1, le=4096, description="size of the latent vector of the audio")
    lyrics_dim: int = Field(16, ge=1, le=384, description="principal components of the lyric embeddings")


class AutoencoderConfig(Section):
    """Autoencoder of the audio block, a scikit-learn MLPRegressor underneath."""

    name: Literal["autoencoder"] = Field("autoencoder", description="kind of model")
    latent_dim: int = Field(32, ge=1, le=4096, description="size of the latent vector of the audio")
    hidden: tuple[Annotated[int, Field(ge=1, le=65536)], ...] = Field(
        (128,), description="sizes of the layers before the latent one; the decoder mirrors them"
    )
    learning_rate: float = Field(0.002, gt=0, le=1, description="step size of Adam")
    epochs: int = Field(150, ge=1, le=100_000, description="passes over all tracks, full batch")
    lyrics_dim: int = Field(16, ge=1, le=384, description="principal components of the lyric embeddings")


ModelConfig = PrincipalComponentsConfig | AutoencoderConfig
# Kind of model, as task files name it -> its section.
MODELS: dict[str, type[Section]] = {kind.model_fields["name"].default: kind for kind in ModelConfig.__args__}
