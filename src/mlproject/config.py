"""One pydantic model a conf file: the field is the range, the help text and the default.

`DataConfig`, `FeaturesConfig`, `EvaluationConfig` and `TaskConfig` read `conf/data.yaml`, `features.yaml`,
`evaluation.yaml` and `tasks/<task>.yaml`. An unknown key is refused with the nearest right spelling.
`parameters.py` changes single values of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from mlproject.errors import ConfigError, did_you_mean

__all__ = [
    "AudioConfig",
    "AutoencoderConfig",
    "BlocksConfig",
    "DataConfig",
    "EvaluationConfig",
    "FeaturesConfig",
    "LyricsConfig",
    "PrincipalComponentsConfig",
    "TaskConfig",
    "load_config",
    "parse_config",
]

ClustererName = Literal["kmeans", "agglomerative", "spectral", "dbscan"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _true_is_no_number(cls, values: Any) -> Any:
        """YAML's yes, on and true would pass as 1."""
        for name, field in cls.model_fields.items() if isinstance(values, dict) else ():
            if isinstance(values.get(name), bool) and "bool" not in str(field.annotation):
                raise ValueError(f"{name} is {values[name]}; it needs another kind of value than true or false")
        return values


class DataConfig(_Section):
    """`conf/data.yaml`: which tracks."""

    corpus: Literal["demo", "gtzan", "folder"] = Field("demo", description="kind of corpus")
    root: str | None = Field(None, description="folder or archive of the music; none for the demo")
    labelled: bool = Field(True, description="folder: the first sub-folder is the genre")
    tracks_per_genre: int | None = Field(40, ge=1, description="tracks a genre; null takes all")
    sample_seed: int = Field(0, ge=0, description="seed of the choice of tracks")
    exclude_faults: bool = Field(True, description="gtzan: leave out the known duplicates and corrupt tracks")
    clip_seconds: float = Field(30.0, gt=0.99, le=600, description="length of audio used of each track, s")
    sample_rate: int = Field(22050, ge=16000, le=96000, description="sampling rate that all audio is brought to, Hz")

    @model_validator(mode="after")
    def _demo_needs_no_root(self) -> DataConfig:
        if self.root == "":
            raise ValueError("root is empty; give a folder or an archive, or null")
        if self.corpus == "demo" and self.root is not None:
            raise ValueError(
                f"root is {self.root!r}, but corpus is 'demo', which has none: set corpus to gtzan or folder"
            )
        return self


class AudioConfig(_Section):
    """`audio` of `conf/features.yaml`: frames and statistics, with librosa's names."""

    n_mfcc: int = Field(20, ge=2, le=128, description="number of mel-frequency cepstral coefficients")
    n_fft: int = Field(2048, ge=256, le=16384, description="length of the analysis window, samples")
    hop_length: int = Field(512, ge=16, le=4096, description="samples between two frames")
    n_mels: int = Field(128, ge=32, le=512, description="number of mel bands")

    @model_validator(mode="after")
    def _bands_for_all_coefficients(self) -> AudioConfig:
        if self.n_mfcc > self.n_mels:
            raise ValueError(
                f"n_mfcc is {self.n_mfcc} and n_mels {self.n_mels}; as many bands as coefficients are needed"
            )
        return self


class LyricsConfig(_Section):
    """`lyrics` of `conf/features.yaml`: where words come from and what encodes them."""

    source: Literal["corpus", "themes", "file", "asr", "none"] = Field(
        "corpus", description="where the words come from"
    )
    file: str | None = Field(None, description="source: file - CSV or parquet with track_id and text")
    model: str = Field("packaged", description="packaged all-MiniLM-L6-v2, or a sentence-transformers name or folder")
    asr_model: str = Field("openai/whisper-tiny", description="source: asr - a speech recognition model or folder")

    @model_validator(mode="after")
    def _file_needs_a_path(self) -> LyricsConfig:
        if (self.source == "file") != (self.file is not None):
            raise ValueError(
                f"source is {self.source!r} and file is {self.file!r}; source: file needs a path, the others file: null"
            )
        return self


class FeaturesConfig(_Section):
    """`conf/features.yaml`: what is computed from each track."""

    audio: AudioConfig = AudioConfig()
    lyrics: LyricsConfig = LyricsConfig()


class EvaluationConfig(_Section):
    """`conf/evaluation.yaml`: how every task is clustered and scored, the same for all."""

    n_clusters: int = Field(10, ge=2, le=1000, description="number of clusters")
    clusterers: tuple[ClustererName, ...] = Field(
        ("kmeans", "agglomerative", "spectral", "dbscan"),
        min_length=1,
        description="clusterers; the first is the primary",
    )
    n_init: int = Field(10, ge=1, le=1000, description="restarts of K-Means")
    n_neighbors: int = Field(10, ge=2, le=1000, description="neighbours of spectral clustering and DBSCAN")
    seed: int = Field(42, ge=0, lt=2**32, description="seed of the training")
    clustering_seed: int = Field(42, ge=0, lt=2**32, description="seed of the clusterers and of the maps in figures")
    figures: bool = Field(True, description="draw the figures")

    @property
    def primary(self) -> str:
        """Name of the clusterer whose scores are also logged without a prefix."""
        return self.clusterers[0]


