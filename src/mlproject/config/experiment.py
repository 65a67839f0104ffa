"""`conf/experiment.yaml`: which tasks `dvc repro` runs; dvc.yaml reads the same file."""

from typing import Literal

from pydantic import Field

from mlproject.config.section import Section

__all__ = ["ExperimentConfig", "TaskInputs"]

AUDIO, AUDIO_AND_LYRICS = "artifacts/features/audio", "artifacts/features"


class TaskInputs(Section):
    """What DVC looks at to see whether a task is stale: the folder of the features that it reads."""

    features: Literal["artifacts/features/audio", "artifacts/features"] = Field(
        description="artifacts/features/audio, or artifacts/features for a task that reads lyrics too"
    )

    @property
    def reads_lyrics(self) -> bool:
        """Whether the folder holds lyrics beside audio."""
        return self.features == AUDIO_AND_LYRICS

    @property
    def other(self) -> str:
        """The folder that it could have been."""
        return AUDIO if self.reads_lyrics else AUDIO_AND_LYRICS


class ExperimentConfig(Section):
    """`conf/experiment.yaml`: the one list of tasks that `dvc repro` trains, evaluates and compares."""

    tasks: dict[str, TaskInputs] = Field(min_length=1, description="name of each task and the features that it reads")
