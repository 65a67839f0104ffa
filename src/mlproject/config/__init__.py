"""One pydantic model a conf file: the field is the range, the help text and the default.

`data`, `evaluation`, `models` and `tasks` hold the sections; `loading` reads and checks the files.
`mlproject.config.overrides` changes single values of them.
"""

from mlproject.config.data import AudioConfig, DataConfig, FeaturesConfig, LyricsConfig
from mlproject.config.evaluation import ClustererName, EvaluationConfig
from mlproject.config.loading import load_config, parse_config
from mlproject.config.models import (
    AutoencoderConfig,
    ConvVaeConfig,
    CvaeConfig,
    DeepConfig,
    ModelConfig,
    MvaeConfig,
    PrincipalComponentsConfig,
    VaeConfig,
)
from mlproject.config.study import ObjectiveName, ParameterRange, SamplerName, StudyConfig
from mlproject.config.tasks import BlocksConfig, TaskConfig

__all__ = [
    "AudioConfig",
    "AutoencoderConfig",
    "BlocksConfig",
    "ClustererName",
    "ConvVaeConfig",
    "CvaeConfig",
    "DataConfig",
    "DeepConfig",
    "EvaluationConfig",
    "FeaturesConfig",
    "LyricsConfig",
    "ModelConfig",
    "MvaeConfig",
    "ObjectiveName",
    "ParameterRange",
    "PrincipalComponentsConfig",
    "SamplerName",
    "StudyConfig",
    "TaskConfig",
    "VaeConfig",
    "load_config",
    "parse_config",
]
