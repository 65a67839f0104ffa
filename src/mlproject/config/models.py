"""`model` of a task file: one class for each kind of model; ``name`` says which.

A section has the parameters of its encoder's constructor, with the same defaults.
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from mlproject.config.section import Section

__all__ = ["MODELS", "ModelConfig", "PrincipalComponentsConfig"]

Layers = tuple[Annotated[int, Field(ge=1, le=65536)], ...]

LATENT_DIM = Field(32, ge=1, le=4096, description="size of the latent vector of the audio")
HIDDEN = Field((128,), description="sizes of the layers before the latent one; the decoder mirrors them")
LEARNING_RATE = Field(0.002, gt=0, le=1, description="step size of Adam")
EPOCHS = "passes over all tracks, full batch"


class ModelSection(Section):
    """What the sections of all models have in common."""

    name: str
    lyrics_dim: int = Field(16, ge=1, le=384, description="principal components of the lyric embeddings")

    def encoder_settings(self) -> dict[str, Any]:
        """Return what the encoder's constructor takes; the lyrics' components are joined to its latent later."""
        return self.model_dump(exclude={"name", "lyrics_dim"})

    def unread_keys(self, *, lyrics: bool, genre: bool) -> dict[str, str]:  # noqa: ARG002
        """Return the keys that a task does not read, and why, given whether it has a lyrics and a genre block."""
        return {} if lyrics else {"lyrics_dim": "blocks.lyrics is null"}


class PrincipalComponentsConfig(ModelSection):
    """PCA of the audio block; all components of it are its z-scores, rotated."""

    name: Literal["pca"] = Field("pca", description="kind of model")
    latent_dim: int | None = Field(32, ge=1, le=4096, description="size of the latent vector; null keeps all there is")
    scaling: Literal["zscores", "quantile"] = Field("zscores", description="what is done to each column before")


class AutoencoderConfig(ModelSection):
    """Autoencoder of the audio block, a scikit-learn MLPRegressor underneath."""

    name: Literal["autoencoder"] = Field("autoencoder", description="kind of model")
    latent_dim: int = LATENT_DIM
    hidden: Layers = HIDDEN
    learning_rate: float = LEARNING_RATE
    epochs: int = Field(150, ge=1, le=100_000, description=EPOCHS)


class VariationalSection(ModelSection):
    """What all variational encoders take."""

    latent_dim: int = LATENT_DIM
    learning_rate: float = LEARNING_RATE
    epochs: int = Field(150, ge=1, le=100_000, description=EPOCHS)
    beta: float = Field(0.1, ge=0, le=1000, description="weight of the KL divergence from the prior")
    warm_up: int = Field(50, ge=0, le=100_000, description="epochs over which that weight, and any penalty, rises")
    free_bits: float = Field(0.0, ge=0, le=100, description="divergence without cost, nats per dimension")


class VaeConfig(VariationalSection):
    """Beta-VAE of the audio block, fully connected."""

    name: Literal["vae"] = Field("vae", description="kind of model")
    hidden: Layers = HIDDEN


class ConvVaeConfig(VariationalSection):
    """VAE of MFCC frames, convolutions over time."""

    name: Literal["conv_vae"] = Field("conv_vae", description="kind of model")
    n_steps: int = Field(128, ge=1, le=100_000, description="steps that the frames are averaged to")
    channels: tuple[Annotated[int, Field(ge=1, le=4096)], ...] = Field(
        (32, 64), description="outputs of each convolution, which halves the steps; the decoder mirrors them"
    )
    epochs: int = Field(80, ge=1, le=100_000, description=EPOCHS)
    warm_up: int = Field(30, ge=0, le=100_000, description="epochs over which the weight of the divergence rises")


class CvaeConfig(VariationalSection):
    """VAE whose decoder alone sees the genre, or without a genre block the track's own cluster."""

    name: Literal["cvae"] = Field("cvae", description="kind of model")
    hidden: Layers = HIDDEN
    penalty: float = Field(
        250.0, ge=0, le=100_000, description="weight of the dependence of the latent on the condition"
    )
    n_conditions: int = Field(10, ge=1, le=1000, description="clusters that are the condition without a genre block")

    def unread_keys(self, *, lyrics: bool, genre: bool) -> dict[str, str]:
        of_the_genre = {"n_conditions": "blocks.genre is the condition"} if genre else {}
        return super().unread_keys(lyrics=lyrics, genre=genre) | of_the_genre


class MvaeConfig(VariationalSection):
    """Product-of-experts VAE of audio and lyrics."""

    name: Literal["mvae"] = Field("mvae", description="kind of model")
    hidden: Layers = HIDDEN
    lyrics_weight: float = Field(1.0, ge=0, le=1000, description="weight of the lyrics beside the audio; 1 is equal")

    def unread_keys(self, *, lyrics: bool, genre: bool) -> dict[str, str]:  # noqa: ARG002
        of_the_lyrics = {} if lyrics else {"lyrics_weight": "blocks.lyrics is null"}
        return {"lyrics_dim": "mvae encodes the lyrics themselves, not components of them"} | of_the_lyrics


class UmapConfig(ModelSection):
    """Quantile-normalised columns of the audio block, and several UMAP embeddings of them."""

    name: Literal["umap"] = Field("umap", description="kind of model")
    latent_dim: int = Field(8, ge=8, le=256, description="dimensions of each UMAP embedding")
    n_embeddings: int = Field(4, ge=1, le=100, description="embeddings that are clustered side by side")
    n_neighbors: int = Field(30, ge=2, le=1000, description="neighbours of a track in UMAP's graph")


ModelConfig = (
    PrincipalComponentsConfig | AutoencoderConfig | VaeConfig | ConvVaeConfig | CvaeConfig | MvaeConfig | UmapConfig
)
# Kind of model, as task files name it -> its section.
MODELS: dict[str, type[ModelSection]] = {kind.model_fields["name"].default: kind for kind in ModelConfig.__args__}
