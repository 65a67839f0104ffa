"""What folders of tasks and of evaluations have in common: a record that is read once, or the reason for none."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Generic, Self, TypeVar

from mlproject.errors import NotApplicableError
from mlproject.files import write_json
from mlproject.results.record import NotApplicable, Record, read_record

__all__ = ["Output"]

Finished = TypeVar("Finished", bound=Record)


@dataclass(frozen=True)
class Output(Generic[Finished]):
    """A folder of results; each file is read when it is asked for, and once. A damaged one raises `ResultError`."""

    folder: Path
    written: Finished | NotApplicable | None = None  # its record, where that is known already

    FILE: ClassVar[str]
    KIND: ClassVar[type[Record]]

    @cached_property
    def _content(self) -> Record | NotApplicable:  # cached: the one read of the file
        return self.written or read_record(self.folder / self.FILE, self.KIND)  # a writer knows what it wrote

    @classmethod
    def write_reason(cls, folder: Path, *, name: str, corpus: str, reason: str) -> Self:
        """Write the output of what the corpus lacks an input for: the reason alone."""
        output = cls(folder, NotApplicable(task=name, corpus=corpus, reason=reason))
        output.write_record()
        return output

    def write_record(self) -> None:
        """Write the record to its file."""
        write_json(self.folder / self.FILE, self._content.model_dump(mode="json"))

    @property
    def record(self) -> Finished:
        """What was found out; raises `NotApplicableError` where nothing could be."""
        if isinstance(self._content, NotApplicable):
            raise NotApplicableError(f"{self.name} is not applicable: {self._content.reason}")
        return self._content  # type: ignore[return-value]  # of the class that KIND names

    @property
    def not_applicable(self) -> NotApplicable | None:
        """Why there is no result, if there is none."""
        return self._content if isinstance(self._content, NotApplicable) else None

    @property
    def finished(self) -> bool:
        """Whether there is a result."""
        return self.not_applicable is None

    @property
    def name(self) -> str:
        """The task's name."""
        return self._content.task
