"""`model` of a task file: one class a kind of model, told apart by ``name``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mlproject.config.section import Section

__all__ = [
    "MODELS",
    "AutoencoderConfig",
    "ConvVaeConfig",
    "CvaeConfig",
    "DeepConfig",
    "ModelConfig",
    "MvaeConfig",
    "PrincipalComponentsConfig",
    "VaeConfig",
]


class PrincipalComponentsConfig(Section):
    """PCA of the audio block; all components of it are its z-scores, turned."""

    name: Literal["pca"] = Field("pca", description="kind of model")
    latent_dim: int | None = Field(32, ge=1, le=4096, description="size of the latent vector; null keeps all there is")
    scaling: Literal["zscores", "normal_scores"] = Field("zscores", description="what is done to each column before")
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


class VaeConfig(Section):
    """Beta-VAE of the audio block, fully connected."""

    name: Literal["vae"] = Field("vae", description="kind of model")
    latent_dim: int = Field(32, ge=1, le=4096, description="size of the latent vector of the audio")
    hidden: tuple[Annotated[int, Field(ge=1, le=65536)], ...] = Field(
        (128,), description="sizes of the layers before the latent one; the decoder mirrors them"
    )
    learning_rate: float = Field(0.002, gt=0, le=1, description="step size of Adam")
    epochs: int = Field(150, ge=1, le=100_000, description="passes over all tracks, full batch")
    beta: float = Field(0.1, ge=0, le=1000, description="weight of the KL divergence from the prior")
    warm_up: int = Field(50, ge=0, le=100_000, description="epochs over which that weight, and any penalty, rises")
    free_bits: float = Field(0.0, ge=0, le=100, description="divergence without cost, nats a dimension")
    lyrics_dim: int = Field(16, ge=1, le=384, description="principal components of the lyric embeddings")


class ConvVaeConfig(Section):
    """VAE of MFCC frames, convolutions over time."""

    name: Literal["conv_vae"] = Field("conv_vae", description="kind of model")
    latent_dim: int = Field(32, ge=1, le=4096, description="size of the latent vector of the audio")
    n_steps: int = Field(128, ge=1, le=100_000, description="steps that the frames are averaged to")
    channels: tuple[Annotated[int, Field(ge=1, le=4096)], ...] = Field(
        (32, 64), description="outputs of each convolution, which halves the steps; the decoder mirrors them"
    )
    learning_rate: float = Field(0.002, gt=0, le=1, description="step size of Adam")
    epochs: int = Field(80, ge=1, le=100_000, description="passes over all tracks, full batch")
    beta: float = Field(0.1, ge=0, le=1000, description="weight of the KL divergence from the prior")
    warm_up: int = Field(30, ge=0, le=100_000, description="epochs over which that weight, and any penalty, rises")
    free_bits: float = Field(0.0, ge=0, le=100, description="divergence without cost, nats a dimension")
    lyrics_dim: int = Field(16, ge=1, le=384, description="principal components of the lyric embeddings")


class CvaeConfig(VaeConfig):
    """VAE whose decoder alone is told the genre, or without a genre block the track's own cluster."""

    name: Literal["cvae"] = Field("cvae", description="kind of model")  # type: ignore[assignment]
    penalty: float = Field(250.0, ge=0, le=100_000, description="weight of the dependence of the code on the condition")
    n_conditions: int = Field(10, ge=1, le=1000, description="clusters that are the condition without a genre block")


class MvaeConfig(VaeConfig):
    """Product-of-experts VAE of audio and lyrics."""

    name: Literal["mvae"] = Field("mvae", description="kind of model")  # type: ignore[assignment]
    lyrics_weight: float = Field(1.0, ge=0, le=1000, description="weight of the lyrics beside the audio; 1 is equal")


class DeepConfig(Section):
    """Normal scores of the audio block, denoising encoders if any, and manifold layouts of both."""

    name: Literal["deep"] = Field("deep", description="kind of model")
    latent_dim: int = Field(8, ge=8, le=256, description="dimensions of each manifold layout")
    n_layouts: int = Field(4, ge=1, le=100, description="layouts that are clustered side by side")
    n_neighbors: int = Field(30, ge=2, le=1000, description="neighbours of a track in the manifold's graph")
    n_encoders: int = Field(0, ge=0, le=100, description="denoising autoencoders; 0 takes the normal scores alone")
    code_dim: int = Field(16, ge=1, le=4096, description="size of each one's code")
    hidden: tuple[Annotated[int, Field(ge=1, le=65536)], ...] = Field(
        (256,), description="sizes of the layers before the code; the decoder mirrors them"
    )
    learning_rate: float = Field(0.002, gt=0, le=1, description="step size of Adam")
    epochs: int = Field(300, ge=1, le=100_000, description="passes of each encoder over all tracks, full batch")
    lyrics_dim: int = Field(16, ge=1, le=384, description="principal components of the lyric embeddings")


ModelConfig = (
    PrincipalComponentsConfig | AutoencoderConfig | VaeConfig | ConvVaeConfig | CvaeConfig | MvaeConfig | DeepConfig
)
# Kind of model, as task files name it -> its section.
VARIATIONAL = (VaeConfig, ConvVaeConfig)  # and what derives from them
MODELS: dict[str, type[Section]] = {kind.model_fields["name"].default: kind for kind in ModelConfig.__args__}
