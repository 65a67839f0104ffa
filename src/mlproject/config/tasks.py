"""`conf/tasks/<task>.yaml`: one representation."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mlproject.config.models import ModelConfig
from mlproject.config.section import Section

__all__ = ["BlocksConfig", "TaskConfig"]


class BlocksConfig(Section):
    """Which column blocks a task reads; absent ones are null."""

    audio: Literal["mfcc", "statistics"] = Field("mfcc", description="audio feature")
    lyrics: Literal["embedding"] | None = Field(None, description="lyric feature")
    genre: Literal["one_hot"] | None = Field(None, description="condition; makes the task label-informed")


class TaskConfig(Section):
    """`conf/tasks/<task>.yaml`: one representation."""

    description: str = Field("", description="one line on what the task does")
    blocks: BlocksConfig = BlocksConfig()
    fusion: Literal["concatenate", "balanced"] = Field(
        "balanced", description="join blocks as they are, or at equal total variance"
    )
    tuned_on_labels: bool = Field(
        False, description="hyper-parameters were chosen by scores against the genres; makes the task label-informed"
    )
    model: ModelConfig = Field(discriminator="name")
