"""`conf/data.yaml`: which tracks; `conf/features.yaml`: what is computed from each."""

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from mlproject.config.section import Section

__all__ = ["AudioConfig", "DataConfig", "FeaturesConfig", "LyricsConfig"]


class DataConfig(Section):
    """`conf/data.yaml`: which tracks."""

    spelled_out: ClassVar = True

    corpus: Literal["demo", "gtzan", "folder", "table"] = Field("demo", description="kind of corpus")
    root: str | None = Field(
        None, description="folder or archive of the music, or table of features; none for the demo"
    )
    labels: Literal["auto", "folder", "none"] = Field(
        "auto", description="folder: sub-folders are genres, auto where they look like it; none: genres are not used"
    )
    label_column: str | None = Field(
        None, description="table: the column of genres, where it is not called genre or label"
    )
    artists: str | None = Field(None, description="CSV or parquet with track_id and artist or artist_group")
    tracks_per_genre: int | None = Field(40, ge=1, description="tracks per genre; null takes all")
    sample_seed: int = Field(0, ge=0, description="seed of the choice of tracks")
    exclude_faults: bool = Field(True, description="gtzan, table: leave out duplicates and corrupt tracks")
    clip_seconds: float = Field(30.0, gt=0.99, le=600, description="length of audio used of each track, s")
    sample_rate: int = Field(22050, ge=16000, le=96000, description="sampling rate that all audio is brought to, Hz")

    @model_validator(mode="after")
    def _paths_fit_the_corpus(self) -> Self:
        if self.root == "":
            raise ValueError("root is empty; give a folder, an archive or a table, or null")
        if self.label_column is not None and self.corpus != "table":
            raise ValueError(f"label_column is {self.label_column!r}; it is for corpus: table alone, so set it to null")
        if self.artists == "":
            raise ValueError("artists is empty; give a CSV or parquet, or null")
        if self.corpus == "demo" and self.root is not None:
            raise ValueError(
                f"root is {self.root!r}, but corpus is 'demo', which has none: set corpus to gtzan, folder or table"
            )
        return self


class AudioConfig(Section):
    """`audio` of `conf/features.yaml`: frames and statistics, with librosa's names."""

    n_mfcc: int = Field(20, ge=2, le=128, description="number of mel-frequency cepstral coefficients")
    n_fft: int = Field(2048, ge=256, le=16384, description="length of the analysis window, samples")
    hop_length: int = Field(512, ge=16, le=4096, description="samples between two frames")
    n_mels: int = Field(128, ge=32, le=512, description="number of mel bands")

    @model_validator(mode="after")
    def _bands_for_all_coefficients(self) -> Self:
        if self.n_mfcc > self.n_mels:
            raise ValueError(
                f"n_mfcc is {self.n_mfcc} and n_mels {self.n_mels}; as many bands as coefficients are needed"
            )
        return self


class LyricsConfig(Section):
    """`lyrics` of `conf/features.yaml`: where words come from and what encodes them."""

    source: Literal["corpus", "themes", "file", "asr", "none"] = Field(
        "corpus", description="where the words come from"
    )
    file: str | None = Field(None, description="source: file - CSV or parquet with track_id and text")
    model: str = Field("packaged", description="packaged all-MiniLM-L6-v2, or a sentence-transformers name or folder")
    asr_model: str = Field("openai/whisper-tiny", description="source: asr - a speech recognition model or folder")

    @model_validator(mode="after")
    def _file_needs_a_path(self) -> Self:
        if (self.source == "file") != (self.file is not None):
            raise ValueError(
                f"source is {self.source!r} and file is {self.file!r}; source: file needs a path, the others file: null"
            )
        return self


class FeaturesConfig(Section):
    """`conf/features.yaml`: what is computed from each track."""

    spelled_out: ClassVar = True

    audio: AudioConfig = AudioConfig()
    lyrics: LyricsConfig = LyricsConfig()