class PrincipalComponentsConfig(_Section):
    """PCA of the audio block."""

    name: Literal["pca"] = Field("pca", description="kind of model")
    latent_dim: int = Field(32, ge=1, le=4096, description="size of the latent vector of the audio")
    lyrics_dim: int = Field(16, ge=1, le=384, description="principal components of the lyric embeddings")


class AutoencoderConfig(_Section):
    """Autoencoder of the audio block, a scikit-learn MLPRegressor underneath."""

    name: Literal["autoencoder"] = Field("autoencoder", description="kind of model")
    latent_dim: int = Field(32, ge=1, le=4096, description="size of the latent vector of the audio")
    hidden: tuple[Annotated[int, Field(ge=1, le=65536)], ...] = Field(
        (128,), description="sizes of the layers before the latent one; the decoder mirrors them"
    )
    learning_rate: float = Field(0.002, gt=0, le=1, description="step size of Adam")
    epochs: int = Field(150, ge=1, le=100_000, description="passes over all tracks, full batch")
    lyrics_dim: int = Field(16, ge=1, le=384, description="principal components of the lyric embeddings")


class BlocksConfig(_Section):
    """Which column blocks a task reads; absent ones are null."""

    audio: Literal["mfcc", "statistics"] = Field("mfcc", description="audio feature")
    lyrics: Literal["embedding"] | None = Field(None, description="lyric feature")
    genre: Literal["one_hot"] | None = Field(None, description="condition; makes the task label-informed")


class TaskConfig(_Section):
    """`conf/tasks/<task>.yaml`: one representation."""

    description: str = Field("", description="one line on what the task does")
    blocks: BlocksConfig = BlocksConfig()
    fusion: Literal["concatenate", "balanced"] = Field(
        "balanced", description="join blocks as they are, or at equal total variance"
    )
    model: PrincipalComponentsConfig | AutoencoderConfig = Field(discriminator="name")


# DVC reads these files too, and misses a key that is not there.
SPELLED_OUT = (DataConfig, FeaturesConfig)
Config = TypeVar("Config", bound=BaseModel)


def load_config(model: type[Config], path: Path) -> Config:
    """Read and check one conf file.

    Parameters
    ----------
    model : type
        One of this module's configuration classes.
    path : Path
        The YAML file.

    Raises
    ------
    ConfigError
        If the file is missing or no mapping, or a key or a value is not allowed; the message names the file, the key,
        what came, what was expected and the nearest right spelling.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        known = [other.stem for other in path.parent.glob("*.yaml")]
        raise ConfigError(f"no file {path}: {did_you_mean(path.stem, known)}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path.name} cannot be read ({error}); it needs to be a UTF-8 text file") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path.name} is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(content or {}, dict):
        raise ConfigError(f"{path.name} holds a {type(content).__name__}; it needs one 'key: value' a line")
    if lacking := [key for key in model.model_fields if key not in (content or {})] if model in SPELLED_OUT else []:
        raise ConfigError(f"{path.name} lacks {', '.join(lacking)}; write them, or: git checkout conf/{path.name}")
    return parse_config(model, content or {}, where=path.name)


def parse_config(model: type[Config], content: dict[str, Any], *, where: str) -> Config:
    """Check a mapping against a configuration class; see `load_config`.

    Parameters
    ----------
    model : type
        One of this module's configuration classes.
    content : dict
        Plain values.
    where : str
        What the message calls the origin of the values.
    """
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise ConfigError(_explain(model, error.errors()[0], where)) from error


def _explain(model: type[BaseModel], detail: ErrorDetails, where: str) -> str:
    # pydantic puts the tag of a discriminated union into the location; users do not write it.
    parts = [str(part) for part in detail["loc"] if part not in ("pca", "autoencoder")]
    key = ".".join(parts)
    if detail["type"] == "extra_forbidden":
        return f"{where}: unknown key {key!r}; {did_you_mean(parts[-1], _siblings(model, detail['loc']))}"
    if detail["type"] == "union_tag_invalid":
        return f"{where}: {key}.name={detail['ctx']['tag']!r}; expected one of {detail['ctx']['expected_tags']}"
    if detail["type"] == "value_error":
        return f"{where}: {detail['ctx']['error']}"
    message = (detail["msg"][0].lower() + detail["msg"][1:]).replace("tuple", "list")
    hint = ""
    if detail["type"] == "literal_error":
        hint = f"; {did_you_mean(str(detail['input']), _literals(detail['ctx']['expected']))}"
    return f"{where}: {key}={detail['input']!r}: {message}{hint}"


def _literals(expected: str) -> list[str]:
    return [word.strip(" '") for word in expected.replace(" or ", ",").split(",")]


def _siblings(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    tagged: dict[str | int, type[BaseModel]] = {"pca": PrincipalComponentsConfig, "autoencoder": AutoencoderConfig}
    for part in location[:-1]:
        if part in tagged:
            model = tagged[part]
        else:
            annotation = model.model_fields[str(part)].annotation
            model = annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else model
    return list(model.model_fields)
