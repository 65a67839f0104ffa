"""`conf/tasks/<task>.yaml`: one representation."""

from typing import Any, Literal, Self

from pydantic import Field, ModelWrapValidatorHandler, SerializerFunctionWrapHandler, model_serializer, model_validator

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

    @model_validator(mode="wrap")
    @classmethod
    def _every_key_is_read(cls, given: object, read: ModelWrapValidatorHandler[Self]) -> Self:
        """Refuse what a file sets and nothing reads. Code may share one model section among tasks of other blocks."""
        task = read(given)
        # A mapping comes from a file or a command line; sections that come as objects were checked on their own.
        model = given.get("model") if isinstance(given, dict) else None
        for key, reason in task.unread_keys().items() if isinstance(model, dict) else ():
            if model and key in model:
                raise ValueError(f"nothing reads model.{key}, since {reason}; take it out")
        return task

    @model_serializer(mode="wrap")
    def _without_unread_keys(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        values: dict[str, Any] = write(self)
        for key in self.unread_keys() if isinstance(values.get("model"), dict) else ():
            values["model"].pop(key, None)
        return values

    def unread_keys(self) -> dict[str, str]:
        """Return the keys of the model's section that this task does not read, and why."""
        return self.model.unread_keys(lyrics=self.blocks.lyrics is not None, genre=self.blocks.genre is not None)
